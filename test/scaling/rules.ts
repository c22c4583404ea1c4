import type { CloudFormationResource, CloudFormationTemplate } from '../cdk-context';

/** What a template says of how one group scales. Times in minutes. */
export interface Rules {
  readonly least: number;
  readonly most: number;
  /** From launch until a node counts for scaling. */
  readonly warmUp: number;
  readonly tracking: readonly Tracking[];
  readonly steps?: Steps;
  readonly removal: Removal;
}

/** One node less, when the rest would be loaded so little. */
export interface Removal {
  /** Share of the targets that the rest may be loaded. */
  readonly leftLoaded: number;
  readonly minutes: number;
  readonly pause: number;
}

export interface Tracking {
  /** `cpu` in per cent, `requests` per node and minute, or what an expression is named. */
  readonly metric: string;
  readonly target: number;
}

export interface Steps {
  /** Seconds of p95 from which on nodes are added, and how many of how many minutes have to be slow. */
  readonly threshold: number;
  readonly datapoints: number;
  readonly periods: number;
  /** Latency counts only from one of these on. */
  readonly loaded: { readonly requests: number; readonly cpu: number };
  /** Bounds above the threshold, and per cent of the nodes to add. */
  readonly adjustments: readonly { readonly from: number; readonly to: number; readonly percent: number }[];
  readonly leastAdjustment: number;
}

const PREDEFINED: Readonly<Record<string, string>> = {
  ASGAverageCPUUtilization: 'cpu',
  ALBRequestCountPerTarget: 'requests',
};

/**
 * Reads the rules of the group whose logical id begins so.
 *
 * @throws Error when the template lacks what the simulation stands on: it would otherwise play without a rule.
 */
export function rulesOf(template: CloudFormationTemplate, prefix: string): Rules {
  const resources = Object.entries(template.Resources);
  const [id, group] = resources.find(
    ([name, { Type }]) => Type === 'AWS::AutoScaling::AutoScalingGroup' && name.startsWith(prefix),
  ) ?? [undefined, undefined];
  if (group === undefined) throw new Error(`no group ${prefix} in the template`);
  const policies = resources.filter(
    ([, { Type, Properties }]) =>
      Type === 'AWS::AutoScaling::ScalingPolicy' && Properties?.['AutoScalingGroupName']?.Ref === id,
  );
  const tracking = policies.flatMap(([, { Properties }]) => trackingOf(Properties?.['TargetTrackingConfiguration']));
  if (tracking.length === 0) throw new Error(`${id} tracks no target`);
  const steps = policies.find(([, { Properties }]) => Properties?.['PolicyType'] === 'StepScaling');
  return {
    least: Number(group.Properties?.['MinSize']),
    most: Number(group.Properties?.['MaxSize']),
    warmUp: Number(group.Properties?.['DefaultInstanceWarmup']) / 60,
    tracking,
    ...(steps && { steps: stepsOf(template, steps[0]) }),
    removal: removalOf(
      template,
      policies.find(([, { Properties }]) => Properties?.['PolicyType'] === 'SimpleScaling'),
      tracking,
    ),
  };
}

/** The property of a scaling policy, as far as it is played. */
interface TrackingConfiguration {
  readonly DisableScaleIn?: boolean;
  readonly TargetValue: number;
  readonly PredefinedMetricSpecification?: { readonly PredefinedMetricType: string };
  readonly CustomizedMetricSpecification?: {
    readonly Metrics: readonly { readonly Id: string; readonly ReturnData: boolean }[];
  };
}

function trackingOf(configuration: TrackingConfiguration | undefined): Tracking[] {
  if (configuration === undefined) return [];
  // What is simulated is that somebody else removes.
  if (configuration.DisableScaleIn !== true)
    throw new Error('target tracking removes nodes by rules not simulated here');
  const {
    TargetValue,
    PredefinedMetricSpecification: predefined,
    CustomizedMetricSpecification: custom,
  } = configuration;
  const answer = custom?.Metrics.find(({ ReturnData }) => ReturnData);
  const metric = PREDEFINED[predefined?.PredefinedMetricType ?? ''] ?? answer?.Id;
  if (metric === undefined) throw new Error('target tracking of a metric that is not simulated');
  return [{ metric, target: Number(TargetValue) }];
}

type Named = readonly [string, CloudFormationResource];

function removalOf(
  template: CloudFormationTemplate,
  policy: Named | undefined,
  tracking: readonly Tracking[],
): Removal {
  if (policy === undefined) throw new Error('nothing removes nodes');
  const [id, { Properties }] = policy;
  const alarm = alarmFor(template, id);
  const expression = expressionOf(alarm);
  const targets = tracking.map(({ target }) => target).sort((a, b) => b - a);
  const known = /^MAX\(\[FILL\(requests, 0\) \/ (\d+), cpu \/ (\d+)\]\) \* nodes \/ \(nodes - 1\)$/.exec(expression);
  if (known === null || known.slice(1).join() !== targets.join()) throw new Error(`not simulated: ${expression}`);
  if (Number(Properties?.['ScalingAdjustment']) !== -1) throw new Error(`${id} removes more than one node`);
  return {
    leftLoaded: Number(alarm['Threshold']),
    minutes: Number(alarm['EvaluationPeriods']),
    pause: Number(Properties?.['Cooldown']) / 60,
  };
}

type Properties = NonNullable<CloudFormationResource['Properties']>;

function alarmFor(template: CloudFormationTemplate, policy: string): Properties {
  const found = Object.values(template.Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::CloudWatch::Alarm' && JSON.stringify(Properties?.['AlarmActions'])?.includes(`"${policy}"`),
  );
  if (found?.Properties === undefined) throw new Error(`no alarm calls ${policy}`);
  return found.Properties;
}

function expressionOf(alarm: Properties): string {
  const metrics = (alarm['Metrics'] ?? []) as { Expression?: string }[];
  return metrics.find(({ Expression }) => Expression !== undefined)?.Expression ?? '';
}

function stepsOf(template: CloudFormationTemplate, policy: string): Steps {
  const { Properties: scaling } = template.Resources[policy] ?? {};
  const alarm = alarmFor(template, policy);
  const expression = expressionOf(alarm);
  const [, requests, cpu] = /^IF\(requests >= ([\d.]+) \|\| cpu >= ([\d.]+), latency, 0\)$/.exec(expression) ?? [];
  if (requests === undefined) throw new Error(`not simulated: ${expression}`);
  const adjustments = scaling?.['StepAdjustments'] as Record<string, number>[];
  return {
    threshold: Number(alarm['Threshold']),
    datapoints: Number(alarm['DatapointsToAlarm']),
    periods: Number(alarm['EvaluationPeriods']),
    loaded: { requests: Number(requests), cpu: Number(cpu) },
    adjustments: adjustments.map((step) => ({
      from: step['MetricIntervalLowerBound'] ?? Number.NEGATIVE_INFINITY,
      to: step['MetricIntervalUpperBound'] ?? Number.POSITIVE_INFINITY,
      percent: step['ScalingAdjustment'] ?? 0,
    })),
    leastAdjustment: Number(scaling?.['MinAdjustmentMagnitude']),
  };
}
