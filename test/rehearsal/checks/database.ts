import { type DBInstance, DescribeDBInstancesCommand, paginateDescribeDBParameters } from '@aws-sdk/client-rds';
import type { Clients } from '../clients';
import type { Evidence } from '../evidence';
import { type Check, type Observation, resourcesOf } from '../observation';
import type { StackResource } from '../stacks';

/** The writer, its parameter group, and its replicas. */
export const checkDatabase: Check = async (seen, evidence, aws) => {
  const { database, region } = seen.architecture;
  const { rds } = aws(region);
  const instances = resourcesOf(seen, 'AWS::RDS::DBInstance');
  const [writer, ...others] = instances.filter((resource) => !isReplica(resource));
  const replicas = instances.filter(isReplica);
  evidence.equal('writers', others.length + (writer === undefined ? 0 : 1), database === undefined ? 0 : 1);
  evidence.equal('read replicas', replicas.length, database?.readers?.count ?? 0);
  if (database === undefined || writer === undefined) return;

  const live = await describe(writer, aws(region));
  const expected: Partial<DBInstance> = {
    Engine: 'postgres',
    EngineVersion: database.engineVersion,
    DBInstanceClass: database.class,
    DBName: database.name,
    AllocatedStorage: database.storageGiB,
    MaxAllocatedStorage: database.maxStorageGiB,
    MultiAZ: database.multiAz,
    BackupRetentionPeriod: database.backupDays,
    StorageEncrypted: true,
    DeletionProtection: true,
    PubliclyAccessible: false,
    IAMDatabaseAuthenticationEnabled: true,
    PerformanceInsightsEnabled: true,
    AutoMinorVersionUpgrade: false,
  };
  for (const [key, value] of Object.entries(expected)) {
    evidence.equal(`database: ${key}`, live?.[key as keyof DBInstance], value);
  }
  const subnets = live?.DBSubnetGroup?.Subnets?.map(({ SubnetIdentifier }) => SubnetIdentifier).sort();
  const isolated = resourcesOf(seen, 'AWS::EC2::Subnet', 'dataSubnet').map(({ physicalId }) => physicalId);
  evidence.equal('database: subnets', subnets, isolated.sort());
  await checkParameters(seen, writer, rds, evidence);

  for (const replica of replicas) {
    const instance = await describe(replica, aws(region));
    const name = replica.logicalId;
    evidence.equal(`${name}: class`, instance?.DBInstanceClass, database.readers?.class);
    evidence.equal(`${name}: encrypted`, instance?.StorageEncrypted, true, 'replica source');
    evidence.equal(`${name}: version`, instance?.EngineVersion, database.engineVersion, 'replica source');
    const source = instance?.ReadReplicaSourceDBInstanceIdentifier;
    evidence.equal(`${name}: source`, source, writer.physicalId, 'replica source');
    const groups = (which: DBInstance | undefined): unknown =>
      which?.DBParameterGroups?.map((group) => group.DBParameterGroupName);
    evidence.equal(`${name}: parameter group`, groups(instance), groups(live));
  }
};

async function checkParameters(
  seen: Observation,
  writer: StackResource,
  client: Clients['rds'],
  evidence: Evidence,
): Promise<void> {
  const [group] = resourcesOf(seen, 'AWS::RDS::DBParameterGroup');
  const request = { DBParameterGroupName: group?.physicalId ?? writer.physicalId };
  const live = new Map<string | undefined, string | undefined>();
  for await (const { Parameters = [] } of paginateDescribeDBParameters({ client }, request)) {
    for (const { ParameterName, ParameterValue } of Parameters) live.set(ParameterName, ParameterValue);
  }
  const wanted = (group?.definition.Properties?.['Parameters'] ?? {}) as Readonly<Record<string, string>>;
  const actual = Object.keys(wanted).map((name) => [name, live.get(name)]);
  evidence.equal('values of the parameter group', Object.fromEntries(actual), wanted, 'database parameters');
}

async function describe(resource: StackResource, { rds }: Clients): Promise<DBInstance | undefined> {
  const request = new DescribeDBInstancesCommand({ DBInstanceIdentifier: resource.physicalId });
  return (await rds.send(request)).DBInstances?.[0];
}

export function isReplica({ definition }: StackResource): boolean {
  return definition.Properties?.['SourceDBInstanceIdentifier'] !== undefined;
}
