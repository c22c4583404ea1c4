import { describe, expect, test } from 'vitest';
import { WorkQueues } from '../../lib/constructs/async/work-queues';
import { WorkerFleet } from '../../lib/constructs/async/worker-fleet';
import type { CloudFormationTemplate } from '../cdk-context';
import {
  all,
  allowing,
  architecture,
  hooksOf,
  network,
  one,
  openings,
  permissions,
  required,
  singleStack,
  templateOf,
  textOf,
} from './single-stack';

/** The workers of a configuration, and what they work on. */
function workers(context: Readonly<Record<string, unknown>> = {}) {
  const { async, node } = architecture(5, context);
  const { queues: plans, workers: plan, pressure } = required(async);
  const stack = singleStack();
  const queues = new WorkQueues(stack, 'Queues', { environment: 'dev', plans });
  new WorkerFleet(stack, 'Workers', {
    environment: 'dev',
    plan,
    fleet: required(plan.fleet),
    node,
    vpc: network(stack),
    queues: queues.of('fleet'),
    allQueues: queues.all,
    pressure,
  });
  return templateOf(stack);
}

const template = workers();
const statements = permissions(template);
const group = one(template, 'AWS::AutoScaling::AutoScalingGroup');

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: { readonly Stat: string; readonly Metric: { readonly MetricName: string } };
}

describe('workers are as many as their backlog needs', () => {
  const { properties } = one(template, 'AWS::AutoScaling::ScalingPolicy', 'WorkersScalingBacklog');
  const { TargetValue, CustomizedMetricSpecification } = properties['TargetTrackingConfiguration'];
  const metrics = CustomizedMetricSpecification.Metrics as Query[];
  const [returned, ...more] = metrics.filter(({ ReturnData }) => ReturnData !== false);

  test('by waiting jobs per worker in service, at the planned number', () => {
    expect(more).toEqual([]);
    // 60 s of waiting, 50 jobs at once, 1 s each.
    expect(TargetValue).toBe(3000);
    const read = (name: string) => metrics.filter(({ MetricStat }) => MetricStat?.Metric.MetricName === name);
    expect(read('ApproximateNumberOfMessagesVisible')).toHaveLength(2);
    expect(read('GroupInServiceInstances')).toHaveLength(1);
  });

  test('of the queues that the fleet works on, and no others', () => {
    const read = textOf(metrics);
    expect(read).toMatch(/QueuesjobsQueue.*QueuesmediaQueue/);
    expect(read).not.toContain('Queuesmail');
    expect(read).not.toContain('DeadLetters');
  });

  /** The expression as arithmetic; a queue at rest has no figure. */
  const backlog = (waiting: readonly (number | undefined)[], nodes: number): number => {
    const text = required(returned?.Expression).replace(/\[(.*?)\]/g, (_, ids: string) => {
      const known = ids.split(', ').map((id) => waiting[Number(id.replace('waiting', ''))]);
      return `[${known.filter((figure) => figure !== undefined).join(',')}]`;
    });
    const sum = (figures: readonly number[]): number => figures.reduce((left, right) => left + right, 0);
    const either = (yes: boolean, one: number, other: number): number => (yes ? one : other);
    return new Function('SUM', 'IF', 'nodes', `return ${text}`)(sum, either, nodes) as number;
  };

  test.each([
    [[600, 300], 3, 300],
    [[600, 300], 0, 900],
    [[600, undefined], 2, 300],
    [[0, 0], 4, 0],
    [[0, 0], 0, 0],
  ])('%j waiting for %i workers are %i for each, never a division by nothing', (waiting, nodes, expected) => {
    expect(backlog(waiting, nodes)).toBe(expected);
  });

  test('and desired capacity is left to that', () => {
    expect(group.properties).not.toHaveProperty('DesiredCapacity');
    expect(group.properties).toMatchObject({ MinSize: '1', MaxSize: '4' });
  });
});

describe('the first worker of a fleet that may rest', () => {
  const resting = workers({ 'workers.minNodes': 0 });

  test('comes by a step, as soon as a job waits for nobody', () => {
    const step = one(resting, 'AWS::AutoScaling::ScalingPolicy', 'WorkersScalingFirst');
    expect(step.properties).toMatchObject({
      AdjustmentType: 'ExactCapacity',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    });
    const alarm = one(resting, 'AWS::CloudWatch::Alarm', 'WorkersScalingAsleep').properties;
    expect(alarm['AlarmActions']).toEqual([{ Ref: step.id }]);
    expect(textOf(alarm['Metrics'])).toContain('IF(nodes < 1 AND SUM([waiting0, waiting1]) > 0, 1, 0)');
    expect(alarm).toMatchObject({ Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' });
  });

  test('is not waited for by a deployment', () => {
    const { resource } = one(resting, 'AWS::AutoScaling::AutoScalingGroup');
    expect(resource).not.toHaveProperty('CreationPolicy');
    expect(resource['UpdatePolicy']).toMatchObject({
      AutoScalingRollingUpdate: { WaitOnResourceSignals: true, PauseTime: 'PT15M', MinInstancesInService: 0 },
    });
  });

  test('needs no step in a fleet that always has one', () => {
    expect(all(template, 'AWS::AutoScaling::ScalingPolicy')).toHaveLength(1);
    expect(group.resource).toHaveProperty('CreationPolicy');
  });
});

describe('a worker', () => {
  test('takes jobs of the queues of the fleet, and puts jobs into any', () => {
    const queuesOf = (action: string): string[] =>
      allowing(statements, action)
        .flatMap(({ Resource }) => [Resource].flat())
        .map((arn) => textOf(arn).replace(/.*Queues(\w+?)Queue.*/, '$1'));
    expect(queuesOf('sqs:ReceiveMessage').sort()).toEqual(['jobs', 'media']);
    expect(queuesOf('sqs:DeleteMessage').sort()).toEqual(['jobs', 'media']);
    expect(queuesOf('sqs:SendMessage').sort()).toEqual(['jobs', 'mail', 'media']);
    expect(allowing(statements, 'sqs:PurgeQueue')).toEqual([]);
  });

  test('protects itself, and none of another group', () => {
    const [statement, ...more] = allowing(statements, 'autoscaling:SetInstanceProtection');
    expect(more).toEqual([]);
    expect(textOf(statement?.Resource)).toContain(`autoScalingGroupName/test-stack-${group.id}-*`);
  });

  test('that is to end has the time of the longest job, and one minute', () => {
    const hook = (from: CloudFormationTemplate) => hooksOf(one(from, 'AWS::AutoScaling::AutoScalingGroup'))['leave'];
    expect(hook(template)).toMatchObject({
      HeartbeatTimeout: 960,
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      DefaultResult: 'CONTINUE',
    });
    const long = workers({ queues: { jobs: { jobSeconds: 7200 } } });
    expect(hook(long)?.['HeartbeatTimeout']).toBe(7200);
  });

  test('is reached by other workers only, for Erlang distribution', () => {
    expect(openings(template)).toEqual([expect.stringMatching(/^(WorkersNodesSecurityGroup\w+) -> \1 tcp 4370$/)]);
  });

  test('has no load balancer that would take it for dead', () => {
    expect(group.properties['HealthCheckType']).toBe('EC2');
    expect(group.properties).not.toHaveProperty('TargetGroupARNs');
    expect(group.properties['Tags']).toContainEqual({
      Key: 'beamstalk:fleet',
      Value: 'dev-worker',
      PropagateAtLaunch: true,
    });
  });

  test('is started anew when what it works on changes, and not when an alarm does', () => {
    const launch = (context: object) =>
      textOf(one(workers(context as Record<string, unknown>), 'AWS::EC2::LaunchTemplate').properties);
    expect(launch({ 'workers.jobsAtOnce': 51 })).not.toBe(launch({}));
    expect(launch({ queues: { mail: { worker: 'fleet' } } })).not.toBe(launch({}));
    expect(launch({ queues: { jobs: { maxDepth: 5 } } })).toBe(launch({}));
  });
});
