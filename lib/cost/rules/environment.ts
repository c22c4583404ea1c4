import type { Traffic } from '../../config/traffic-settings';
import { inside, isTree, listInside, numberOf } from '../../template/values';
import { ASSUMED, DAYS, GB } from '../assumptions';
import type { Item, Tier } from '../item';
import type { Survey } from '../survey';
import { automatedOfDatabases } from './backups';

/** Usage of the templates as a whole, which no one resource of them stands for. */
export function usageOfAll(survey: Survey, traffic: Traffic): Item[] {
  return [
    ...toUsers(survey),
    ...betweenZones(survey, traffic),
    ...logs(survey, traffic),
    ...metrics(survey),
    ...files(survey, traffic),
    ...automatedOfDatabases(survey),
  ];
}

const used = (tier: Tier, what: string, price: string, quantity: number): Item => ({
  ...{ what, price, quantity, tier, kind: 'usage' },
});

/** Past CloudFront, or without it, what users get leaves from the region. What CloudFront fetches is free. */
function toUsers(survey: Survey): Item[] {
  const gb = survey.hasEdge ? survey.outGB - survey.edgeGB : survey.outGB;
  return gb === 0 || survey.nodes === 0 ? [] : [used('network', 'data to users', 'transfer.out', gb)];
}

/**
 * Rows on their way between nodes and databases or caches in other zones, billed on both sides. Between an Application Load
 * Balancer and its targets nothing is billed; before a Network Load Balancer, what crosses zones is.
 * Source: https://aws.amazon.com/blogs/networking-and-content-delivery/exploring-data-transfer-costs-for-classic-and-application-load-balancers/
 */
function betweenZones(survey: Survey, { readsPerMonth, writesPerMonth, rowBytes }: Traffic): Item[] {
  const hasServers = survey.of('AWS::RDS::DBInstance', 'AWS::ElastiCache::ReplicationGroup').length > 0;
  const rows = hasServers && survey.nodes > 0 ? ((readsPerMonth + writesPerMonth) * rowBytes) / GB : 0;
  const isNetwork = survey
    .of('AWS::ElasticLoadBalancingV2::LoadBalancer')
    .some(({ resource }) => resource.Properties?.['Type'] === 'network');
  const gb = (rows + (isNetwork ? survey.inGB + survey.originGB : 0)) * ASSUMED.crossesZones;
  return gb === 0 ? [] : [used('network', 'data between zones, both ways', 'transfer.zones', gb * 2)];
}

function logs(survey: Survey, traffic: Traffic): Item[] {
  const groups = survey.of('AWS::Logs::LogGroup');
  if (groups.length === 0) return [];
  const ofRequests = survey.nodes > 0 ? (traffic.requestsPerMonth * ASSUMED.logBytesPerRequest) / GB : 0;
  const gb = ofRequests + survey.nodes * ASSUMED.logGBPerNode;
  const days = Math.max(...groups.map(({ resource }) => numberOf(inside(resource, 'RetentionInDays')) ?? 365));
  return [
    used('operations', 'logs that come in', 'cloudwatch.logs-in', gb),
    used('operations', `logs of ${days} days`, 'cloudwatch.logs-gb', (gb * ASSUMED.logCompression * days) / DAYS),
  ];
}

/** Metrics of nodes and of releases that alarms look at. */
function metrics(survey: Survey): Item[] {
  const filtered = new Set(
    survey
      .of('AWS::Logs::MetricFilter')
      .flatMap(({ resource }) => listInside(resource, 'MetricTransformations').map((one) => String(one['MetricName']))),
  );
  const own = new Set<string>();
  for (const { resource } of survey.of('AWS::CloudWatch::Alarm')) {
    const stats = listInside(resource, 'Metrics').map(({ MetricStat }) =>
      isTree(MetricStat) ? MetricStat['Metric'] : undefined,
    );
    for (const metric of [resource.Properties, ...stats].filter(isTree)) {
      const { Namespace, MetricName, Dimensions = [] } = metric;
      if (typeof Namespace !== 'string' || Namespace.startsWith('AWS/') || filtered.has(String(MetricName))) continue;
      own.add(JSON.stringify([Namespace, MetricName, Dimensions]));
    }
  }
  return own.size === 0 ? [] : [used('operations', 'metrics of nodes', 'cloudwatch.metric', own.size)];
}

function files(survey: Survey, { users, uploadMiBPerUser }: Traffic): Item[] {
  const buckets = survey.of('AWS::S3::Bucket');
  if (buckets.length === 0) return [];
  const uploads = (users * uploadMiBPerUser) / 1024;
  const accessLogs = survey.hasEdge ? (survey.edgeRequests * ASSUMED.accessLogBytes) / GB : 0;
  return [
    used('data', 'files', 's3.gb', uploads),
    used('operations', 'access logs of a month', 's3.gb', accessLogs),
    used('data', 'reads of files', 's3.get', survey.originRequests * ASSUMED.s3GetsPerRequest),
    used('data', 'writes of files', 's3.put', survey.originRequests * ASSUMED.s3PutsPerRequest),
  ];
}
