import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** One line of the table of alarms, docs/alarms.md. */
export interface AlarmRow {
  /** In lower case with hyphens; unique for its subject. */
  readonly name: string;
  /** Problem, its consequence and what to do, for whoever is called. */
  readonly title: string;
  /**
   * `symptom`: users are unwell, somebody is paged. `urgent`: paged as well, whether users feel it yet or not. `cause`:
   * somebody is told, and not even that while a symptom pages.
   */
  readonly weight: 'symptom' | 'urgent' | 'cause';
  readonly metric: cloudwatch.IMetric;
  /** In the unit of the metric; `unusual` where a threshold would lie, because what is normal follows the day. */
  readonly when:
    | { readonly above: number }
    | { readonly below: number }
    | { readonly unusual: 'high' | 'low' | 'either' };
  /** So many data points of so many must be bad. A point is a minute where the metric does not say otherwise. */
  readonly points: readonly [bad: number, of: number];
  /** Meaning of missing data. */
  readonly silence: 'well' | 'unwell' | 'unknown';
}
