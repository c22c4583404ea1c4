import { inside, numberOf } from '../../template/values';
import { ASSUMED, DAYS, HOURS } from '../assumptions';
import type { Asked, Part, Rules } from '../item';
import { isJobRecord, isMachinery, type Survey } from '../survey';

export const STORES: Rules = {
  'AWS::ElastiCache::ReplicationGroup': cacheNodes,
  'AWS::DynamoDB::GlobalTable': (asked) => table(asked, listLength(asked.resource.Properties?.['Replicas'])),
  'AWS::DynamoDB::Table': (asked) => table(asked, 1),
  'AWS::Cassandra::Keyspace': keyspace,
  'AWS::RedshiftServerless::Workgroup': warehouse,
  'AWS::RedshiftServerless::Namespace': ({ survey }) => [
    { what: 'rows', price: 'redshift.gb', quantity: survey.dataGB, tier: 'warehouse', kind: 'usage' },
  ],
  'AWS::MSK::Cluster': brokers,
};

function cacheNodes({ resource, survey }: Asked): Part[] {
  const { Properties = {} } = resource;
  const [engine, type] = [Properties['Engine'] ?? 'redis', Properties['CacheNodeType']];
  if (typeof type !== 'string') return [{ unknown: 'its node type is known to CloudFormation only' }];
  const groups = numberOf(Properties['NumNodeGroups']) ?? 1;
  const ofGroups = groups * (1 + (numberOf(Properties['ReplicasPerNodeGroup']) ?? 0));
  const nodes = numberOf(Properties['NumCacheClusters']) ?? ofGroups;
  const days = numberOf(Properties['SnapshotRetentionLimit']) ?? 0;
  // The newest snapshot is free.
  const gb = survey.dataGB * ASSUMED.hotShare * Math.max(0, days - 1);
  const price = `cache.${String(engine)}.${type}`;
  return [
    { what: `${nodes} ${type}`, price, quantity: nodes * HOURS, tier: 'cache', kind: 'fixed' },
    { what: `${days} daily snapshots`, price: 'cache.backup', quantity: gb, tier: 'cache', kind: 'usage' },
  ];
}

function listLength(value: unknown): number {
  return Array.isArray(value) ? value.length : 1;
}

/** Units of a read and of a write: of 4 KB, read eventually consistently at half a unit, and of 1 KB. */
function unitsOf({ reads, writes }: { reads: number; writes: number }, rowBytes: number): [number, number] {
  return [reads * Math.ceil(rowBytes / 4096) * 0.5, writes * Math.ceil(rowBytes / 1024)];
}

function table({ resource, survey, traffic }: Asked, regions: number): Part[] {
  const { Properties = {} } = resource;
  if (isMachinery(resource)) return isJobRecord(resource) ? [jobRecords(survey)] : [];
  const load = survey.load('tables');
  const [reads, writes] = unitsOf(load, traffic.rowBytes);
  const usage = { tier: 'data', kind: 'usage' } as const;
  const parts: Part[] = [{ what: 'items', price: 'dynamodb.gb', quantity: load.gb * regions, ...usage }];
  if (isRecoverable(resource.Properties))
    parts.push({ what: 'recovery of items', price: 'dynamodb.pitr', quantity: load.gb * regions, ...usage });
  if (Properties['BillingMode'] === 'PAY_PER_REQUEST') {
    parts.push(
      { what: 'reads', price: 'dynamodb.read', quantity: reads, ...usage },
      { what: 'writes', price: 'dynamodb.write', quantity: writes * regions, ...usage },
    );
    return parts;
  }
  const [rcu, wcu] = ['ReadCapacityUnits', 'WriteCapacityUnits'].map((name) =>
    numberOf(inside(resource, 'ProvisionedThroughput', name)),
  );
  if (rcu === undefined || wcu === undefined) return [...parts, { unknown: 'its provisioned capacity is not said' }];
  parts.push(
    { what: `${rcu} provisioned reads`, price: 'dynamodb.rcu', quantity: rcu * HOURS, tier: 'data', kind: 'fixed' },
    { what: `${wcu} provisioned writes`, price: 'dynamodb.wcu', quantity: wcu * HOURS, tier: 'data', kind: 'fixed' },
  );
  return parts;
}

/** Records of jobs, each gone after a day: nothing to speak of is stored. The map of shards is read from memory. */
function jobRecords(survey: Survey): Part {
  const quantity = survey.jobsOfFunctions * ASSUMED.writesPerJob;
  return { what: 'records of jobs', price: 'dynamodb.write', quantity, tier: 'queues', kind: 'usage' };
}

function isRecoverable(properties: unknown): boolean {
  return /"PointInTimeRecoveryEnabled":(true|"true")/.test(JSON.stringify(properties ?? {}));
}

/** A keyspace costs nothing by itself; its tables are the application's, and billed by request. */
function keyspace({ survey, traffic }: Asked): Part[] {
  const load = survey.load('wide');
  const [reads, writes] = unitsOf(load, traffic.rowBytes);
  const usage = { tier: 'data', kind: 'usage' } as const;
  return [
    { what: 'rows', price: 'keyspaces.gb', quantity: load.gb, ...usage },
    { what: 'reads', price: 'keyspaces.read', quantity: reads, ...usage },
    { what: 'writes', price: 'keyspaces.write', quantity: writes, ...usage },
  ];
}

function warehouse({ resource, survey }: Asked): Part[] {
  const base = numberOf(resource.Properties?.['BaseCapacity']);
  if (base === undefined) return [{ unknown: 'its base capacity is not said' }];
  const limit = hoursLimit(survey);
  const perDay = Math.min(base * ASSUMED.warehouseHoursPerDay, limit ?? Number.POSITIVE_INFINITY);
  const most = limit ?? base * 24;
  const what = `${base} processing units, ${ASSUMED.warehouseHoursPerDay} hours a day`;
  const quantity = perDay * DAYS;
  return [{ what, price: 'redshift.rpu', quantity, range: [0, most * DAYS], tier: 'warehouse', kind: 'usage' }];
}

/** RPU hours a day beyond which the house's usage limit stops queries, when there is one. */
function hoursLimit(survey: Survey): number | undefined {
  const text = survey.of('Custom::WarehouseUsageLimit').map(({ resource }) => JSON.stringify(resource.Properties))[0];
  const [, amount] = /\\"amount\\":(\d+)/.exec(text ?? '') ?? [];
  return amount === undefined ? undefined : Number(amount);
}

function brokers({ resource }: Asked): Part[] {
  const type = String(inside(resource, 'BrokerNodeGroupInfo', 'InstanceType'));
  const count = numberOf(resource.Properties?.['NumberOfBrokerNodes']);
  const gb = numberOf(inside(resource, 'BrokerNodeGroupInfo', 'StorageInfo', 'EBSStorageInfo', 'VolumeSize'));
  if (count === undefined) return [{ unknown: 'the number of its brokers is known to CloudFormation only' }];
  const disks: Part =
    gb === undefined
      ? { unknown: 'the storage of its brokers is not said' }
      : { what: 'storage of brokers', price: 'msk.gb', quantity: count * gb, tier: 'queues', kind: 'fixed' };
  return [
    { what: `${count} brokers ${type}`, price: `msk.${type}`, quantity: count * HOURS, tier: 'queues', kind: 'fixed' },
    disks,
  ];
}
