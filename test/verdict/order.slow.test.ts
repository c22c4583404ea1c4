import { describe, expect, test } from 'vitest';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import type { Templates } from '../../lib/template/template';
import { verdictOf } from '../../lib/verdict/verdict';
import { synthesise } from '../cdk-context';
import { WITH_DOMAIN } from '../variants';
import { Planted } from './planted';

type Settings = Readonly<Record<string, string>>;

/** What production at a phase is told of going from some settings to others. */
function told(phase: PhaseNumber, before: Settings, after: Settings) {
  const { verdict, findings } = verdictOf(synthesise('prod', phase, before), synthesise('prod', phase, after));
  return { verdict, rules: findings.filter(({ severity }) => severity !== 'note').map(({ rule }) => rule) };
}

/** What is found when something is planted, and the interruptions that come with it. */
function planted(plant: (after: Planted) => void, base = Planted.prod()) {
  const after = base.copy();
  plant(after);
  return verdictOf(base.templates as unknown as Templates, after.templates as unknown as Templates);
}

const SAFE = { verdict: 'safe', rules: [] };

describe('a minor version of the database', () => {
  const newer = { 'database.engineVersion': '17.10' };
  const ahead = { 'database.replicaEngineVersion': '17.10' };

  test.each([
    [3, 1],
    [6, 3],
  ] as const)('at phase %i does not go before the replicas of %i writers', (phase, writers) => {
    expect(told(phase, {}, newer)).toEqual({
      verdict: 'needs-migration',
      rules: Array.from({ length: writers }, () => 'replicas-first'),
    });
  });

  test.each([3, 6] as const)('at phase %i is brought by two deployments', (phase) => {
    expect(told(phase, {}, ahead)).toEqual(SAFE);
    expect(told(phase, ahead, { ...newer, ...ahead })).toEqual(SAFE);
    expect(told(phase, ahead, newer)).toEqual(SAFE);
  });

  test('waits for nobody where there is no replica, or none yet', () => {
    const none = { 'database.replicas': '0' };
    expect(told(3, none, { ...none, ...newer })).toEqual(SAFE);
    expect(told(3, none, newer)).toEqual(SAFE);
    expect(told(2, {}, newer)).toEqual(SAFE);
  });

  test('of a replica that says none is that of its source', () => {
    const unsaid = Planted.prod();
    for (const number of [1, 2]) unsaid.unset('data', `ReadersReplica${number}`, 'EngineVersion');
    const { findings } = planted(
      (after) => after.set('data', 'DatabaseInstanceAA', { EngineVersion: '17.10' }),
      unsaid,
    );
    expect(findings).toContainEqual(expect.objectContaining({ rule: 'replicas-first', severity: 'needs-migration' }));
  });
});

describe('a public name for an environment that has none', () => {
  const https = { ...WITH_DOMAIN, 'edge.originPorts': 'https' };

  test.each([2, 4] as const)('at phase %i comes beside the port that CloudFront still comes by', (phase) => {
    expect(told(phase, {}, WITH_DOMAIN).rules).not.toContain('port-before-users');
    expect(told(phase, WITH_DOMAIN, https)).toEqual(SAFE);
    expect(told(phase, {}, https).rules).toContain('port-before-users');
  });

  test('is noticed where one listener becomes another', () => {
    const { findings } = planted((after) => after.set('app', 'TiersWebEdgeHttpAlbListener', { Port: 443 }));
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: 'port-before-users',
        severity: 'needs-migration',
        message: expect.stringMatching(/no longer answers on port 80, by which prod-edge\/Delivery/),
      }),
    );
  });

  test('is nobody else’s business where nobody comes from another stack', () => {
    const { findings } = planted((after) => after.set('app', 'TiersAppHttpAlbListener', { Port: 8080 }));
    expect(findings.map(({ rule }) => rule)).not.toContain('port-before-users');
  });
});

describe('a warm pool', () => {
  const pool = { 'scaling.warmNodes': '1' };

  test('comes with its hook, also in one step with the phase that brings scaling', () => {
    expect(told(4, {}, pool)).toEqual(SAFE);
    const { verdict, findings } = verdictOf(synthesise('prod', 3), synthesise('prod', 4, pool));
    expect(verdict).toBe('safe');
    expect(findings.map(({ rule }) => rule)).not.toContain('hook-after-nodes');
  });

  const late = (after: Planted): void => {
    after.add('app', 'LateHook', {
      Type: 'AWS::AutoScaling::LifecycleHook',
      Properties: {
        AutoScalingGroupName: { Ref: after.idOf('app', 'TiersAppGroupASG') },
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      },
    });
    after.find('app', 'TiersAppLaunchTemplate', 'AWS::EC2::LaunchTemplate').Properties['LaunchTemplateData'].KeyName =
      'k';
  };

  test('whose hook comes after the refresh leaves fewer nodes that serve', () => {
    const { findings, interruptions } = planted((after) => {
      late(after);
      after.find('app', 'TiersAppGroupASG').UpdatePolicy = {
        AutoScalingInstanceRefresh: { Preferences: { MinHealthyPercentage: 100 } },
      };
    });
    expect(findings).toContainEqual(expect.objectContaining({ rule: 'hook-after-nodes', severity: 'needs-migration' }));
    expect(interruptions.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^fewer nodes that serve/));
    expect(interruptions.map(({ what }) => what).join()).not.toContain('stays full');
  });

  test('is worth a note where nodes signal', () => {
    expect(planted(late).findings).toContainEqual(
      expect.objectContaining({ rule: 'hook-after-nodes', severity: 'note' }),
    );
  });
});

describe('the end of a fleet', () => {
  const gone = (after: Planted) => after.remove('app', 'TiersWebGroupASG');
  const said = (base: Planted) => planted(gone, base).interruptions.map(({ what }) => what);

  test('waits for its nodes by a hook of its own, and by no other', () => {
    expect(said(Planted.prod())).toContain('its nodes leave after draining, for good');
    const apart = Planted.prod();
    apart.unset('app', 'TiersWebGroupASG', 'LifecycleHookSpecificationList');
    expect(said(apart)).toContain('its nodes leave at once, for good: their connections are cut');
  });
});

describe('what nodes read at boot', () => {
  const queues = (name: string): { Type: string; Properties: object } => ({
    Type: 'AWS::SSM::Parameter',
    Properties: { Name: `/beamstalk/prod/${name}`, Type: 'String', Value: 'https://queue' },
  });
  const rolled = (after: Planted): void => {
    after.find('app', 'TiersAppLaunchTemplate', 'AWS::EC2::LaunchTemplate').Properties['LaunchTemplateData'].KeyName =
      'k';
  };

  test('and is published two stacks later, they boot without', () => {
    const { findings } = planted((after) => {
      rolled(after);
      after.add('edge', 'Queue', queues('queues/jobs'));
    });
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: 'published-after-boot', severity: 'needs-migration' }),
    );
  });

  test('and is published beside them, they may boot without', () => {
    const late = (after: Planted): void => {
      rolled(after);
      after.add('app', 'Queue', queues('queues/jobs'));
    };
    expect(planted(late).findings).toContainEqual(
      expect.objectContaining({ rule: 'published-after-boot', severity: 'note' }),
    );
  });

  test.each(['pressure/shed', 'edge/cdn-domain'])('is not %s', (name) => {
    const { findings } = planted((after) => {
      rolled(after);
      after.add('edge', 'Other', queues(name));
    });
    expect(findings.map(({ rule }) => rule)).not.toContain('published-after-boot');
  });

  test('is there before them, whichever phase brings it', () => {
    for (const [before, after] of [
      [2, 3],
      [3, 4],
      [4, 5],
    ] as const) {
      const { findings } = verdictOf(synthesise('prod', before), synthesise('prod', after));
      expect(findings.map(({ rule }) => rule)).not.toContain('published-after-boot');
      expect(findings.map(({ rule }) => rule)).not.toContain('read-at-boot');
    }
    const anew = verdictOf({}, synthesise('prod', 5)).findings.map(({ rule }) => rule);
    expect(anew).not.toContain('published-after-boot');
  });
});

test('an output that goes although others read it is told', () => {
  const { findings, verdict } = planted((after) => {
    const output = Object.keys(after.stack('data').Outputs ?? {}).find((name) => name.includes('BucketsBackups')) ?? '';
    delete after.stack('data').Outputs?.[output];
    // The single server writes its dumps there.
  }, Planted.prod(0));
  expect(verdict).toBe('refused');
  const quiet = Planted.prod(2);
  const { findings: later } = planted((after) => {
    const { Resources, Outputs = {} } = after.stack('app');
    // The edge no longer reads it, and the load balancer stays.
    for (const id of Object.keys(after.stack('edge').Resources)) delete after.stack('edge').Resources[id];
    for (const name of Object.keys(Outputs)) delete Outputs[name];
    expect(Object.keys(Resources)).not.toEqual([]);
  }, quiet);
  expect([findings, later].map((found) => found.map(({ rule }) => rule))).toEqual([
    expect.arrayContaining(['dangling-reference']),
    expect.arrayContaining(['output-dropped']),
  ]);
});
