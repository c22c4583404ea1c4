import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { CachePlan } from '../../architecture/architecture';
import type { Valkey } from '../cache/valkey';
import { Watch } from './watch';

const MINUTE = { period: Duration.minutes(1) };

export interface CacheWatchProps {
  readonly environment: string;
  readonly cache: Valkey;
  readonly plan: CachePlan;
}

/**
 * The nodes of the cache, each figure over all of them. ElastiCache reports by node, and names those of a replication
 * group `<group>-001` and so on.
 *
 * Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html (2026-11-21)
 */
export class CacheWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, cache, plan }: CacheWatchProps) {
    const numbers = Array.from({ length: plan.replicas + 1 }, (_, index) => String(index + 1).padStart(3, '0'));
    const nodes = (metricName: string, statistic: string): Record<string, cloudwatch.Metric> =>
      Object.fromEntries(
        numbers.map((number) => [
          // Unique over a graph, and in lower case at first, as CloudWatch wants it.
          `n${number}${metricName}`,
          new cloudwatch.Metric({
            namespace: 'AWS/ElastiCache',
            metricName,
            statistic,
            dimensionsMap: { CacheClusterId: `${cache.group.ref}-${number}` },
            label: number,
            ...MINUTE,
          }),
        ]),
      );
    const over = (
      all: 'MAX' | 'SUM',
      metricName: string,
      statistic: string,
      label: string,
    ): cloudwatch.MathExpression => {
      const usingMetrics = nodes(metricName, statistic);
      const list = `[${Object.keys(usingMetrics).join(', ')}]`;
      return new cloudwatch.MathExpression({ expression: `${all}(${list})`, usingMetrics, label, ...MINUTE });
    };
    const engine = over('MAX', 'EngineCPUUtilization', 'Average', 'busiest node, %');
    const memory = over('MAX', 'DatabaseMemoryUsagePercentage', 'Maximum', 'fullest node, %');
    const evictions = over('SUM', 'Evictions', 'Sum', 'evicted');
    const lag = over('MAX', 'ReplicationLag', 'Maximum', 'replica furthest behind, seconds');
    const connections = over('SUM', 'CurrConnections', 'Average', 'connections');
    super(scope, id, {
      environment,
      subject: 'cache',
      tier: 'data',
      alarms: [
        {
          name: 'engine',
          title: 'The one thread of Valkey that commands share is busy: everything that asks the cache waits.',
          weight: 'cause',
          metric: engine,
          when: { above: 80 },
          points: [10, 15],
          silence: 'unknown',
        },
        {
          name: 'memory',
          title: 'The cache is nearly full: what expires soonest goes first, sessions among it.',
          weight: 'cause',
          metric: memory,
          when: { above: 80 },
          points: [10, 15],
          silence: 'unknown',
        },
        {
          name: 'evictions',
          title: 'The cache evicts entries: users may lose their sessions.',
          weight: 'cause',
          metric: evictions,
          when: { above: 0 },
          points: [5, 10],
          silence: 'well',
        },
        {
          name: 'lag',
          title:
            'A replica of the cache is more than five seconds behind: a failover would lose what was written since.',
          weight: 'cause',
          metric: lag,
          when: { above: 5 },
          points: [5, 10],
          // The primary reports none, and a cache without replicas never does.
          silence: 'well',
        },
        {
          name: 'connection-tracking',
          title: 'A node of the cache has dropped packets because it tracks as many connections as its size may.',
          weight: 'cause',
          metric: over('MAX', 'NetworkConntrackAllowanceExceeded', 'Sum', 'dropped'),
          when: { above: 0 },
          points: [2, 5],
          silence: 'well',
        },
      ],
      graphs: [
        { title: 'engine CPU, %; memory, %', left: [engine], right: [memory] },
        { title: 'connections; evictions', left: [connections], right: [evictions] },
        {
          title: 'hits, misses',
          left: [over('SUM', 'CacheHits', 'Sum', 'hits'), over('SUM', 'CacheMisses', 'Sum', 'misses')],
          right: [lag],
        },
      ],
    });
  }
}
