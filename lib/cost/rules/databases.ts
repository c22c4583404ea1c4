import { findInstanceType } from '../../facts/instance-type';
import type { TemplateResource } from '../../template/template';
import { flagOf, inside, isTree, numberOf } from '../../template/values';
import { ASSUMED, HOURS } from '../assumptions';
import type { Asked, Part, Rules } from '../item';
import { type Found, isReplica } from '../survey';
import { automatedOfCluster, storageOf } from './backups';
import { overfull } from './room';

export const DATABASES: Rules = {
  'AWS::RDS::DBInstance': (asked) => {
    const cluster = asked.resource.Properties?.['DBClusterIdentifier'];
    const own = cluster === undefined ? single(asked) : member(asked, asked.survey.at(cluster, asked.stack));
    return [...own, ...publicAddress(asked)];
  },
  'AWS::RDS::DBCluster': auroraStorage,
  'AWS::RDS::DBShardGroup': () => [{ unknown: 'no price of the capacity of Aurora Limitless was found' }],
  'AWS::DSQL::Cluster': dsql,
  'AWS::DocDB::DBInstance': ({ resource }) => {
    const type = String(resource.Properties?.['DBInstanceClass']);
    return [{ what: `DocumentDB ${type}`, price: `docdb.${type}`, quantity: HOURS, ...FIXED }];
  },
  'AWS::DocDB::DBCluster': (asked) => storage('docdb', 'documents', asked),
  'AWS::Neptune::DBInstance': neptuneInstance,
  'AWS::Neptune::DBCluster': (asked) => storage('neptune', 'graph', asked),
};

const FIXED = { tier: 'data', kind: 'fixed' } as const;
const USAGE = { tier: 'data', kind: 'usage' } as const;

/**
 * GB from which gp3 storage of RDS for PostgreSQL has 12,000 I/O operations a second instead of 3,000.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html (gp3, 2026-11-20)
 */
const STRIPED_GB = 400;

/**
 * Address of an instance that the internet reaches; that of a standby is not counted.
 * Source: https://aws.amazon.com/blogs/networking-and-content-delivery/identify-and-optimize-public-ipv4-address-usage-on-aws/
 * ("all public IPv4 address types—except BYOIP"; a public copy, read 2026-11-30)
 */
function publicAddress({ resource }: Asked): Part[] {
  if (!flagOf(resource.Properties?.['PubliclyAccessible'])) return [];
  return [{ what: 'public address', price: 'vpc.ipv4', quantity: HOURS, tier: 'network', kind: 'fixed' }];
}

function single({ resource, stack, survey }: Asked): Part[] {
  const { Properties = {} } = resource;
  const source = survey.at(Properties['SourceDBInstanceIdentifier'], stack)?.resource;
  const [engine, type] = [Properties['Engine'] ?? source?.Properties?.['Engine'], Properties['DBInstanceClass']];
  if (typeof type !== 'string') return [{ unknown: 'its class is known to CloudFormation only' }];
  if (engine !== 'postgres') return [{ unknown: `there is no price for the engine ${String(engine)}` }];
  const isMulti = flagOf(Properties['MultiAZ']);
  const zones = isMulti ? 'multi' : 'single';
  const role = isReplica(Properties) ? 'replica' : 'database';
  return [
    {
      what: `${role} ${type}${isMulti ? ' with a standby' : ''}`,
      price: `rds.${type}.${zones}`,
      quantity: HOURS,
      ...FIXED,
    },
    ...insights(resource, type),
    ...disk(resource, source, zones, survey.load('relational').gb),
  ];
}

function disk(resource: TemplateResource, source: TemplateResource | undefined, zones: string, rows: number): Part[] {
  const { Properties = {} } = resource;
  const inherited = (name: string): unknown => Properties[name] ?? source?.Properties?.[name];
  const type = inherited('StorageType') ?? 'gp2';
  if (type !== 'gp3') return [{ unknown: `there is no price for storage of type ${String(type)}` }];
  const names = ['AllocatedStorage', 'MaxAllocatedStorage'];
  const storage = storageOf(Object.fromEntries(names.map((name) => [name, inherited(name)])), rows);
  if (storage === undefined) return [{ unknown: 'its storage is known to CloudFormation only' }];
  const { allocated, most, grown } = storage;
  // Of a replica it is told at its source.
  const remarks = source === undefined ? overfull(rows, Math.max(most, allocated)) : [];
  const iops = numberOf(Properties['Iops']) ?? 0;
  const extra = Math.max(0, iops - (allocated >= STRIPED_GB ? 12_000 : 3000));
  const price = `rds.gp3.${zones}`;
  // Storage that rows grow into is a line of its own, at both ends of the range.
  const range = [allocated, Math.max(allocated, most - grown)] as const;
  return [
    { what: `storage, ${allocated} GB`, price, quantity: allocated, range, ...FIXED },
    ...(grown > 0 ? [{ what: 'storage that rows grow into', price, quantity: grown, ...USAGE }] : []),
    ...(extra > 0 ? [{ what: 'provisioned I/O', price: `rds.iops.${zones}`, quantity: extra, ...FIXED }] : []),
    ...remarks,
  ];
}

/** Advanced mode of Database Insights, by the vCPU of the class, which are those of the EC2 type of its name. */
function insights({ Properties = {} }: TemplateResource, type: string): Part[] {
  if (Properties['DatabaseInsightsMode'] !== 'advanced') return [];
  const vcpu = findInstanceType(type.replace(/^db\./, ''))?.vcpu;
  if (vcpu === undefined)
    return [{ unknown: `the vCPU of ${type} are not known, by which Database Insights is billed` }];
  return [{ what: 'Database Insights, advanced', price: 'rds.insights', quantity: vcpu * HOURS, ...FIXED }];
}

/** An instance of an Aurora cluster: by its class, or by the capacity that its cluster lets it have. */
function member({ resource }: Asked, cluster: Found | undefined): Part[] {
  const type = resource.Properties?.['DBInstanceClass'];
  if (cluster === undefined) return [{ unknown: 'its cluster is not in the templates' }];
  if (typeof type !== 'string') return [{ unknown: 'its class is known to CloudFormation only' }];
  if (!isAurora(cluster.resource))
    return [{ unknown: `there is no price for the engine ${engineOf(cluster.resource)}` }];
  const optimised = isOptimised(cluster.resource);
  if (type !== 'db.serverless') {
    if (optimised) return [{ unknown: `there is no price for ${type} with I/O-Optimized storage` }];
    return [
      { what: `Aurora ${type}`, price: `aurora.${type}`, quantity: HOURS, ...FIXED },
      ...insights(resource, type),
    ];
  }
  const scaling = inside(cluster.resource, 'ServerlessV2ScalingConfiguration');
  const [least, most] = ['MinCapacity', 'MaxCapacity'].map((name) =>
    isTree(scaling) ? numberOf(scaling[name]) : undefined,
  );
  if (least === undefined || most === undefined) return [{ unknown: 'its capacity is known to CloudFormation only' }];
  const range = [least * HOURS, most * HOURS] as const;
  const units = { quantity: least * HOURS, range, ...FIXED };
  const what = `Aurora, ${least} of ${least} to ${most} capacity units`;
  const isAdvanced = cluster.resource.Properties?.['DatabaseInsightsMode'] === 'advanced';
  return [
    { what, price: optimised ? 'aurora.acu-io' : 'aurora.acu', ...units },
    ...(isAdvanced ? [{ what: 'Database Insights, advanced', price: 'aurora.insights', ...units }] : []),
  ];
}

function auroraStorage({ resource, survey }: Asked): Part[] {
  if (!isAurora(resource)) return [{ unknown: `there is no price for the engine ${engineOf(resource)}` }];
  const load = survey.load('aurora');
  const { gb, reads, writes } = load;
  const kept = automatedOfCluster(resource, load, 'backup.aurora');
  if (isOptimised(resource)) return [{ what: 'rows', price: 'aurora.gb-io', quantity: gb, ...USAGE }, ...kept];
  return [
    ...kept,
    { what: 'rows', price: 'aurora.gb', quantity: gb, ...USAGE },
    { what: 'I/O requests', price: 'aurora.io', quantity: ioOf(reads, writes), ...USAGE },
  ];
}

function ioOf(reads: number, writes: number): number {
  return reads * ASSUMED.readsFromDisk + writes * ASSUMED.ioPerWrite;
}

function isAurora(cluster: TemplateResource): boolean {
  return engineOf(cluster) === 'aurora-postgresql';
}

function engineOf(cluster: TemplateResource): string {
  return String(cluster.Properties?.['Engine']);
}

function isOptimised(cluster: TemplateResource): boolean {
  return cluster.Properties?.['StorageType'] === 'aurora-iopt1';
}

function dsql({ survey }: Asked): Part[] {
  const { gb, reads, writes } = survey.load('dsql');
  const units = reads * ASSUMED.dpuPerRead + writes * ASSUMED.dpuPerWrite;
  return [
    { what: 'rows', price: 'dsql.gb', quantity: gb, ...USAGE },
    { what: 'processing units', price: 'dsql.dpu', quantity: units, ...USAGE },
  ];
}

function storage(prefix: 'docdb' | 'neptune', kind: 'documents' | 'graph', { resource, survey }: Asked): Part[] {
  const load = survey.load(kind);
  const { gb, reads, writes } = load;
  return [
    ...automatedOfCluster(resource, load, `${prefix}.backup`),
    { what: 'rows', price: `${prefix}.gb`, quantity: gb, ...USAGE },
    { what: 'I/O requests', price: `${prefix}.io`, quantity: ioOf(reads, writes), ...USAGE },
  ];
}

function neptuneInstance({ resource, stack, survey }: Asked): Part[] {
  const type = String(resource.Properties?.['DBInstanceClass']);
  if (type !== 'db.serverless')
    return [{ what: `Neptune ${type}`, price: `neptune.${type}`, quantity: HOURS, ...FIXED }];
  const cluster = survey.at(resource.Properties?.['DBClusterIdentifier'], stack)?.resource;
  const scaling = cluster && inside(cluster, 'ServerlessScalingConfiguration');
  const [least, most] = ['MinCapacity', 'MaxCapacity'].map((name) =>
    isTree(scaling) ? numberOf(scaling[name]) : undefined,
  );
  if (least === undefined || most === undefined) return [{ unknown: 'its capacity is known to CloudFormation only' }];
  const what = `Neptune, ${least} of ${least} to ${most} capacity units`;
  const range = [least * HOURS, most * HOURS] as const;
  return [{ what, price: 'neptune.ncu', quantity: least * HOURS, range, ...FIXED }];
}
