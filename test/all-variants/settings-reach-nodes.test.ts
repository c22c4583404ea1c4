import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { buildApp } from '../../lib/app';
import { PHASES } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { ConfigurationError } from '../../lib/config/configuration-error';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { settingsSchema } from '../../lib/config/schema';
import { isReadAtBoot } from '../../lib/facts/boot-parameters';
import { cdkContext } from '../cdk-context';
import { WITH_DOMAIN } from '../variants';

type Context = Readonly<Record<string, string>>;

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:other-AbCdEf';

/** Other values for keys for which none can be made from what they allow, with what they need beside them. */
const OTHERWISE: Readonly<Record<string, string | Context>> = {
  region: 'eu-west-1',
  'network.cidr': '10.9.0.0/16',
  'network.availabilityZones': 'us-east-1b,us-east-1c,us-east-1d',
  'network.interfaceEndpoints': 'ec2',
  'domain.name': WITH_DOMAIN,
  'domain.hostedZoneId': { ...WITH_DOMAIN, 'domain.hostedZoneId': 'ZZZZZZZZZZ' },
  'domain.hostedZoneName': { ...WITH_DOMAIN, 'domain.hostedZoneName': WITH_DOMAIN['domain.name'] ?? '' },
  'domain.email': WITH_DOMAIN,
  accepted:
    '[{"rule":"data-removed","resource":"staging-data/Any","reason":"nobody reads it any more","until":"2099-12-31"}]',
  'release.uri': 's3://releases.example/app-2.0.0.tar.gz',
  'release.architecture': {
    'release.architecture': 'arm64',
    'box.instanceType': 'c7g.large',
    'app.instanceType': 'c7g.xlarge',
    'workers.instanceType': 'c7g.large',
  },
  'release.environmentSecret': SECRET,
  'box.sshFrom': '203.0.113.0/24',
  'app.placement': { 'app.placement': 'cluster', 'app.instanceType': 'c7i.xlarge' },
  'app.healthPath': '/well',
  'edge.originPrefixList': 'pl-0123456789abcdef0',
  'database.class': 'db.r7g.xlarge',
  'database.replicaClass': 'db.r7g.xlarge',
  'database.engineVersion': '17.10',
  'database.replicaEngineVersion': '17.10',
  'database.name': 'other',
  'cache.class': 'cache.r7g.xlarge',
  'scaling.schedule': '[{"name":"evening","cron":"0 18 * * *","minNodes":2,"maxNodes":4}]',
  'delivery.sourceKey': 'source/other.zip',
  'delivery.connectionArn': {
    'delivery.source': 'git',
    'delivery.connectionArn':
      'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef',
    'delivery.repository': 'example/app',
  },
  'delivery.repository': {
    'delivery.source': 'git',
    'delivery.connectionArn':
      'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef',
    'delivery.repository': 'example/other',
  },
  'delivery.branch': 'other',
  'alerts.emails': 'other@example.com',
  'alerts.pagerDutySecret': SECRET,
  'alerts.slackWorkspaceId': { 'alerts.slackWorkspaceId': 'T0123ABCD', 'alerts.slackChannelId': 'C0123ABCD' },
  'alerts.slackChannelId': { 'alerts.slackWorkspaceId': 'T0123ABCD', 'alerts.slackChannelId': 'C0123ABCD' },
  'alerts.sentrySecret': SECRET,
  'operations.trail': 'none',
  'operations.organizationId': { 'operations.trail': 'organization', 'operations.organizationId': 'o-a1b2c3d4e5' },
  'operations.copyRegion': 'eu-central-1',
  'operations.playbook': 's3://books.example/site.zip',
  queues: '{"reports":{}}',
  uploadsQueue: 'jobs',
  schedules: '{"nightly":{"expression":"rate(1 day)","queue":"jobs"}}',
  'workers.mailIdentities': 'shop.example',
  'pressure.lowPriorityPaths': '/slow',
  'data.functions': '{"billing":{}}',
  'data.sharding.engineVersion': '17.10',
  'data.tables': '{"visits":{"partitionKey":"visitor"}}',
  'data.readModels': '{"visits-by-day":{"from":"events","partitionKey":"day"}}',
  'data.documents.class': 'db.r6g.xlarge',
};

/** Every key of a configuration that has a value of its own, with what it allows. */
function leaves(
  schema: z.core.JSONSchema.BaseSchema,
  path: readonly string[] = [],
): [string, z.core.JSONSchema.BaseSchema][] {
  const { properties } = schema;
  if (properties === undefined) return [[path.join('.'), schema]];
  return Object.entries(properties).flatMap(([name, inner]) =>
    typeof inner === 'boolean' ? [] : leaves(inner, [...path, name]),
  );
}

const KEYS = leaves(z.toJSONSchema(settingsSchema, { io: 'input' })).filter(
  ([key]) => !['$schema', 'phase', 'environment'].includes(key),
);

/** What a key is set to instead of what it is. */
function otherwise(
  key: string,
  { enum: values, type, maximum }: z.core.JSONSchema.BaseSchema,
  now: unknown,
): Context[] {
  const own = OTHERWISE[key];
  if (own !== undefined) return [typeof own === 'string' ? { [key]: own } : own];
  if (values !== undefined) {
    return values.filter((value) => value !== now).map((value): Context => ({ [key]: String(value) }));
  }
  if (type === 'boolean') return [{ [key]: String(now !== true) }];
  const number = Number(now ?? 1);
  return [number + 1, number - 1, number * 2]
    .filter((value) => maximum === undefined || value <= maximum)
    .map((value) => ({ [key]: String(value) }));
}

interface Built {
  /** Published parameter, below the environment -> its value, a reference as CloudFormation writes it. */
  readonly published: ReadonlyMap<string, string>;
  /** Role of a fleet -> its launch template. */
  readonly fleets: ReadonlyMap<string, string>;
}

/** Where the launch template of each role stands; their tags are there only after a synthesis. */
const ROLES = [
  { name: 'box', path: /-app\/Box\// },
  { name: 'app', path: /-app\/Tiers\/App\// },
  { name: 'web', path: /-app\/Tiers\/Web\// },
  { name: 'worker', path: /-workers\// },
  { name: 'mover', path: /-app\/Mover\// },
];

/** What an environment is made of, as far as nodes and what they read go. Not synthesised: that takes four times as long. */
function built(context: Context): Built {
  const app = new App({ context: cdkContext(), analyticsReporting: false });
  buildApp(app, readConfiguration({ context, directory: CONFIGURATION_DIRECTORY }));
  const [published, fleets] = [new Map<string, string>(), new Map<string, string>()];
  for (const construct of app.node.findAll()) {
    if (construct instanceof ssm.CfnParameter && construct.name?.startsWith('/beamstalk/')) {
      const value = JSON.stringify(Stack.of(construct).resolve(construct.value));
      published.set(construct.name.split('/').slice(3).join('/'), value);
    }
    if (construct instanceof ec2.CfnLaunchTemplate) {
      const data = JSON.stringify(Stack.of(construct).resolve(construct.launchTemplateData));
      const [role] = ROLES.filter((one) => construct.node.path.match(one.path));
      if (role !== undefined) fleets.set(role.name, data);
    }
  }
  return { published, fleets };
}

function unreached(before: Built, after: Built): string[] {
  const names = new Set([...before.published.keys(), ...after.published.keys()]);
  const changed = [...names].filter((name) => before.published.get(name) !== after.published.get(name));
  return [...before.fleets].flatMap(([role, launchTemplate]) =>
    after.fleets.get(role) === launchTemplate
      ? changed.filter((name) => isReadAtBoot(role, name)).map((name) => `${role}: ${name}`)
      : [],
  );
}

/** What publishes something at all. The others are tried where an environment is quickly built: a key takes seconds later. */
const PUBLISHING =
  /^(domain|release|ingress|web\.enabled|alerts\.sentry|database\.name|delivery\.mode|queues|data\.(functions|tables|readModels|sharding\.engine|\w+\.enabled))/;
const ALL_KEYS_AT = [0, 2];

/** Minutes for each of the others: `npm run test:settings` tries every phase, the gate the two with every key. */
const TRIED = PHASES.map(({ number }) => number).filter(
  (number) => process.env['EVERY_PHASE'] === 'true' || ALL_KEYS_AT.includes(number),
);

test.each(TRIED)(
  'at phase %i every setting that nodes read at boot rolls the fleets that read it',
  { timeout: 300_000 },
  (phase) => {
    const context = { env: 'staging', phase: String(phase) };
    const now = readConfiguration({ context, directory: CONFIGURATION_DIRECTORY });
    const before = built(context);
    expect(before.fleets.size).toBeGreaterThan(0);
    const [tried, missed]: [string[], string[]] = [[], []];
    const keys = KEYS.filter(([key]) => ALL_KEYS_AT.includes(phase) || PUBLISHING.test(key));
    for (const [key, schema] of keys) {
      const current = key.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown>)?.[part], now);
      for (const change of otherwise(key, schema, current)) {
        try {
          missed.push(...unreached(before, built({ ...context, ...change })).map((one) => `${key} -> ${one}`));
          tried.push(key);
          break;
        } catch (error) {
          // Not alone, or not at this phase.
          if (!(error instanceof ConfigurationError)) throw error;
        }
      }
    }
    expect(missed).toEqual([]);
    const untried = keys.map(([key]) => key).filter((key) => !tried.includes(key));
    expect(untried).toEqual([]);
  },
);
