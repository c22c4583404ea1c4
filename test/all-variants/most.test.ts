import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MOST_QUEUES, MOST_SCHEDULES } from '../../lib/config/asynchronous-checks';
import { MOST_EMAILS, MOST_SIZES } from '../../lib/config/automation-settings';
import { CDK_JSON } from '../../lib/config/directory';
import { MOST_FUNCTIONS, MOST_REPLICAS, MOST_WATCHED } from '../../lib/config/extreme-checks';
import { MOST_TABLES } from '../../lib/config/sharding-checks';
import { synthesise } from '../../lib/synthesis';
import type { CloudFormationTemplate } from '../cdk-context';
import { folderWith } from '../config/configuration-folder';
import { WITH_DOMAIN } from '../variants';

type Templates = Readonly<Record<string, CloudFormationTemplate>>;

/** As long as the name of an environment may be. */
const ENVIRONMENT = 'an-environment-of-20';

/**
 * What a template may have.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (2026-11-20)
 */
const LIMITS = { resources: 500, outputs: 200, bytes: 1_000_000 };

/** Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (2026-11-21) */
const MANAGED_POLICY = 6144;

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (2026-11-21) */
const ENVIRONMENT_BYTES = 4096;

/** Things by names of 30 characters. */
function many<Thing>(count: number, prefix: string, thing: (at: number) => Thing): Record<string, Thing> {
  const name = (at: number): string => `${prefix.padEnd(26, 'x')}-${String(at).padStart(3, '0')}`;
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), thing(at)]));
}

/** As much of everything as the configuration takes. */
function everything(queues: object, readModels: number): object {
  const tables = many(MOST_TABLES - readModels, 'table', () => ({ partitionKey: 'id:S' }));
  const names = Object.keys(tables);
  const [queue] = Object.keys(queues);
  const replicas = MOST_REPLICAS / MOST_FUNCTIONS;
  return {
    network: { egress: 'gateway', natGateways: 3 },
    database: { replicas: MOST_WATCHED - MOST_FUNCTIONS },
    cache: { replicas: 5 },
    scaling: {
      schedule: Array.from({ length: MOST_SIZES }, (_, at) => ({ name: `at-${at}`, cron: '0 18 * * *', minNodes: 2 })),
    },
    alerts: {
      emails: Array.from({ length: MOST_EMAILS }, (_, at) => `ops-${at}@example.com`),
      pagerDutySecret: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:pagerduty-AbCdEf',
      slackWorkspaceId: 'T0123ABCD',
      slackChannelId: 'C0123ABCD',
    },
    operations: {
      trail: 'organization',
      organizationId: 'o-a1b2c3d4e5',
      copyRegion: 'eu-west-1',
      restoreTests: true,
      playbook: 's3://books.example/site.zip',
      goldenImages: 'use',
    },
    queues: { jobs: null, mail: null, media: null, ...queues },
    schedules: many(MOST_SCHEDULES, 'schedule', () => ({ expression: 'rate(1 hour)', queue })),
    data: {
      functions: { users: null, catalogue: null, forum: null, ...many(MOST_FUNCTIONS, 'part', () => ({ replicas })) },
      tables: { events: null, ...tables },
      readModels: {
        'events-by-kind': null,
        ...many(readModels, 'model', (at) => ({ from: names[at % names.length], partitionKey: 'kind:S' })),
      },
      documents: { enabled: true, instances: 16 },
      wideColumns: { enabled: true },
      graph: { enabled: true, instances: 16 },
    },
  };
}

function templatesOf(content: object): Templates {
  const directory = folderWith(content);
  renameSync(join(directory, 'test.json'), join(directory, `${ENVIRONMENT}.json`));
  const context = { env: ENVIRONMENT, phase: '6', from: '5', ...WITH_DOMAIN };
  return synthesise({ context, directory, cdkJson: CDK_JSON }).templates as Templates;
}

/** A value of a template as it will be written, with the longest names that CloudFormation makes and the longest ARNs. */
function written(templates: Templates, stack: string, value: unknown): unknown {
  const inside = (inner: unknown): unknown => written(templates, stack, inner);
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::GetStackOutput': output } = value as Intrinsic;
  if (Ref !== undefined) return PSEUDO[Ref] ?? nameOf(templates, stack, Ref);
  if (attribute !== undefined) return `${ARN}table/${nameOf(templates, stack, attribute[0])}`;
  if (join !== undefined) return join[1].map(inside).join(join[0]);
  if (output !== undefined) {
    const outputs = templates[output.StackName]?.['Outputs'] as Record<string, { Value: unknown }> | undefined;
    return written(templates, output.StackName, outputs?.[output.OutputName]?.Value);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inside(inner)]));
}

interface Intrinsic {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly [string, string];
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  readonly 'Fn::GetStackOutput'?: { readonly StackName: string; readonly OutputName: string };
}

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'us-gov-west-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
};
const ARN = 'arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:';

/** The name that a resource has or gets: its stack, its logical id and a dozen letters. */
function nameOf(templates: Templates, stack: string, id: string): string {
  const { AlarmName, Name } = templates[stack]?.Resources[id]?.Properties ?? {};
  const name: unknown = AlarmName ?? Name;
  return typeof name === 'string' ? name : `${stack}-${id}-ABCDEFGHIJKL`;
}

const FOR_LAMBDA = many(MOST_QUEUES, 'queue', () => ({ worker: 'lambda' }));
const FOR_BOTH = {
  ...many(MOST_QUEUES / 2, 'queue', () => ({ worker: 'lambda' })),
  ...many(MOST_QUEUES / 2, 'work', () => ({ worker: 'fleet' })),
};

describe.each([
  ['all queues for Lambda, tables only', FOR_LAMBDA, 0],
  ['queues of both kinds, a read model for each table', FOR_BOTH, MOST_TABLES / 2],
])('as much of everything as there may be: %s', (_, queues, readModels) => {
  test('fits', () => {
    const templates = templatesOf(everything(queues, readModels));
    const policies: number[] = [];
    const environments: number[] = [];
    for (const [stack, template] of Object.entries(templates)) {
      const counts = {
        resources: Object.keys(template.Resources).length,
        outputs: Object.keys(template['Outputs'] ?? {}).length,
        bytes: JSON.stringify(template, null, 1).length,
      };
      for (const [what, count] of Object.entries(counts)) {
        expect(count, `${what} of ${stack}`).toBeLessThanOrEqual(0.8 * LIMITS[what as keyof typeof counts]);
      }
      for (const { Type, Properties = {} } of Object.values(template.Resources)) {
        const size = (value: unknown): number => JSON.stringify(written(templates, stack, value)).length;
        if (Type === 'AWS::IAM::ManagedPolicy') policies.push(size(Properties['PolicyDocument']));
        if (Type === 'AWS::Lambda::Function') environments.push(size(Properties['Environment']?.Variables ?? {}));
      }
    }
    expect(policies.length).toBeGreaterThan(0);
    expect(Math.max(...policies)).toBeLessThanOrEqual(MANAGED_POLICY);
    // The one that grows with queues is there, and is not far from the limit.
    expect(Math.max(...environments)).toBeGreaterThan(ENVIRONMENT_BYTES / 2);
    expect(Math.max(...environments)).toBeLessThanOrEqual(ENVIRONMENT_BYTES);
  }, 60_000);
});
