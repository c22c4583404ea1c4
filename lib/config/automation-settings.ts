import { z } from 'zod';
import { MOST } from './bounds';
import { wrongInUnixCron } from './cron';
import { flag, integer, listOfDifferent, oneOf, secretArn, text } from './fields';
import { timeZone } from './time-zone';

const CRON = 'a cron expression of five fields such as 0 18 * * *';

/**
 * Scheduled actions of one Auto Scaling group are at most 125, whoever makes them.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html (2026-11-21)
 */
export const MOST_SIZES = 100;

/** Each is a subscription to two topics. A mailing list reaches more. */
export const MOST_EMAILS = 5;

const scheduled = z
  .strictObject({
    name: text(/^[a-z][a-z0-9-]{0,29}$/, 'a name in lower case such as evening', 'Name of the scheduled action.'),
    cron: z
      .string(CRON)
      .refine((fields) => wrongInUnixCron(fields) === undefined, {
        error: ({ input }) => `${CRON}: ${wrongInUnixCron(String(input))}`,
      })
      .describe('When, minute to day of week.'),
    timeZone: timeZone('Zone of cron.').default('Etc/UTC'),
    minNodes: integer(1, MOST.nodes, 'Least number of app nodes from then on.'),
    maxNodes: integer(1, MOST.nodes, 'Greatest number of app nodes from then on.').optional(),
  })
  .describe('A change of the size of the app fleet at a time known before.');

const scaling = z
  .strictObject({
    cpuPercent: integer(10, 90, 'Average CPU of a fleet that scaling holds, per cent.'),
    requestsPerNode: integer(1, 10_000_000, 'Requests per node and minute that scaling holds (ingress http).'),
    connectionsPercent: integer(
      5,
      95,
      'Share of the connection budget of a node that scaling holds, per cent (ingress sockets).',
    ),
    latencyMs: integer(
      5,
      60_000,
      'Response time at the load balancer from which nodes are added in steps, milliseconds.',
    ),
    schedule: z
      .array(scheduled, 'a list of scheduled sizes')
      .max(MOST_SIZES, `a list of at most ${MOST_SIZES} scheduled sizes`)
      .describe('Sizes of the app fleet at times known before.'),
    predictive: oneOf(
      ['off', 'forecast', 'scale'],
      'Predictive scaling: off, forecast only to compare with what comes, or forecast and scale.',
    ),
    warmNodes: integer(0, 100, 'Stopped app nodes kept ready in a warm pool.'),
  })
  .describe('How fleets follow their load (phase 4 and later).');

const delivery = z
  .strictObject({
    source: oneOf(
      ['none', 's3', 'git'],
      'Where the pipeline takes the source of the release from: nowhere (no pipeline), an object in the bucket for releases, or a Git connection.',
    ),
    sourceKey: text(
      /^source\/[A-Za-z0-9._/-]{1,200}\.zip$/,
      'the key of a .zip object below source/',
      'Object in the bucket for releases.',
    ),
    connectionArn: text(
      /^arn:aws[a-z-]*:code(connections|star-connections):[a-z0-9-]+:\d{12}:connection\/[0-9a-f-]{36}$/,
      'the ARN of a connection of CodeConnections',
      'Connection to the Git host, made and approved by hand once.',
    ).optional(),
    repository: text(/^[\w.-]+\/[\w.-]+$/, 'owner/name', 'Repository behind the connection.').optional(),
    branch: text(/^[\w./-]{1,200}$/, 'the name of a branch', 'Branch that is built.'),
    mode: oneOf(
      ['rolling', 'blue-green', 'hot'],
      'How a release reaches the nodes: in place with drain, on new nodes beside the old, or as a hot code upgrade.',
    ),
    rollout: oneOf(['one', 'half', 'all'], 'How many nodes take a release at once.'),
    buildMinutes: integer(5, 480, 'Longest time for a build, minutes.'),
  })
  .describe('How a release is built and reaches the nodes (phase 4 and later).');

const email = text(/^[^@\s']+@[^@\s']+\.[^@\s']+$/, 'an e-mail address', 'Address');

const alerts = z
  .strictObject({
    emails: listOfDifferent(email, 'a list of e-mail addresses')
      .max(MOST_EMAILS, `a list of at most ${MOST_EMAILS} e-mail addresses`)
      .describe('Who gets an e-mail when an alarm calls.'),
    pagerDutySecret: secretArn(
      'Secret that holds the integration URL of PagerDuty (CloudWatch integration) as plain text. Outside of us-east-1 it needs a replica there.',
    ).optional(),
    slackWorkspaceId: text(
      /^T[A-Z0-9]{8,12}$/,
      'a Slack workspace id such as T0123ABCD',
      'Slack workspace.',
    ).optional(),
    slackChannelId: text(/^C[A-Z0-9]{8,12}$/, 'a Slack channel id such as C0123ABCD', 'Slack channel.').optional(),
    sentrySecret: secretArn('Secret that holds the Sentry DSN of the release as plain text.').optional(),
    latencyMs: integer(5, 60_000, 'p99 response time above which users are held to be unwell, milliseconds.'),
    errorPercent: integer(1, 50, 'Share of answers of the 5xx kind above which users are held to be unwell, per cent.'),
  })
  .describe('Whom alarms call and from which threshold on (phase 4 and later).');

const operations = z
  .strictObject({
    budgetUSD: integer(1, 100_000_000, 'Monthly budget, US dollars.'),
    trail: oneOf(
      ['none', 'account', 'organization'],
      'CloudTrail: none (there is one already), or one for this account or its organization.',
    ),
    organizationId: text(
      /^o-[a-z0-9]{10,32}$/,
      'an organization id such as o-a1b2c3d4e5',
      'For trail organization.',
    ).optional(),
    backupDays: integer(7, 3650, 'Days for which daily backups are kept in the vault.'),
    backupMonths: integer(1, 120, 'Months for which monthly backups are kept in the vault.'),
    vaultLock: oneOf(
      ['none', 'governance', 'compliance'],
      'Lock of the backup vault. Compliance can be lifted by nobody, AWS included, once three days have passed.',
    ),
    copyRegion: text(
      /^[a-z]{2}(-[a-z]+)+-\d$/,
      'a region name such as eu-west-1',
      'Region that gets a copy of each backup.',
    ).optional(),
    restoreTests: flag('Whether AWS restores a backup each month to see that it can be.'),
    playbook: text(
      /^(none|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[A-Za-z0-9._/-]{1,500}\.zip)$/,
      'none, or an s3://bucket/key.zip',
      'Ansible playbooks (a zip with site.yml) that State Manager applies to every node.',
    ),
    goldenImages: oneOf(
      ['none', 'bake', 'use'],
      'Golden images: none, baked each week, or baked and used by nodes. Use them once the first is baked, no sooner.',
    ),
  })
  .describe('How the system is kept (phase 4 and later).');

/** Settings of phase 4. */
export const automation = { scaling, delivery, alerts, operations };
