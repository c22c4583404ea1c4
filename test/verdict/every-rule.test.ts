import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import type { Climb } from '../../lib/climb/climb';
import type { Template, Templates } from '../../lib/template/template';
import { RULES } from '../../lib/verdict/rules';
import { verdictOf } from '../../lib/verdict/verdict';
import { HAZARDS, OF_THE_BOX } from './hazards';
import { given, set } from './hazards-of-one-update';
import { Planted } from './planted';

type Severity = 'note' | 'needs-migration' | 'refused';

/** Something that a rule must find, and its neighbour of which it must say nothing. */
interface Pair {
  readonly rule: string;
  readonly name: string;
  readonly severity: Severity;
  readonly found: () => Found;
  readonly neighbour: () => Found;
}

type Found = ReturnType<typeof verdictOf>['findings'];

const judged = (before: unknown, after: unknown, climb?: Climb): Found =>
  verdictOf(before as Templates, after as Templates, climb).findings;

/** Findings about something planted into production at phase 3, over something that stands there before. */
function planted(plant: (after: Planted) => void, base: (both: Planted) => void = () => {}): Found {
  const before = Planted.prod();
  base(before);
  const after = before.copy();
  plant(after);
  return judged(before.templates, after.templates);
}

const climb = (before: Climb['before'], after: Climb['after']): Climb => ({
  environment: 'prod',
  before,
  after,
  phases: PHASES,
});

const stack = (Resources: Template['Resources'], Outputs: object = {}) => ({ Resources, Outputs });

const VOLUME = { Type: 'AWS::EC2::Volume', DeletionPolicy: 'Retain', Properties: { Encrypted: true } };
const withVolume = { data: stack({ BoxDataVolume: VOLUME }) };
const DATABASE = { Type: 'AWS::RDS::DBInstance', DeletionPolicy: 'Retain', Properties: { StorageEncrypted: true } };
const withDatabase = { data: stack({ DatabaseInstanceAA8A5FDE: DATABASE }) };
const without = { data: stack({}) };

const cluster = (number: number) => ({ [`ShardsCluster${number}Cluster0`]: { Type: 'AWS::RDS::DBCluster' } });
const shards = (...numbers: number[]) => ({ data: stack(Object.assign({}, ...numbers.map(cluster))) });

/** Two stacks: `edge` reads an output of `app`, by the resource that carries the given logical id there. */
const pointing = (id: string, type = 'AWS::CloudFront::Distribution') => ({
  app: stack({ [id]: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer' } }, { [id]: { Value: { Ref: id } } }),
  edge: stack({
    User: { Type: type, Properties: { X: { 'Fn::GetStackOutput': { StackName: 'app', OutputName: id } } } },
  }),
});
/** Both load balancers, of which the one that is named is used. */
const beside = (id: string) => {
  const one = pointing(id);
  return {
    ...one,
    app: { ...one.app, Resources: { ...pointing('Old').app.Resources, ...pointing('New').app.Resources } },
  };
};

/** A parameter that a stack before the fleets publishes. */
const publishes =
  (name: string) =>
  (after: Planted): void =>
    after.add('data', 'Published', {
      Type: 'AWS::SSM::Parameter',
      Properties: { Name: `/beamstalk/prod/${name}`, Type: 'String', Value: 'https://queue' },
    });

const plan = (copy: object) => ({
  BackupPlan: {
    BackupPlanName: 'x',
    BackupPlanRule: [
      { RuleName: 'daily', TargetBackupVault: 'here', Lifecycle: { DeleteAfterDays: 35 }, CopyActions: [copy] },
    ],
  },
});
const copy = { DestinationBackupVaultArn: 'arn:aws:backup:eu-west-1:123456789012:backup-vault:there' };

const region = (Region: string, recovers: boolean) => ({
  Region,
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: recovers },
});

const PAIRS: readonly Pair[] = [
  {
    rule: 'climb-step',
    name: 'two phases in one step that move something',
    severity: 'refused',
    found: () => judged(withVolume, withVolume, climb({ phase: 0 }, { phase: 2 })),
    neighbour: () => judged(withVolume, withVolume, climb({ phase: 0 }, { phase: 1, from: 0 })),
  },
  {
    rule: 'data-retired',
    name: 'what a contraction takes away',
    severity: 'needs-migration',
    found: () => judged(withVolume, without, climb({ phase: 1, from: 0 }, { phase: 1 })),
    neighbour: () => judged(withVolume, withVolume, climb({ phase: 1, from: 0 }, { phase: 1 })),
  },
  {
    rule: 'expansion-given-up',
    name: 'what an expansion brought, when it is given up',
    severity: 'needs-migration',
    found: () => judged(withDatabase, without, climb({ phase: 1, from: 0 }, { phase: 0 })),
    neighbour: () => judged(withDatabase, withDatabase, climb({ phase: 1, from: 0 }, { phase: 0 })),
  },
  {
    rule: 'removed-before-users',
    name: 'a load balancer that CloudFront still reads two stacks later',
    severity: 'needs-migration',
    found: () => judged(pointing('Old'), pointing('New')),
    neighbour: () => judged(beside('Old'), beside('New')),
  },
  {
    rule: 'unguarded',
    name: 'a new table that goes with its stack',
    severity: 'note',
    found: () =>
      judged(without, { data: stack({ Table: { Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Delete' } }) }),
    neighbour: () =>
      judged(without, { data: stack({ Table: { Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Retain' } }) }),
  },
  {
    rule: 'read-at-boot',
    name: 'a new parameter of a fleet that goes on running',
    severity: 'note',
    found: () => planted(publishes('queues/jobs')),
    neighbour: () => planted(publishes('pressure/shed')),
  },
  {
    rule: 'shard-unregistered',
    name: 'a third cluster',
    severity: 'note',
    found: () => judged(shards(1, 2), shards(1, 2, 3)),
    neighbour: () => judged(without, shards(1, 2)),
  },
  {
    rule: 'not-inherited',
    name: 'logs of a database that its replicas do not have',
    severity: 'note',
    found: () =>
      planted((after) => after.set('data', 'DatabaseInstanceAA', { EnableCloudwatchLogsExports: ['postgresql'] })),
    neighbour: () =>
      planted((after) => {
        after.set('data', 'DatabaseInstanceAA', { EnableCloudwatchLogsExports: ['postgresql'] });
        for (const number of [1, 2]) {
          after.set('data', `ReadersReplica${number}`, { EnableCloudwatchLogsExports: ['postgresql'] });
        }
      }),
  },
  {
    rule: 'not-inherited',
    name: 'a replica of a table without the recovery that the other has',
    severity: 'note',
    found: () =>
      planted(
        set({ Replicas: [region('us-east-1', true), region('eu-west-1', false)] }),
        given('AWS::DynamoDB::GlobalTable', { Replicas: [region('us-east-1', true)] }),
      ),
    neighbour: () =>
      planted(
        set({ Replicas: [region('us-east-1', true), region('eu-west-1', true)] }),
        given('AWS::DynamoDB::GlobalTable', { Replicas: [region('us-east-1', true)] }),
      ),
  },
  {
    rule: 'not-inherited',
    name: 'copies of backups without a term',
    severity: 'note',
    found: () =>
      planted(set(plan(copy)), given('AWS::Backup::BackupPlan', plan({ ...copy, Lifecycle: { DeleteAfterDays: 35 } }))),
    neighbour: () =>
      planted(
        set(plan({ ...copy, Lifecycle: { DeleteAfterDays: 70 } })),
        given('AWS::Backup::BackupPlan', plan({ ...copy, Lifecycle: { DeleteAfterDays: 35 } })),
      ),
  },
];

/** Rules that only several templates, or a lock, show, by the file that has them found. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'acceptance-void': 'acceptances.test.ts',
  'hook-after-nodes': 'order.slow.test.ts',
  'output-dropped': 'order.slow.test.ts',
  'port-before-users': 'order.slow.test.ts',
  'published-after-boot': 'order.slow.test.ts',
  'replicas-first': 'order.slow.test.ts',
  'vault-lock': 'judgement.test.ts',
};

describe('is found, and its neighbour is not', () => {
  test.each(PAIRS)('$rule: $name', ({ rule, severity, found, neighbour }) => {
    expect(found()).toContainEqual(expect.objectContaining({ rule, severity }));
    expect(neighbour().map((one) => one.rule)).not.toContain(rule);
  });
});

test('a password that comes from a parameter is not said to be in the template, nor is one that another resource makes', () => {
  const database = (MasterUserPassword: unknown) => ({
    data: stack({
      Password: { Type: 'Custom::Password' },
      Database: { Type: 'AWS::RDS::DBInstance', Properties: { MasterUserPassword } },
    }),
  });
  const messages = (password: unknown): string[] =>
    judged(database('{{resolve:secretsmanager:a}}'), database(password))
      .filter(({ rule }) => rule === 'plain-secret')
      .map(({ message }) => message);
  expect(messages('{{resolve:ssm:/db/password:1}}')).toEqual([
    'MasterUserPassword comes from a parameter of Systems Manager that is not encrypted (resolve:ssm)',
  ]);
  expect(messages('hunter2')).toEqual(['MasterUserPassword is in the template in plain text']);
  expect(messages('{{resolve:ssm-secure:/db/password:1}}')).toEqual([]);
  expect(messages({ Ref: 'Password' })).toEqual([]);
});

test('a password deep inside is found when it comes, and not again with every later change', () => {
  const broker = (Password: string, Tags: object) => ({
    data: stack({
      Broker: { Type: 'AWS::AmazonMQ::Broker', Properties: { Users: [{ Username: 'a', Password }], Tags } },
    }),
  });
  const secrets = (was: unknown, is: unknown) => judged(was, is).filter(({ rule }) => rule === 'plain-secret');
  expect(secrets(broker('hunter2', {}), broker('hunter2', { team: 'a' }))).toEqual([]);
  expect(secrets(broker('hunter2', {}), broker('hunter3', {}))).toHaveLength(1);
});

test('every rule is found by a test, and by one that names it', () => {
  const planted = [...HAZARDS, ...OF_THE_BOX, ...PAIRS].map(({ rule }) => rule);
  const found = new Set([...planted, ...Object.keys(ELSEWHERE)]);
  expect([...RULES.keys()].filter((id) => !found.has(id))).toEqual([]);
  expect([...found].filter((id) => !RULES.has(id))).toEqual([]);
  // Rules of another table need no entry.
  expect(Object.keys(ELSEWHERE).filter((id) => planted.includes(id))).toEqual([]);
});

test.each(Object.entries(ELSEWHERE))('%s is found in %s', (rule, file) => {
  const lines = readFileSync(join(import.meta.dirname, file), 'utf8').split('\n');
  const expecting = lines.filter((line) => line.includes(`'${rule}'`) && !line.includes('.not.'));
  expect(expecting).not.toEqual([]);
});
