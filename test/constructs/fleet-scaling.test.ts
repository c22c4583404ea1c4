import { describe, expect, test } from 'vitest';
import type { ScalingPlan } from '../../lib/architecture/automation';
import { HttpFront } from '../../lib/constructs/ingress/http-front';
import { SocketFront } from '../../lib/constructs/ingress/socket-front';
import { FleetScaling } from '../../lib/constructs/scaling/fleet-scaling';
import { PrivateBucket } from '../../lib/constructs/storage/private-bucket';
import { synthesise } from '../cdk-context';
import { all, appFleet, EMPTY, hooksOf, network, one, singleStack, templateOf, textOf } from './single-stack';

const PLAN: ScalingPlan = {
  cpuPercent: 50,
  perNode: { of: 'requests', target: 12_000 },
  latencyMs: 500,
  schedule: [],
  predictive: 'off',
  warmNodes: 0,
};
const FRONT = { port: 4000, healthPath: '/health', deregistrationSeconds: 60 };

function http(changes: Partial<ScalingPlan> = {}) {
  const stack = singleStack();
  const vpc = network(stack);
  const fleet = appFleet(stack, vpc);
  const accessLogs = new PrivateBucket(stack, 'Logs', { noncurrentDays: 1 }).bucket;
  const { load } = new HttpFront(stack, 'Front', { ...FRONT, vpc, fleet, accessLogs, stickySessions: false });
  new FleetScaling(stack, 'Scaling', { plan: { ...PLAN, ...changes }, fleet, load, connectionBudget: 1000 });
  return templateOf(stack);
}

function sockets() {
  const stack = singleStack();
  const vpc = network(stack);
  const fleet = appFleet(stack, vpc);
  const { load } = new SocketFront(stack, 'Front', { ...FRONT, vpc, fleet, tlsPort: 4443, internetFacing: false });
  const perNode = { of: 'connections', percentOfBudget: 60 } as const;
  new FleetScaling(stack, 'Scaling', { plan: { ...PLAN, perNode }, fleet, load, connectionBudget: 1001 });
  return templateOf(stack);
}

const POLICY = 'AWS::AutoScaling::ScalingPolicy';

describe('target tracking', () => {
  const template = http();
  const { id: group } = one(template, 'AWS::AutoScaling::AutoScalingGroup');

  test('holds CPU and requests per node, both of this fleet, and leaves removing to the rule for it', () => {
    const tracking = all(template, POLICY).filter(
      ({ properties }) => properties['PolicyType'] === 'TargetTrackingScaling',
    );
    expect(tracking.map(({ properties }) => properties['TargetTrackingConfiguration'].TargetValue)).toEqual([
      50, 12_000,
    ]);
    for (const { properties } of tracking) {
      expect(properties['AutoScalingGroupName']).toEqual({ Ref: group });
      expect(properties['TargetTrackingConfiguration'].DisableScaleIn).toBe(true);
    }
  });

  test('counts the requests of the one target group that the fleet is in', () => {
    const { properties } = one(template, POLICY, 'ScalingRequests');
    const label = textOf(properties['TargetTrackingConfiguration'].PredefinedMetricSpecification.ResourceLabel);
    expect(label).toContain(one(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').id);
    expect(label).toContain(one(template, 'AWS::ElasticLoadBalancingV2::TargetGroup').id);
  });

  test('waits until the group is behind the load balancer, which Auto Scaling asks for', () => {
    const { resource } = one(template, POLICY, 'ScalingRequests');
    expect(resource['DependsOn']).toContain(one(template, 'AWS::ElasticLoadBalancingV2::Listener').id);
  });

  test('of sockets holds connections over healthy nodes at a share of what a node has room for', () => {
    const { properties } = one(sockets(), POLICY, 'ScalingConnections');
    const { TargetValue, CustomizedMetricSpecification } = properties['TargetTrackingConfiguration'];
    expect(TargetValue).toBe(600);
    const [connections, nodes, quotient] = CustomizedMetricSpecification.Metrics;
    expect(connections.MetricStat.Metric.MetricName).toBe('ActiveFlowCount');
    expect(nodes.MetricStat.Metric.MetricName).toBe('HealthyHostCount');
    expect(nodes.MetricStat.Metric.Dimensions.map(({ Name }: { Name: string }) => Name)).toEqual([
      'LoadBalancer',
      'TargetGroup',
    ]);
    expect(quotient.Expression).toBe(`${connections.Id} / ${nodes.Id}`);
    // Auto Scaling takes one answer: the quotient's.
    expect(CustomizedMetricSpecification.Metrics.map(({ ReturnData }: { ReturnData: boolean }) => ReturnData)).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('steps on latency', () => {
  const template = http();
  const { properties } = one(template, POLICY, 'ScalingLatency');
  const alarm = one(template, 'AWS::CloudWatch::Alarm', 'ScalingLatency').properties;

  test('add more, the longer users wait, without a gap, and never remove', () => {
    const steps = properties['StepAdjustments'] as {
      MetricIntervalLowerBound: number;
      MetricIntervalUpperBound?: number;
      ScalingAdjustment: number;
    }[];
    expect(steps[0]?.MetricIntervalLowerBound).toBe(0);
    expect(steps.at(-1)).not.toHaveProperty('MetricIntervalUpperBound');
    for (const [index, step] of steps.entries()) {
      expect(step.ScalingAdjustment).toBeGreaterThan(steps[index - 1]?.ScalingAdjustment ?? 0);
      if (index > 0) expect(step.MetricIntervalLowerBound).toBe(steps[index - 1]?.MetricIntervalUpperBound);
    }
    expect(properties['MinAdjustmentMagnitude']).toBe(1);
  });

  test('begin when two of three minutes are slow, and calls this policy', () => {
    expect(alarm).toMatchObject({
      Threshold: 0.5,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
    });
    expect(alarm['AlarmActions']).toEqual([{ Ref: one(template, POLICY, 'ScalingLatency').id }]);
  });

  test('wait for nodes to be loaded: a slow database is not cured by more of them', () => {
    const expression = (alarm['Metrics'] as { Expression?: string }[]).find(({ Expression }) => Expression)?.Expression;
    expect(expression).toBe('IF(requests >= 10800 || cpu >= 45, latency, 0)');
  });

  test('are not there for sockets, of which the load balancer knows no answers', () => {
    expect(all(sockets(), 'AWS::CloudWatch::Alarm').filter(({ id }) => id.includes('Latency'))).toEqual([]);
  });
});

describe('removing', () => {
  const expression = (template: ReturnType<typeof http>) =>
    one(template, 'AWS::CloudWatch::Alarm', 'ScalingIdle').properties['Metrics'].find(
      ({ Expression }: { Expression?: string }) => Expression,
    ).Expression;

  test('takes one node, and only when the others stay clear of both targets for a quarter of an hour', () => {
    const template = http();
    const { id, properties } = one(template, POLICY, 'ScalingIdle');
    expect(properties).toMatchObject({ PolicyType: 'SimpleScaling', ScalingAdjustment: -1, Cooldown: '300' });
    expect(one(template, 'AWS::CloudWatch::Alarm', 'ScalingIdle').properties).toMatchObject({
      AlarmActions: [{ Ref: id }],
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 0.85,
      EvaluationPeriods: 15,
      TreatMissingData: 'notBreaching',
    });
    expect(expression(template)).toBe('MAX([FILL(requests, 0) / 12000, cpu / 50]) * nodes / (nodes - 1)');
  });

  test('of nodes for sockets goes by connections over healthy nodes', () => {
    expect(expression(sockets())).toBe('MAX([FILL(connections, 0) / healthy / 600, cpu / 50]) * nodes / (nodes - 1)');
  });
});

describe('what is known before', () => {
  test('a scheduled size sets the least, and the greatest only where it says so', () => {
    const size = { name: 'evening', cron: '0 18 * * *', timeZone: 'Europe/Berlin', minNodes: 6 };
    const [evening, night] = all(
      http({ schedule: [size, { ...size, name: 'night', maxNodes: 8 }] }),
      'AWS::AutoScaling::ScheduledAction',
    );
    expect(evening?.properties).toMatchObject({ MinSize: 6, Recurrence: '0 18 * * *', TimeZone: 'Europe/Berlin' });
    expect(evening?.properties).not.toHaveProperty('MaxSize');
    expect(night?.properties).toMatchObject({ MinSize: 6, MaxSize: 8 });
  });

  test.each([
    ['forecast', 'ForecastOnly'],
    ['scale', 'ForecastAndScale'],
  ] as const)('predictive scaling: %s', (predictive, mode) => {
    const { properties } = one(http({ predictive }), POLICY, 'ScalingForecast');
    expect(properties['PredictiveScalingConfiguration']).toMatchObject({
      Mode: mode,
      MaxCapacityBreachBehavior: 'HonorMaxCapacity',
      MetricSpecifications: [{ TargetValue: 50 }],
    });
  });
});

describe('a warm pool', () => {
  const template = http({ warmNodes: 2 });

  test('is of a fixed size, beside the nodes that serve', () => {
    expect(one(template, 'AWS::AutoScaling::WarmPool').properties).toMatchObject({
      MinSize: 2,
      MaxGroupPreparedCapacity: 2,
      PoolState: 'Stopped',
    });
  });

  test('fills only behind the hook that lets a first boot end, and gives up a node that does not come up', () => {
    const nodes = synthesise('prod', 4, { 'scaling.warmNodes': '1' })['prod-app'] ?? EMPTY;
    const group = one(nodes, 'AWS::AutoScaling::AutoScalingGroup', 'TiersApp');
    expect(hooksOf(group)['boot']).toEqual({
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      DefaultResult: 'ABANDON',
      HeartbeatTimeout: 900,
    });
    expect(one(nodes, 'AWS::AutoScaling::WarmPool').properties['AutoScalingGroupName']).toEqual({ Ref: group.id });
  });
});

describe('the fleets of phase 4', () => {
  const groups = (phase: 3 | 4, overrides = {}) =>
    all(synthesise('prod', phase, overrides)['prod-app'] ?? EMPTY, 'AWS::AutoScaling::AutoScalingGroup');

  test('are as many that the loss of one of three zones leaves what phase 3 had', () => {
    const before = groups(3);
    for (const [index, { id, properties }] of groups(4).entries()) {
      const least = Number(properties['MinSize']);
      expect(id).toBe(before[index]?.id);
      expect(least - Math.ceil(least / 3)).toBe(Number(before[index]?.properties['MinSize']));
    }
  });

  test('count a node once it has booted: the sooner when a hook has waited for its boot', () => {
    const warmUp = (overrides = {}) =>
      groups(4, overrides).map(({ properties }) => properties['DefaultInstanceWarmup']);
    expect(warmUp()).toEqual([300, 300]);
    expect(warmUp({ 'scaling.warmNodes': '1' })).toEqual([60, 300]);
    expect(groups(3).map(({ properties }) => properties['DefaultInstanceWarmup'])).toEqual([undefined, undefined]);
  });

  test('with a warm pool are refreshed, pool and all, and not rolled past it', () => {
    const [app, web] = groups(4, { 'scaling.warmNodes': '1' });
    expect(app?.resource['UpdatePolicy']).toMatchObject({
      AutoScalingInstanceRefresh: { Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 } },
    });
    expect(web?.resource['UpdatePolicy']).toHaveProperty('AutoScalingRollingUpdate');
  });
});
