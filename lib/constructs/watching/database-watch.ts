import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import type { AlarmRow } from './alarm-row';
import { Watch } from './watch';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const MINUTE = { period: Duration.minutes(1) };
const FIVE_MINUTES = { period: Duration.minutes(5) };

export interface WatchedDatabase {
  /** `database`, or the name of a function's database. */
  readonly subject: string;
  readonly instance: rds.IDatabaseInstance;
  /** Storage allocated at first, GiB. */
  readonly storageGiB: number;
  /** Instance class, for example `db.t4g.medium`. */
  readonly class: string;
  /** True for a replica: its lag is watched, and metrics that only a writer has are not. */
  readonly replica?: boolean;
}

export interface DatabaseWatchProps extends WatchedDatabase {
  readonly environment: string;
}

/** One instance of RDS for PostgreSQL: what runs out, what slows down, and how far a replica is behind. */
export class DatabaseWatch extends Watch {
  constructor(scope: Construct, id: string, props: DatabaseWatchProps) {
    const { environment, subject, instance, storageGiB, replica = false } = props;
    const metric = (metricName: string, statistic: string, period = MINUTE): cloudwatch.Metric =>
      instance.metric(metricName, { statistic, ...period });
    const cpu = metric('CPUUtilization', 'Average');
    const connections = metric('DatabaseConnections', 'Maximum');
    const storage = metric('FreeStorageSpace', 'Minimum', FIVE_MINUTES);
    const readLatency = metric('ReadLatency', 'Average');
    const writeLatency = metric('WriteLatency', 'Average');
    const lag = metric('ReplicaLag', 'Maximum');
    const slots = metric('OldestReplicationSlotLag', 'Maximum', FIVE_MINUTES);
    super(scope, id, {
      environment,
      subject,
      tier: 'data',
      alarms: [
        {
          name: 'storage',
          title: 'Storage is nearly full and has not grown by itself, as it should at a tenth: a full database stops.',
          weight: 'urgent',
          metric: storage,
          // A twentieth of what it began with, at least 2 GiB. It grows by itself when less than a tenth is free.
          when: { below: Math.max(2, storageGiB / 20) * GIB },
          points: [3, 3],
          silence: 'unknown',
        },
        {
          name: 'cpu',
          title: 'The database works at more than 85 % for a quarter of an hour.',
          weight: 'cause',
          metric: cpu,
          when: { above: 85 },
          points: [15, 15],
          silence: 'unknown',
        },
        {
          name: 'memory',
          title: 'The database has almost no memory left that it could free.',
          weight: 'cause',
          metric: metric('FreeableMemory', 'Minimum'),
          when: { below: 256 * MIB },
          points: [15, 15],
          silence: 'unknown',
        },
        {
          name: 'connections',
          title:
            'Far more connections than is usual: pools that grow without bound, or nodes that died without closing.',
          weight: 'cause',
          // The greatest number follows from the class's memory, and pools are fixed: what is unusual is what matters.
          metric: metric('DatabaseConnections', 'Maximum', FIVE_MINUTES),
          when: { unusual: 'high' },
          points: [3, 3],
          silence: 'well',
        },
        slow('read-latency', 'Reads from the disk take more than 20 ms.', readLatency),
        ...(replica
          ? [replicaLag(lag)]
          : [slow('write-latency', 'Writes to the disk take more than 20 ms.', writeLatency)]),
        ...(replica
          ? []
          : [wraparound(metric('MaximumUsedTransactionIDs', 'Maximum', FIVE_MINUTES)), forgotten(slots)]),
        ...balances(metric, props.class),
      ],
      graphs: [
        { title: 'CPU, %; connections', left: [cpu], right: [connections] },
        {
          title: 'disk latency, seconds',
          left: [readLatency, writeLatency],
          right: [metric('DiskQueueDepth', 'Average')],
        },
        replica
          ? { title: 'lag, seconds', left: [lag] }
          : { title: 'free storage, bytes; oldest replication slot, bytes', left: [storage], right: [slots] },
      ],
    });
  }
}

/** gp3 answers within single-digit milliseconds: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
function slow(name: string, title: string, metric: cloudwatch.Metric): AlarmRow {
  return { name, title, weight: 'cause', metric, when: { above: 0.02 }, points: [10, 15], silence: 'unknown' };
}

function replicaLag(metric: cloudwatch.Metric): AlarmRow {
  return {
    name: 'lag',
    title: 'The replica is more than half a minute behind its writer, or copies nothing: readers see the past.',
    weight: 'cause',
    metric,
    when: { above: 30 },
    points: [5, 5],
    // A replica that copies nothing reports no lag.
    silence: 'unwell',
  };
}

/** PostgreSQL refuses writes when 2,000 million identifiers are used, and vacuums by force from 200 million on. */
function wraparound(metric: cloudwatch.Metric): AlarmRow {
  return {
    name: 'transaction-ids',
    title:
      'Half of the transaction identifiers are used and vacuum does not free them: at the end PostgreSQL stops writes.',
    weight: 'urgent',
    metric,
    when: { above: 1_000_000_000 },
    points: [3, 3],
    silence: 'unknown',
  };
}

function forgotten(metric: cloudwatch.Metric): AlarmRow {
  return {
    name: 'replication-slots',
    title: 'A replication slot that nobody reads keeps more than 10 GiB of the log: it fills the storage.',
    weight: 'cause',
    metric,
    when: { above: 10 * GIB },
    points: [3, 3],
    // Without slots there is no figure.
    silence: 'well',
  };
}

/** Alarms on burst balances, which smaller classes have and larger ones do not. */
function balances(
  metric: (name: string, statistic: string, period: typeof MINUTE) => cloudwatch.Metric,
  databaseClass: string,
): AlarmRow[] {
  const low = (name: string, title: string, metricName: string): AlarmRow => ({
    name,
    title,
    weight: 'cause',
    metric: metric(metricName, 'Minimum', FIVE_MINUTES),
    when: { below: 20 },
    points: [3, 3],
    silence: 'well',
  });
  const rows = [
    low('disk-throughput', 'Throughput of the disk is nearly used up.', 'EBSByteBalance%'),
    low('disk-operations', 'Operations of the disk are nearly used up.', 'EBSIOBalance%'),
  ];
  if (!/^db\.t\d/.test(databaseClass)) return rows;
  return [
    ...rows,
    {
      name: 'credits',
      title: 'The database uses more CPU than its class earns over a day: AWS charges for it from now on.',
      weight: 'cause',
      metric: metric('CPUSurplusCreditsCharged', 'Maximum', FIVE_MINUTES),
      when: { above: 0 },
      points: [3, 3],
      silence: 'well',
    },
  ];
}
