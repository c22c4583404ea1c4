import { findInstanceType, INSTANCE_TYPE_NAMES, type InstanceType } from '../facts/instance-type';
import type { Line } from './resolved-bill';

/** Advice that makes the cost of a price smaller, by how its id begins; the first that fits counts. */
const ADVICE: readonly (readonly [string, string])[] = [
  ['rds.gp3', 'storage never shrinks: allocate less at first, and let it grow'],
  ['rds.iops', 'a class with more memory reads less from its disk'],
  ['rds.insights', '`database.insights: standard` keeps 7 days instead of 465'],
  ['aurora.insights', '`database.insights: standard` keeps 7 days instead of 465'],
  ['rds.db', 'a smaller class or one replica fewer; a reservation of a year for what stays'],
  ['aurora.acu', 'fewer clusters or readers, or a smaller `data.sharding.minCapacity`'],
  ['aurora.db', 'a smaller class or a reader fewer; a reservation of a year for what stays'],
  ['aurora.', 'rows that are kept for fewer months; I/O-Optimized storage when I/O is a quarter of the cluster'],
  ['cache.backup', 'fewer days of snapshots: `cache.snapshotDays`'],
  ['cache.', 'a smaller node type or one replica fewer; a reservation of a year for what stays'],
  ['vpc.nat-gb', 'gateway or interface endpoints for what goes to AWS, and IPv6 for what goes elsewhere'],
  ['vpc.nat', '`network.natGateways: 1`, or `network.egress: instance`'],
  ['vpc.endpoint', 'fewer `network.interfaceEndpoints`'],
  ['vpc.ipv4', 'fewer public addresses'],
  ['cloudfront.out', 'smaller responses, compressed; a narrower `edge.priceClass` for users far away'],
  ['cloudfront.', 'fewer, larger requests: one answer instead of ten, or a connection that stays open'],
  ['waf.requests', 'fewer, larger requests: one answer instead of ten, or a connection that stays open'],
  ['waf.', 'fewer rules of the firewall'],
  ['elb.', '`web.enabled: false` spares a load balancer and its proxies'],
  ['transfer.out', 'smaller responses, compressed, or CloudFront before them'],
  ['transfer.zones', 'a cache in the node before the one across the network'],
  ['redshift.', 'a smaller `data.warehouse.maxRpuHoursPerDay`, or `data.warehouse.enabled: false`'],
  ['dynamodb.', 'items below the next KB; provisioned capacity for a load that is steady'],
  ['keyspaces.', 'provisioned capacity for a load that is steady'],
  ['dsql.', 'fewer round trips: transactions that do more at once'],
  ['docdb.', 'an instance fewer, or `data.documents.enabled: false`'],
  ['neptune.', 'a smaller `data.graph.minCapacity`, or `data.graph.enabled: false`'],
  ['s3.', 'files that expire, or move to Infrequent Access: `storage.uploadsInfrequentAccessDays`'],
  ['backup.', 'fewer days and months of backups: `operations.backupDays`, `operations.backupMonths`'],
  ['ebs.snapshot', 'fewer snapshots: `box.snapshotDays`'],
  ['ebs.', 'smaller volumes: `node.rootVolumeGiB`, `box.dataVolumeGiB`'],
  ['cloudwatch.logs', 'a lower log level, or fewer `logDays`'],
  ['cloudwatch.', 'fewer tiers to watch: alarms and metrics follow from what there is'],
  ['lambda.', 'less memory, or fewer runs'],
  ['sqs.', 'jobs in batches'],
  ['codebuild.', 'fewer releases, or a smaller machine to build on'],
  ['codepipeline.', 'fewer releases'],
  ['cloudtrail.', 'fewer data events'],
  ['secrets.', 'fewer secrets'],
  ['kms.', 'keys of AWS where nobody else must use them'],
  ['ssm.', 'standard parameters, which are free up to 4 KB'],
  ['route53.', 'fewer zones'],
  ['sns.', 'fewer notifications'],
  ['msk.', 'fewer or smaller brokers'],
  ['eks.', 'one cluster for several environments'],
];

/** Words on what would make a line of a bill smaller. */
export function cheaper({ price, usd }: Pick<Line, 'price' | 'usd'>): string {
  if (price.id.startsWith('ec2.')) return cheaperInstance(price.id.slice('ec2.'.length), usd);
  const found = ADVICE.find(([prefix]) => price.id.startsWith(prefix));
  return found?.[1] ?? 'less of it';
}

function cheaperInstance(name: string, usd: number): string {
  const plan = 'a Compute Savings Plan for the nodes that always run';
  const type = findInstanceType(name);
  const other = type && cheapestLike(type);
  if (type === undefined || other === undefined) return `fewer nodes, or ${plan}`;
  const saved = usd * (1 - other.usdPerHour / type.usdPerHour);
  const release = other.architecture === type.architecture ? '' : `, with a release for ${other.architecture}`;
  return `${other.name} for $${saved.toFixed(0)} less${release}; ${plan}`;
}

/** The cheapest type that has no fewer vCPU, memory and network, and no credits to run out of unless this one has. */
function cheapestLike(type: InstanceType): InstanceType | undefined {
  const alike = INSTANCE_TYPE_NAMES.flatMap((name) => findInstanceType(name) ?? []).filter(
    (one) =>
      one.usdPerHour < type.usdPerHour &&
      one.vcpu >= type.vcpu &&
      one.memoryMiB >= type.memoryMiB &&
      one.networkMbps >= type.networkMbps &&
      (type.burstable || !one.burstable),
  );
  return alike.sort((a, b) => a.usdPerHour - b.usdPerHour)[0];
}
