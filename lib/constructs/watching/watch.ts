import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmRow } from './alarm-row';

/** Dashboard that shows a watch; one over the account has none. */
export type Tier = 'users' | 'app' | 'data' | 'async' | 'account';

/** One picture on a dashboard. */
export interface GraphRow {
  readonly title: string;
  readonly left: readonly cloudwatch.IMetric[];
  readonly right?: readonly cloudwatch.IMetric[];
  /** Region of the metrics, when it is another than the dashboard's. */
  readonly region?: string;
}

export interface WatchProps {
  readonly environment: string;
  /** Name of the watched thing as it appears in the names of its alarms: `<environment>-<subject>-<alarm>`. */
  readonly subject: string;
  readonly tier: Tier;
  readonly alarms: readonly AlarmRow[];
  readonly graphs: readonly GraphRow[];
}

/**
 * The alarms and graphs of one thing. Its alarms call nobody: `Calls` decides who hears of them, so that a thing can be
 * watched in the stack that it stands in, which knows no topic.
 */
export class Watch extends Construct {
  readonly subject: string;
  readonly tier: Tier;
  readonly graphs: readonly GraphRow[];
  private readonly alarms: readonly (readonly [AlarmRow['weight'], cloudwatch.IAlarm])[];

  constructor(scope: Construct, id: string, { environment, subject, tier, alarms, graphs }: WatchProps) {
    super(scope, id);
    this.subject = subject;
    this.tier = tier;
    this.graphs = graphs;
    this.alarms = alarms.map((row) => [row.weight, alarm(this, `${environment}-${subject}`, row)] as const);
  }

  /** Alarms that say that users are unwell now. */
  get symptoms(): readonly cloudwatch.IAlarm[] {
    return this.of('symptom');
  }

  /** Alarms about what cannot wait, whether users feel it yet or not. */
  get urgent(): readonly cloudwatch.IAlarm[] {
    return this.of('urgent');
  }

  /** Alarms that explain a symptom, or announce one. */
  get causes(): readonly cloudwatch.IAlarm[] {
    return this.of('cause');
  }

  private of(wanted: AlarmRow['weight']): readonly cloudwatch.IAlarm[] {
    return this.alarms.flatMap(([weight, found]) => (weight === wanted ? [found] : []));
  }
}

const SILENCE = {
  well: cloudwatch.TreatMissingData.NOT_BREACHING,
  unwell: cloudwatch.TreatMissingData.BREACHING,
  unknown: cloudwatch.TreatMissingData.MISSING,
} as const satisfies Record<AlarmRow['silence'], cloudwatch.TreatMissingData>;

const BAND = {
  high: cloudwatch.ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
  low: cloudwatch.ComparisonOperator.LESS_THAN_LOWER_THRESHOLD,
  either: cloudwatch.ComparisonOperator.LESS_THAN_LOWER_OR_GREATER_THAN_UPPER_THRESHOLD,
} as const;

/** Standard deviations of the band within which a metric is held to be as usual. Assumed. */
const BAND_WIDTH = 4;

function alarm(scope: Construct, prefix: string, row: AlarmRow): cloudwatch.IAlarm {
  const { name, title, metric, when, points } = row;
  const [datapointsToAlarm, evaluationPeriods] = points;
  const common = {
    // Only another name replaces an alarm, so a fixed one stands in no replacement's way; people are called by it.
    alarmName: `${prefix}-${name}`,
    alarmDescription: title,
    metric,
    datapointsToAlarm,
    evaluationPeriods,
    treatMissingData: SILENCE[row.silence],
  };
  if ('unusual' in when) {
    return new cloudwatch.AnomalyDetectionAlarm(scope, name, {
      ...common,
      stdDevs: BAND_WIDTH,
      comparisonOperator: BAND[when.unusual],
    });
  }
  const above = 'above' in when;
  return new cloudwatch.Alarm(scope, name, {
    ...common,
    threshold: above ? when.above : when.below,
    comparisonOperator: above
      ? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
      : cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
  });
}
