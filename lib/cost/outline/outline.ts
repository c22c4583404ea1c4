import type { Architecture, DatabasePlan, FleetPlan, NetworkPlan } from '../../architecture/architecture';
import type { AsyncPlan } from '../../architecture/asynchronous';
import type { Templates } from '../../template/template';
import { alarmsOf } from './alarms';
import { addExtremeData } from './extreme-data';
import { addFunction } from './functions';
import { addOperations } from './operations';
import { Resources, ZONES } from './resources';
import { addTable } from './tables';

/**
 * The priced resources of an architecture, as far as the bill reads them: what its templates would bill to, without
 * synthesising them. A test compares both over a grid of architectures.
 */
export function outlineOf(architecture: Architecture): Templates {
  const resources = new Resources();
  const { logDays, network } = architecture;
  resources.add('S3::Bucket');
  resources.add('Logs::LogGroup', { RetentionInDays: Math.max(logDays, network.flowLogDays) });
  addFunction(resources, { mib: 256 });
  addFunction(resources, { mib: 128, isArm: false });
  addNetwork(resources, network);
  addCompute(resources, architecture);
  addData(resources, architecture);
  addAsync(resources, architecture.async);
  addExtremeData(resources, architecture);
  addOperations(resources, architecture);
  addAlarms(resources, architecture);
  return resources.templates;
}

function addNetwork(resources: Resources, { egress, interfaceEndpoints }: NetworkPlan): void {
  if (interfaceEndpoints.length > 0) {
    const properties = { VpcEndpointType: 'Interface', SubnetIds: zones() };
    resources.add('EC2::VPCEndpoint', properties, { times: interfaceEndpoints.length });
  }
  if (egress.kind === 'gateway') {
    resources.add('EC2::EIP', {}, { times: egress.gateways, stack: 'network' });
    resources.add('EC2::NatGateway', {}, { times: egress.gateways, stack: 'network' });
  }
  // The NAT instance of lib/constructs/network.
  if (egress.kind === 'instance')
    addFleet(resources, { type: 't4g.micro', rootGiB: 8, isPublic: true, stack: 'network' });
}

/** A subnet of each zone. */
function zones(): number[] {
  return Array.from({ length: ZONES }, (_, zone) => zone);
}

interface Fleet {
  readonly type: string;
  readonly rootGiB: number;
  readonly minNodes?: number;
  readonly maxNodes?: number;
  readonly isPublic?: boolean;
  readonly stack?: string;
}

function addFleet(
  resources: Resources,
  { type, rootGiB, minNodes = 1, maxNodes = 1, isPublic, stack = 'app' }: Fleet,
): { Ref: string } {
  const launch = resources.add(
    'EC2::LaunchTemplate',
    {
      LaunchTemplateData: {
        InstanceType: type,
        Monitoring: { Enabled: true },
        BlockDeviceMappings: [{ Ebs: { VolumeType: 'gp3', VolumeSize: rootGiB } }],
        ...(isPublic && { NetworkInterfaces: [{ AssociatePublicIpAddress: true }] }),
      },
    },
    { stack },
  );
  const size = { MinSize: minNodes, MaxSize: maxNodes };
  return resources.add(
    'AutoScaling::AutoScalingGroup',
    { ...size, LaunchTemplate: { LaunchTemplateId: launch } },
    { stack },
  );
}

function addCompute(resources: Resources, architecture: Architecture): void {
  const { box, app, web, async, node, ingress, edge, cluster } = architecture;
  const fleets = [box, app, web, async?.workers.fleet].filter((fleet): fleet is FleetPlan => fleet !== undefined);
  for (const fleet of fleets) {
    const { instanceType, minNodes, maxNodes, scaling } = fleet;
    const size = { type: instanceType.name, rootGiB: node.rootVolumeGiB, minNodes, maxNodes, isPublic: fleet === box };
    const group = addFleet(resources, size);
    const warm = scaling?.warmNodes ?? 0;
    if (warm > 0)
      resources.add('AutoScaling::WarmPool', { AutoScalingGroupName: group, MinSize: warm }, { stack: 'app' });
    resources.add('Logs::MetricFilter', { MetricTransformations: [{ MetricName: `errors ${fleet.role}` }] });
  }
  if (box !== undefined) resources.add('EC2::EIP', {}, { stack: 'app' });
  if (ingress !== undefined) {
    const fronts = web === undefined ? 1 : 2;
    const isNetwork = ingress.kind === 'sockets';
    for (let front = 0; front < fronts; front++) {
      const Scheme = isNetwork && front === 0 ? 'internet-facing' : 'internal';
      const Type = isNetwork ? 'network' : 'application';
      resources.add('ElasticLoadBalancingV2::LoadBalancer', { Type, Scheme, Subnets: zones() });
    }
    // The cookie that joins nodes.
    resources.add('SecretsManager::Secret');
  }
  if (cluster !== undefined) {
    // The function that certifies nodes with a key, and a count of those that could not renew.
    resources.add('KMS::Key');
    addFunction(resources, { mib: 256 });
    const counted = [app, async?.workers.fleet].filter((fleet) => fleet !== undefined);
    resources.add(
      'Logs::MetricFilter',
      { MetricTransformations: [{ MetricName: 'certificates' }] },
      { times: counted.length },
    );
  }
  if (edge !== undefined) {
    resources.add('CloudFront::Distribution');
    resources.add('WAFv2::WebACL', { Scope: 'CLOUDFRONT', Rules: Array.from({ length: FIREWALL_RULES }, () => ({})) });
  }
}

/** Rules of lib/constructs/edge/firewall.ts. */
const FIREWALL_RULES = 5;

function addData(resources: Resources, { database, localDatabase, cache, functions }: Architecture): void {
  if (localDatabase !== undefined) {
    resources.add('EC2::Volume', { VolumeType: 'gp3', Size: localDatabase.volumeGiB });
    const Schedules = [{ RetainRule: { Count: localDatabase.snapshotDays } }];
    resources.add('DLM::LifecyclePolicy', { PolicyDetails: { Schedules } });
  }
  const single = functions === undefined && database !== undefined ? [database] : [];
  const all = [...single, ...(functions ?? [])];
  for (const plan of all) addDatabase(resources, plan);
  if (all.length > 0) addFunction(resources, { mib: 256 });
  if (all.some(({ readers }) => readers !== undefined)) resources.add('Route53::HostedZone');
  if (cache === undefined) return;
  resources.add('SecretsManager::Secret');
  resources.add('ElastiCache::ReplicationGroup', {
    Engine: 'valkey',
    CacheNodeType: cache.class,
    NumCacheClusters: 1 + cache.replicas,
    SnapshotRetentionLimit: cache.snapshotDays,
  });
}

/** A database with its replicas, and the secrets of its master and of the application. */
function addDatabase(resources: Resources, plan: DatabasePlan): void {
  const writer = resources.add('RDS::DBInstance', {
    Engine: 'postgres',
    DBInstanceClass: plan.class,
    MultiAZ: plan.multiAz,
    StorageType: 'gp3',
    AllocatedStorage: plan.storageGiB,
    BackupRetentionPeriod: plan.backupDays,
    MaxAllocatedStorage: plan.maxStorageGiB,
    DatabaseInsightsMode: plan.insights,
  });
  const { count = 0, class: name = plan.class } = plan.readers ?? {};
  const replica = { SourceDBInstanceIdentifier: writer, DBInstanceClass: name, StorageType: 'gp3' };
  resources.add('RDS::DBInstance', replica, { times: count });
  resources.add('SecretsManager::Secret', {}, { times: 2 });
}

function addAsync(resources: Resources, plan: AsyncPlan | undefined): void {
  if (plan === undefined) return;
  for (const { fifo, worker } of plan.queues) {
    const queue = resources.add('SQS::Queue', fifo ? { FifoQueue: true } : {});
    if (worker === 'lambda') addFunction(resources, { mib: 512, reads: { EventSourceArn: queue } });
  }
  addFunction(resources, { mib: 256, everyMinutes: 5 });
  // Jobs that were done are remembered there.
  addTable(resources, 'jobs');
}

function addAlarms(resources: Resources, architecture: Architecture): void {
  const { alarms, composites, ownMetrics } = alarmsOf(architecture);
  const metric = (at: number) =>
    at < ownMetrics ? { Namespace: 'Beamstalk', MetricName: String(at) } : { Namespace: 'AWS/Any', MetricName: 'Any' };
  const Metrics = Array.from({ length: alarms }, (_, at) => ({ MetricStat: { Metric: metric(at), Period: 60 } }));
  // One alarm of many metrics costs as much as many of one.
  if (alarms > 0) resources.add('CloudWatch::Alarm', { Metrics });
  resources.add('CloudWatch::CompositeAlarm', {}, { times: composites });
}
