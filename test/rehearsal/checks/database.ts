import { type DBInstance, DescribeDBInstancesCommand, paginateDescribeDBParameters } from '@aws-sdk/client-rds';
import type { DatabasePlan } from '../../../lib/architecture/database';
import type { Clients } from '../clients';
import type { Evidence } from '../evidence';
import { type Check, type Observation, resourcesOf } from '../observation';
import type { StackResource } from '../stacks';

/** A database that is expected, and the logical ids of its parts. */
interface Expected {
  readonly plan: DatabasePlan;
  readonly stack: string;
  /** What its logical ids begin with. */
  readonly ids: RegExp;
}

/** The single write master, or the databases by function, or both while a climb expands. */
export const checkDatabase: Check = async (seen, evidence, aws) => {
  const { database, functions = [], environment } = seen.architecture;
  const expected: Expected[] = [
    ...(database ? [{ plan: database, stack: `${environment}-data`, ids: /^(Database|Readers)/ }] : []),
    ...functions.map((plan) => ({
      plan,
      stack: `${environment}-federation`,
      ids: new RegExp(`^Functions${plan.function.replaceAll('-', '')}(Writer|Readers)`),
    })),
  ];
  const instances = resourcesOf(seen, 'AWS::RDS::DBInstance').filter(
    ({ definition }) => definition.Properties?.['DBClusterIdentifier'] === undefined,
  );
  const writers = instances.filter((resource) => !isReplica(resource)).length;
  evidence.equal('writers', writers, expected.length);
  for (const one of expected) await checkOne(one, seen, evidence, aws(seen.architecture.region));
};

async function checkOne(
  { plan: database, stack, ids }: Expected,
  seen: Observation,
  evidence: Evidence,
  aws: Clients,
): Promise<void> {
  const isPart = (resource: StackResource): boolean => resource.stack === stack && ids.test(resource.logicalId);
  const instances = resourcesOf(seen, 'AWS::RDS::DBInstance').filter(isPart);
  const [writer, ...others] = instances.filter((resource) => !isReplica(resource));
  const replicas = instances.filter(isReplica);
  evidence.equal(`${stack} ${database.name}: writers`, others.length + (writer === undefined ? 0 : 1), 1);
  evidence.equal(`${stack} ${database.name}: read replicas`, replicas.length, database.readers?.count ?? 0);
  if (writer === undefined) return;

  const live = await describe(writer, aws);
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
    evidence.equal(`${writer.logicalId}: ${key}`, live?.[key as keyof DBInstance], value);
  }
  const subnets = live?.DBSubnetGroup?.Subnets?.map(({ SubnetIdentifier }) => SubnetIdentifier).sort();
  const isolated = resourcesOf(seen, 'AWS::EC2::Subnet', 'dataSubnet').map(({ physicalId }) => physicalId);
  evidence.equal(`${writer.logicalId}: subnets`, subnets, isolated.sort());
  const [group] = resourcesOf(seen, 'AWS::RDS::DBParameterGroup').filter(isPart);
  if (group === undefined) evidence.fail(`${writer.logicalId}: no parameter group`);
  else await checkParameters(group, aws.rds, evidence);

  for (const replica of replicas) {
    const instance = await describe(replica, aws);
    const name = replica.logicalId;
    evidence.equal(`${name}: class`, instance?.DBInstanceClass, database.readers?.class);
    evidence.equal(`${name}: encrypted`, instance?.StorageEncrypted, true, 'replica source');
    evidence.equal(`${name}: version`, instance?.EngineVersion, database.readers?.engineVersion);
    const source = instance?.ReadReplicaSourceDBInstanceIdentifier;
    evidence.equal(`${name}: source`, source, writer.physicalId, 'replica source');
    const groups = (which: DBInstance | undefined): unknown =>
      which?.DBParameterGroups?.map((group) => group.DBParameterGroupName);
    evidence.equal(`${name}: parameter group`, groups(instance), groups(live));
  }
}

async function checkParameters(group: StackResource, client: Clients['rds'], evidence: Evidence): Promise<void> {
  const request = { DBParameterGroupName: group.physicalId };
  const live = new Map<string | undefined, string | undefined>();
  for await (const { Parameters = [] } of paginateDescribeDBParameters({ client }, request)) {
    for (const { ParameterName, ParameterValue } of Parameters) live.set(ParameterName, ParameterValue);
  }
  const wanted = (group.definition.Properties?.['Parameters'] ?? {}) as Readonly<Record<string, string>>;
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
