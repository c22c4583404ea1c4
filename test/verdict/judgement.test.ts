import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { isGivenUp, isRetired, judgeSteps } from '../../lib/climb/climb';
import type { ClimbState } from '../../lib/climb/gate-rules';
import type { Template, TemplateResource } from '../../lib/template/template';
import { compare } from '../../lib/verdict/changes/comparison';
import { deploymentOrder } from '../../lib/verdict/changes/deployment-order';
import { followed } from '../../lib/verdict/changes/propagation';
import { gravest } from '../../lib/verdict/finding';
import { regionsIn } from '../../lib/verdict/rules/deployment/moved-stacks';
import { subnetConflicts } from '../../lib/verdict/rules/deployment/subnet-conflicts';
import { verdictOf } from '../../lib/verdict/verdict';

const stack = (Resources: Record<string, TemplateResource>, Outputs = {}): Template => ({ Resources, Outputs });

describe('steps of a climb', () => {
  const climb = (before: ClimbState, after: ClimbState) => ({ environment: 'prod', before, after, phases: PHASES });
  test.each<[ClimbState, ClimbState, string]>([
    [{ phase: 0 }, { phase: 1, from: 0 }, 'safe'],
    [{ phase: 0 }, { phase: 1 }, 'needs-migration'],
    [{ phase: 1, from: 0 }, { phase: 1 }, 'needs-migration'],
    [{ phase: 0 }, { phase: 2 }, 'refused'],
    [{ phase: 0 }, { phase: 2, from: 0 }, 'refused'],
    [{ phase: 1 }, { phase: 3 }, 'needs-migration'],
    [{ phase: 1 }, { phase: 3, from: 1 }, 'safe'],
    [{ phase: 2 }, { phase: 3 }, 'safe'],
    [{ phase: 3 }, { phase: 2 }, 'refused'],
    [{ phase: 2 }, { phase: 2, from: 1 }, 'refused'],
    [{ phase: 2, from: 1 }, { phase: 1 }, 'refused'],
    [{ phase: 1, from: 0 }, { phase: 0 }, 'safe'],
    [{ phase: 3 }, { phase: 3 }, 'safe'],
  ])('%o to %o: %s', (before, after, expected) => {
    expect(judgeSteps(climb(before, after)).severity).toBe(expected);
  });

  test('say what to do instead, and nothing of force', () => {
    const step = judgeSteps(climb({ phase: 0 }, { phase: 1 }));
    expect(step).toMatchObject({ remedy: expect.stringContaining('--context from=0') });
    expect(JSON.stringify(step)).not.toContain('force');
  });

  test('retire their own parts only', () => {
    const contracting = climb({ phase: 1, from: 0 }, { phase: 1 });
    expect(isRetired('BoxDataVolume8C81641F', contracting)).toBe(true);
    expect(isRetired('BoxFleetGroupASG', contracting)).toBe(false);
    expect(isRetired('DatabaseInstanceAA8A5FDE', contracting)).toBe(false);
    expect(isRetired('BoxDataVolume8C81641F', climb({ phase: 1 }, { phase: 2 }))).toBe(false);
    expect(isGivenUp(climb({ phase: 1, from: 0 }, { phase: 0 }))).toBe(true);
    expect(isGivenUp(climb({ phase: 1 }, { phase: 0 }))).toBe(false);
  });

  test('a retired thing that does not stay in the account is refused all the same', () => {
    const volume = { Type: 'AWS::EC2::Volume', Properties: { Encrypted: true } };
    const [before, after] = [{ data: stack({ BoxDataVolume: volume }) }, { data: stack({}) }];
    const contracting = climb({ phase: 1, from: 0 }, { phase: 1 });
    expect(verdictOf(before, after, contracting).verdict).toBe('refused');
    for (const DeletionPolicy of ['Retain', 'RetainExceptOnCreate']) {
      const kept = { data: stack({ BoxDataVolume: { ...volume, DeletionPolicy } }) };
      expect(verdictOf(kept, after, contracting).verdict).toBe('needs-migration');
      expect(verdictOf(kept, after).verdict).toBe('refused');
    }
  });
});

test('a new environment may start anywhere', () => {
  const after = { data: stack({ Db: { Type: 'AWS::RDS::DBInstance', DeletionPolicy: 'Retain' } }) };
  expect(
    verdictOf({}, after, { environment: 'x', before: { phase: 0 }, after: { phase: 3 }, phases: PHASES }),
  ).toMatchObject({
    verdict: 'safe',
    summary: { adds: 1 },
    order: [{ stack: 'data', action: 'creates' }],
  });
});

describe('a lock that nobody can lift', () => {
  const vault = (LockConfiguration?: object) => ({
    operations: stack({
      Vault: { Type: 'AWS::Backup::BackupVault', DeletionPolicy: 'Retain', Properties: { LockConfiguration } },
    }),
  });
  const lasting = vault({ MinRetentionDays: 7, ChangeableForDays: 3 });
  const rules = (before: object, after: object) =>
    verdictOf(before as Record<string, Template>, after as Record<string, Template>).findings.map(({ rule }) => rule);

  test('is worth knowing when it comes, and no more than that', () => {
    for (const before of [vault(), vault({ MinRetentionDays: 7 }), {}]) {
      const { verdict, findings } = verdictOf(before as Record<string, Template>, lasting);
      expect(verdict).toBe('safe');
      expect(findings).toMatchObject([{ severity: 'note', rule: 'vault-lock', stack: 'operations', id: 'Vault' }]);
      expect(findings[0]?.message).toMatch(/^3 days after/);
    }
  });

  test('is not mentioned when it stays, or when it is another lock', () => {
    expect(rules(lasting, vault({ MinRetentionDays: 8, ChangeableForDays: 3 }))).toEqual([]);
    expect(rules(vault(), vault({ MinRetentionDays: 7 }))).toEqual([]);
  });
});

test('a stack that others find in another region is another stack', () => {
  const uses = (Region: string) => ({
    app: stack({
      R: { Type: 'AWS::SNS::Topic', Properties: { X: { 'Fn::GetStackOutput': { ...COPY, Region } } } },
    }),
  });
  const COPY = { StackName: 'copy', OutputName: 'o' };
  const both = (Region: string) => ({ ...uses(Region), copy: stack({}) });
  expect(verdictOf(both('eu-west-2'), both('eu-west-1')).order).toContainEqual({ stack: 'copy', action: 'creates' });
  expect(verdictOf(uses('eu-west-2'), uses('eu-west-1'))).toMatchObject({
    verdict: 'refused',
    summary: { updates: 1 },
    findings: [{ rule: 'stack-moved', stack: 'copy', message: expect.stringContaining('is in eu-west-2') }],
  });
  expect(verdictOf(uses('eu-west-2'), uses('eu-west-2')).verdict).toBe('safe');
  expect([...regionsIn(uses('eu-west-2'))]).toEqual([['copy', 'eu-west-2']]);
});

test('the gravest finding counts, and a note does not', () => {
  const finding = (severity: 'note' | 'needs-migration' | 'refused') => ({ severity, rule: 'x', message: 'x' });
  expect(gravest([])).toBe('safe');
  expect(gravest([finding('note')])).toBe('safe');
  expect(gravest([finding('refused'), finding('needs-migration')])).toBe('refused');
});

test('stacks are deployed after those they refer to, and what is gone stays', () => {
  const uses = (name: string) =>
    stack({
      R: { Type: 'AWS::SNS::Topic', Properties: { X: { 'Fn::GetStackOutput': { StackName: name, OutputName: 'o' } } } },
    });
  const after = { app: uses('data'), data: uses('network'), network: stack({}) };
  expect(
    deploymentOrder({ network: stack({}), data: stack({}), old: stack({}) }, after, new Set(['data', 'app'])),
  ).toEqual([
    { stack: 'network', action: 'leaves alone' },
    { stack: 'data', action: 'updates' },
    { stack: 'app', action: 'creates' },
    { stack: 'old', action: 'stays' },
  ]);
});

describe('subnets', () => {
  const subnet = (CidrBlock: string, VpcId: unknown = { Ref: 'Vpc' }) => ({
    Type: 'AWS::EC2::Subnet',
    Properties: { CidrBlock, VpcId },
  });
  const conflicts = (before: Record<string, TemplateResource>, after: Record<string, TemplateResource>) => {
    const [was, is] = [{ n: stack(before) }, { n: stack(after) }];
    return subnetConflicts(was, is, followed(compare(was, is), is)).map(({ id }) => id);
  };
  test.each<[string, Record<string, TemplateResource>, Record<string, TemplateResource>, string[]]>([
    ['kept', { A: subnet('10.0.0.0/24') }, { A: subnet('10.0.0.0/24') }, []],
    ['new, free', { A: subnet('10.0.0.0/24') }, { A: subnet('10.0.0.0/24'), B: subnet('10.0.1.0/24') }, []],
    [
      'new, inside another',
      { A: subnet('10.0.0.0/16') },
      { A: subnet('10.0.0.0/16'), B: subnet('10.0.1.0/24') },
      ['B'],
    ],
    ['larger than it was', { A: subnet('10.0.0.0/24') }, { A: subnet('10.0.0.0/23') }, ['A']],
    ['in the place of one that goes', { A: subnet('10.0.0.0/24') }, { B: subnet('10.0.0.0/24') }, ['B']],
    ['moved to a free place', { A: subnet('10.0.0.0/24') }, { A: subnet('10.0.9.0/24') }, []],
    [
      'same range, another network',
      { A: subnet('10.0.0.0/24', 'vpc-1') },
      { A: subnet('10.0.0.0/24', 'vpc-1'), B: subnet('10.0.0.0/24', 'vpc-2') },
      [],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(conflicts(before, after)).toEqual(expected);
  });

  test('in a network that is new itself', () => {
    const network = (CidrBlock: string) => ({ Type: 'AWS::EC2::VPC', Properties: { CidrBlock } });
    expect(
      conflicts(
        { Vpc: network('10.0.0.0/16'), A: subnet('10.0.0.0/24') },
        { Vpc: network('10.0.0.0/15'), A: subnet('10.0.0.0/24') },
      ),
    ).toEqual([]);
  });
});
