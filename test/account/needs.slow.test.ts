import { describe, expect, test } from 'vitest';
import { needsOf } from '../../lib/account/needs';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { QUOTA_IDS, quotaOf, standardIn } from '../../lib/facts/quotas';
import { REGIONS } from '../../lib/facts/regions';
import type { Templates } from '../../lib/template/template';
import { synthesise } from '../cdk-context';

const prod = (phase: PhaseNumber, overrides: Readonly<Record<string, unknown>> = {}): Templates =>
  synthesise('prod', phase, overrides);

const need = (quota: string, templates: Templates, before?: Templates) =>
  needsOf(templates, before).find((one) => one.quota === quota);

describe('vCPUs of production', () => {
  test.each<[string, Templates, number, number]>([
    // A box of 4; three app nodes of 4 and three proxies of 2; half as many again from phase 4 on, and 2 workers of 2.
    ['0', prod(0), 4, 4],
    ['1', prod(1), 4, 4],
    // One node more of each fleet while both roll.
    ['2', prod(2), 18, 24],
    ['2+1', prod(2, { from: 1 }), 22, 28],
    ['3', prod(3), 18, 24],
    // And two on which an image is baked.
    ['4', prod(4), 30, 38],
    ['5', prod(5), 34, 42],
    ['6', prod(6), 34, 42],
    // And two of the mover, while it works.
    ['6+5', prod(6, { from: 5 }), 34, 44],
  ])('at phase %s: at rest, and at their peak', (_state, templates, rest, peak) => {
    expect(need('vcpus', templates)).toMatchObject({ rest, peak });
  });

  test('when scaling has made as many nodes as it may', () => {
    // 9 of 4, 6 of 2, 12 of 2, and the image.
    expect(need('vcpus', prod(5))).toMatchObject({ most: 36 + 12 + 24 + 2 });
  });

  test('warm nodes boot running, and a refresh with a warm pool adds a tenth, at least one', () => {
    const [before, after] = [need('vcpus', prod(4)), need('vcpus', prod(4, { 'scaling.warmNodes': '2' }))];
    expect((after?.peak ?? 0) - (before?.peak ?? 0)).toBe(2 * 4);
  });

  test.each([
    ['one', 4],
    ['half', 12],
    ['all', 20],
  ])('a blue-green deployment of %s stands beside the fleet', (rollout, vcpus) => {
    const templates = prod(4, { 'delivery.mode': 'blue-green', 'delivery.rollout': rollout });
    const { rest = 0, peak = 0 } = need('vcpus', templates) ?? {};
    // A rolling update of both fleets takes 6 by itself.
    expect(peak - rest).toBe(Math.max(vcpus, 6) + 2);
  });

  test('what leaves stands beside what comes until it has gone', () => {
    expect(need('vcpus', prod(2), prod(2, { from: 1 }))).toMatchObject({
      rest: 18,
      peak: 28,
      because: ['4 for fleets that leave', '6 for nodes that come before others go'],
    });
  });
});

describe('other quotas of production', () => {
  test.each<[string, PhaseNumber, Readonly<Record<string, unknown>>, string, number]>([
    ['addresses: one for the box', 0, {}, 'elastic-ips', 1],
    ['one for each NAT gateway', 2, {}, 'elastic-ips', 3],
    ['and the box while 1 to 2 expands', 2, { from: 1 }, 'elastic-ips', 4],
    ['NAT gateways stand in zones of their own', 2, {}, 'nat-gateways', 1],
    ['a list of CloudFront is 55 rules', 2, {}, 'security-group-rules', 55],
    ['interface endpoints', 2, {}, 'interface-endpoints', 2],
    ['replicas of one writer', 3, {}, 'read-replicas', 2],
    ['a primary and two replicas', 3, {}, 'cache-nodes', 3],
    // Three writers, five replicas, four clusters of two; three restores.
    ['databases', 6, {}, 'db-instances', 19],
    ['and the single one with two replicas and a restore', 6, { from: 5 }, 'db-instances', 23],
    ['clusters', 6, {}, 'db-clusters', 4],
    [
      'document and graph stores count with RDS',
      6,
      { 'data.documents.enabled': 'true', 'data.graph.enabled': 'true' },
      'db-instances',
      21,
    ],
    ['DSQL', 6, { 'data.sharding.engine': 'dsql' }, 'dsql-clusters', 1],
    ['Limitless', 6, { 'data.sharding.engine': 'limitless' }, 'db-shard-groups', 1],
    ['network load balancers', 2, { ingress: 'sockets' }, 'network-load-balancers', 2],
    ['no other kind beside them', 2, { ingress: 'sockets' }, 'application-load-balancers', 0],
    ['a build waits for another', 4, {}, 'builds-linux-medium', 1],
  ])('%s', (_what, phase, overrides, quota, peak) => {
    expect(need(quota, prod(phase, overrides))?.peak ?? 0).toBe(peak);
  });
});

/** Templates of one fleet. */
function fleet(group: object, updatePolicy: object, instanceType = 'c7i.xlarge'): Templates {
  const launch = {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: { LaunchTemplateData: { InstanceType: instanceType } },
  };
  const reference = {
    LaunchTemplateId: { Ref: 'Launch' },
    Version: { 'Fn::GetAtt': ['Launch', 'LatestVersionNumber'] },
  };
  const Properties = { LaunchTemplate: reference, ...group };
  return {
    app: {
      Resources: {
        Launch: launch,
        Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties, UpdatePolicy: updatePolicy },
      },
    },
  };
}

const rolling = (MaxBatchSize: number, MinInstancesInService: number) => ({
  AutoScalingRollingUpdate: { MaxBatchSize, MinInstancesInService },
});

describe('a fleet while it rolls', () => {
  test.each([
    ['keeps its least and takes one', { MinSize: '3', MaxSize: '9' }, rolling(1, 3), 16],
    ['takes six at once', { MinSize: '3', MaxSize: '9' }, rolling(6, 3), 36],
    ['no more than there may be', { MinSize: '3', MaxSize: '5' }, rolling(6, 3), 20],
    ['without room gives one up first', { MinSize: '3', MaxSize: '3' }, rolling(1, 2), 12],
    ['that says nothing of it does not', { MinSize: '3', MaxSize: '9' }, {}, 12],
    ['with numbers as numbers', { MinSize: 2, MaxSize: 4 }, rolling(1, 2), 12],
  ])('%s', (_what, group, policy, peak) => {
    expect(need('vcpus', fleet(group, policy))?.peak).toBe(peak);
  });

  test('of a type that the catalogue does not hold counts nothing, and none of another quota', () => {
    expect(need('vcpus', fleet({ MinSize: '3', MaxSize: '9' }, {}, 'zz9.large'))).toBeUndefined();
    expect(need('vcpus', fleet({ MinSize: '1', MaxSize: '1' }, {}, 'x2iedn.xlarge'))).toBeUndefined();
    expect(need('vcpus-x', fleet({ MinSize: '1', MaxSize: '1' }, {}, 'x2iedn.xlarge'))?.rest).toBe(4);
  });
});

test('what is replaced under its id is there twice', () => {
  const database = (name: string): Templates => ({
    d: { Resources: { D: { Type: 'AWS::RDS::DBInstance', Properties: { DBName: name } } } },
  });
  expect(need('db-instances', database('b'), database('a'))).toMatchObject({ rest: 1, peak: 2 });
  expect(need('db-instances', database('a'), database('a'))).toMatchObject({ rest: 1, peak: 1 });
});

test('templates that say little ask for little, and nothing falls', () => {
  expect(needsOf({})).toEqual([]);
  const odd = {
    Group: { Type: 'AWS::AutoScaling::AutoScalingGroup' },
    Rule: { Type: 'AWS::EC2::SecurityGroupIngress' },
  };
  expect(needsOf({ s: { Resources: odd } }).map(({ quota }) => quota)).toEqual(
    expect.arrayContaining(['auto-scaling-groups', 'stacks']),
  );
});

describe('the facts about quotas', () => {
  test.each(QUOTA_IDS)('%s has a page, and a code of the form that Service Quotas gives', (id) => {
    const { source, code = 'L-00000000', standard, scope, home } = quotaOf(id);
    expect(source).toMatch(/^https:\/\/docs\.(aws\.amazon\.com|amazonaws\.cn)\//);
    expect(code).toMatch(/^L-[0-9A-F]{8}$/);
    expect(Number.isInteger(standard)).toBe(true);
    expect(home !== undefined).toBe(scope === 'account');
  });

  test('each was read on its page on a day, but for these', () => {
    const days = QUOTA_IDS.map((id) => [id, quotaOf(id).opened] as const);
    expect(days.filter(([, day]) => !/^20\d\d-\d\d-\d\d$/.test(day))).toEqual([
      // The page could be had in excerpts without the figure; 300 is what others say of it.
      ['cache-nodes', 'not opened'],
      // Listings of single accounts say 1, and reports of new ones 0; an old copy of the page says 1 to 5 of new ones.
      ['builds-linux-small', 'not opened'],
      ['builds-linux-medium', 'not opened'],
      ['builds-arm-small', 'not opened'],
      ['builds-arm-medium', 'not opened'],
    ]);
  });

  test('where a region has less, it is less', () => {
    const less = QUOTA_IDS.flatMap((id) =>
      Object.entries(quotaOf(id).lessIn ?? {}).map(([region, count]) => ({ id, region, count })),
    );
    expect(less.map(({ id }) => id)).toEqual(['db-instances', 'db-subnet-groups', 'db-parameter-groups']);
    for (const { id, region, count } of less) {
      expect(REGIONS).toContain(region);
      expect(count).toBeLessThan(quotaOf(id).standard);
      expect(standardIn(id, region)).toBe(count);
      expect(standardIn(id, 'eu-west-1')).toBe(quotaOf(id).standard);
    }
  });

  test('no two have one code', () => {
    const codes = QUOTA_IDS.flatMap((id) => quotaOf(id).code ?? []);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
