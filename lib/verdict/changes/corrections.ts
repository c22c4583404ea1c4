import { isDeepStrictEqual } from 'node:util';
import { rendered } from '../../template/render-value';
import { flagOf, isTree, numberOf } from '../../template/values';
import { compareVersions, isMajorUpgrade } from './engine-version';
import type { Effect, PropertyChange } from './property-change';

/** Correction of the service specification, which is known to be wrong here or says less than the documentation. */
export interface Correction {
  /** One type, or several. */
  readonly type: string | readonly string[];
  /** One property, several, or all. */
  readonly property: string | readonly string[] | '*';
  /** Left out, the correction holds for every change. */
  readonly when?: (change: PropertyChange) => boolean;
  readonly effect: Effect;
  readonly why: string;
  /** A page, a thread, or the measurement. */
  readonly source: string;
}

const RDS_MODIFYING = 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html';
const CFN = 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference';

/** Nested properties that replace the resource although their top-level property does not: type, property, path. */
const NESTED: readonly (readonly [type: string, property: string, ...parts: readonly string[]])[] = [
  ['AWS::Bedrock::KnowledgeBase', 'KnowledgeBaseConfiguration', 'Type', 'VectorKnowledgeBaseConfiguration'],
  ['AWS::EKS::Cluster', 'AccessConfig', 'BootstrapClusterCreatorAdminPermissions'],
  ['AWS::EKS::Cluster', 'ResourcesVpcConfig', 'SecurityGroupIds', 'SubnetIds'],
  ['AWS::FSx::Volume', 'OntapConfiguration', 'OntapVolumeType', 'StorageVirtualMachineId'],
  ['AWS::FSx::Volume', 'OpenZFSConfiguration', 'OriginSnapshot', 'ParentVolumeId'],
  ['AWS::Glue::Database', 'DatabaseInput', 'Name'],
  ['AWS::Glue::Table', 'TableInput', 'Name'],
  ['AWS::MSK::Cluster', 'BrokerNodeGroupInfo', 'BrokerAZDistribution', 'ClientSubnets', 'SecurityGroups'],
  ['AWS::MSK::Cluster', 'EncryptionInfo', 'EncryptionAtRest'],
  ['AWS::MediaStore::Container', 'CorsPolicy', 'AllowedMethods'],
  ['AWS::ODB::CloudVmCluster', 'DbNodes', 'DbServerId'],
  ['AWS::OpenSearchServerless::Index', 'Settings', 'Analysis'],
];

/** The part of that name in an object, or in each of a list of objects. */
function partsNamed(value: unknown, name: string): unknown {
  return Array.isArray(value) ? value.map((one) => partsNamed(one, name)) : isTree(value) ? value[name] : undefined;
}

/** Disks of an instance without what happens to them when it is terminated. */
function withoutTermination(mappings: unknown): unknown {
  if (!Array.isArray(mappings)) return mappings;
  return mappings.map((one: unknown) => {
    if (!isTree(one) || !isTree(one['Ebs'])) return one;
    const { DeleteOnTermination: _, ...ebs } = one['Ebs'];
    return { ...one, Ebs: ebs };
  });
}

/** A list of words of which the order says nothing. */
function inOrder(list: unknown): unknown {
  return Array.isArray(list) ? list.map(rendered).sort() : list;
}

/** A domain goes up to another version in place only with leave, and never back. */
function domainVersion(type: string, property: string): readonly Correction[] {
  return [
    {
      type,
      property,
      when: ({ before, after }) => compareVersions(after, before) < 0,
      effect: 'refused',
      why: 'a domain does not go back to an older version',
      source: 'https://docs.aws.amazon.com/opensearch-service/latest/developerguide/version-migration.html',
    },
    {
      type,
      property,
      when: ({ is }) =>
        !flagOf((is['UpdatePolicy'] as { EnableVersionUpgrade?: unknown } | undefined)?.EnableVersionUpgrade),
      effect: 'replaces',
      why: 'without UpdatePolicy EnableVersionUpgrade another version is another, empty domain',
      source: `${CFN}/aws-attribute-updatepolicy.html`,
    },
  ];
}

/** The first that matches counts. What replaces or is refused by a rule stands before what is in place. */
export const CORRECTIONS: readonly Correction[] = [
  // The specification writes "may replace" wherever the documentation says "some interruptions".
  {
    type: 'AWS::RDS::DBInstance',
    property: ['MultiAZ', 'BackupRetentionPeriod', 'AutoMinorVersionUpgrade', 'PreferredMaintenanceWindow'],
    effect: 'in place',
    why: 'RDS changes it on the running instance',
    source: RDS_MODIFYING,
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: ['DBParameterGroupName', 'StorageType'],
    effect: 'in place',
    why: 'RDS changes it on the running instance',
    source: RDS_MODIFYING,
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: 'SourceDBInstanceIdentifier',
    when: ({ after }) => after === undefined,
    effect: 'in place',
    why: 'a replica without its source becomes a database of its own',
    source: `${CFN}/aws-resource-rds-dbinstance.html`,
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: 'AllocatedStorage',
    when: ({ before, after }) => (numberOf(after) ?? 0) < (numberOf(before) ?? 0),
    effect: 'refused',
    why: 'RDS does not shrink storage',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html',
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: 'EngineVersion',
    when: ({ before, after }) => compareVersions(after, before) < 0,
    effect: 'refused',
    why: 'RDS does not go back to an older version',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html',
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: 'EngineVersion',
    when: (change) => isMajorUpgrade(change) && !flagOf(change.is.Properties?.['AllowMajorVersionUpgrade']),
    effect: 'refused',
    why: 'RDS upgrades to another major version only with AllowMajorVersionUpgrade',
    source: `${CFN}/aws-resource-rds-dbinstance.html`,
  },
  // No rule about leave for a major version: CloudFormation gives it for a cluster by itself. What a DocumentDB cluster
  // does with any other version, the specification says: it is replaced.
  {
    type: ['AWS::RDS::DBCluster', 'AWS::RDS::GlobalCluster', 'AWS::Neptune::DBCluster'],
    property: 'EngineVersion',
    when: ({ before, after }) => compareVersions(after, before) < 0,
    effect: 'refused',
    why: 'a cluster does not go back to an older version',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.PostgreSQL.html',
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    property: 'Engine',
    when: ({ before, after }) => before === 'redis' && after === 'valkey',
    effect: 'in place',
    why: 'ElastiCache upgrades Redis OSS to Valkey on the running group',
    source: 'https://github.com/aws-controllers-k8s/community/issues/2299 (modify-replication-group does it)',
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    property: 'AuthToken',
    when: ({ before, after }) => before !== undefined && after !== undefined,
    effect: 'in place',
    why: 'ElastiCache adds the new token beside the old (AuthTokenUpdateStrategy ROTATE)',
    source: 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html',
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    property: ['NumNodeGroups', 'NodeGroupConfiguration'],
    when: ({ is }) =>
      flagOf((is['UpdatePolicy'] as { UseOnlineResharding?: unknown } | undefined)?.UseOnlineResharding),
    effect: 'in place',
    why: 'the update policy asks for online resharding',
    source: `${CFN}/aws-attribute-updatepolicy.html`,
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    property: 'EngineVersion',
    when: ({ before, after, was, is }) =>
      was.Properties?.['Engine'] === is.Properties?.['Engine'] && compareVersions(after, before) < 0,
    effect: 'refused',
    why: 'ElastiCache does not go back to an older version',
    source: 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.html',
  },
  // The specification says "in place" where the documentation says that updates are not supported.
  {
    type: 'AWS::EC2::Volume',
    property: ['AvailabilityZone', 'Encrypted', 'KmsKeyId', 'SnapshotId', 'OutpostArn'],
    effect: 'refused',
    why: 'CloudFormation supports no update of it; a volume stays in its zone, with its key',
    source: `${CFN}/aws-resource-ec2-volume.html`,
  },
  {
    type: 'AWS::EC2::Volume',
    property: 'Size',
    when: ({ before, after }) => (numberOf(after) ?? 0) < (numberOf(before) ?? 0),
    effect: 'refused',
    why: 'a volume does not shrink',
    source: 'https://docs.aws.amazon.com/ebs/latest/userguide/modify-volume-requirements.html',
  },
  // Assumed, since no template says it: the image of an instance starts from EBS, as nearly all do. One that starts from
  // an instance store is replaced.
  {
    type: 'AWS::EC2::Instance',
    property: ['InstanceType', 'UserData', 'EbsOptimized', 'SecurityGroupIds'],
    effect: 'in place',
    why: 'EC2 changes it on an instance that starts from EBS',
    source: `${CFN}/aws-resource-ec2-instance.html`,
  },
  {
    type: 'AWS::EC2::Instance',
    property: 'BlockDeviceMappings',
    when: ({ before, after }) => isDeepStrictEqual(withoutTermination(before), withoutTermination(after)),
    effect: 'in place',
    why: 'whether a disk goes with its instance can change while it runs',
    source: `${CFN}/aws-properties-ec2-instance-blockdevicemapping.html`,
  },
  {
    type: 'AWS::EC2::Instance',
    property: 'BlockDeviceMappings',
    effect: 'replaces',
    why: 'another disk is another instance; one more is a volume of its own, attached',
    source: `${CFN}/aws-properties-ec2-instance-blockdevicemapping.html`,
  },
  {
    type: 'AWS::Cognito::UserPool',
    property: ['AliasAttributes', 'UsernameAttributes'],
    when: ({ before, after }) => !isDeepStrictEqual(inOrder(before), inOrder(after)),
    effect: 'refused',
    why: 'by what users sign in is fixed when their pool is made',
    source: 'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-updating.html',
  },
  {
    type: 'AWS::Cognito::UserPool',
    property: 'UsernameConfiguration',
    effect: 'refused',
    why: 'whether names of users differ by their case is fixed when their pool is made',
    source: 'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-updating.html',
  },
  {
    type: 'AWS::CloudFront::VpcOrigin',
    property: '*',
    effect: 'refused',
    why: 'CloudFront refuses any update, of a tag even, while a distribution uses the origin; a new one needs a new id',
    source: 'https://github.com/aws/aws-cdk/issues/34629',
  },
  ...domainVersion('AWS::OpenSearchService::Domain', 'EngineVersion'),
  ...domainVersion('AWS::Elasticsearch::Domain', 'ElasticsearchVersion'),
  {
    type: 'AWS::KMS::Key',
    property: ['KeySpec', 'KeyUsage', 'Origin', 'MultiRegion'],
    effect: 'refused',
    why: 'CloudFormation refuses the update, whatever its policies say',
    source: `${CFN}/aws-resource-kms-key.html`,
  },
  {
    type: 'AWS::SecretsManager::Secret',
    property: ['GenerateSecretString', 'SecretString'],
    effect: 'refused',
    why: 'a new value is written over the old one, and whoever holds the old one is locked out',
    source: `${CFN}/aws-properties-secretsmanager-secret-generatesecretstring.html`,
  },
  {
    type: 'AWS::DynamoDB::Table',
    property: 'LocalSecondaryIndexes',
    effect: 'replaces',
    why: 'local indexes are made with their table and never after',
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html',
  },
  // Nested properties that replace, under properties that do not: `fullDiff` does not look inside, and neither do we. A
  // test finds all of them among the types that hold data.
  {
    type: 'AWS::FSx::FileSystem',
    property: ['LustreConfiguration', 'OntapConfiguration', 'OpenZFSConfiguration', 'WindowsConfiguration'],
    effect: 'replaces',
    why: 'some of what is inside replaces',
    source: '@aws-cdk/aws-service-spec 0.1.216',
  },
  ...NESTED.map(
    ([type, property, ...parts]): Correction => ({
      type,
      property,
      when: ({ before, after }) =>
        parts.some((part) => !isDeepStrictEqual(partsNamed(before, part), partsNamed(after, part))),
      effect: 'replaces',
      why: `${parts.join(' or ')} inside it replaces`,
      source: '@aws-cdk/aws-service-spec 0.1.216',
    }),
  ),
];

/** The correction that holds for a change, if any. */
export function correctionOf(change: PropertyChange): Correction | undefined {
  return CORRECTIONS.find(
    ({ type, property, when }) =>
      [type].flat().includes(change.type) &&
      (property === '*' || [property].flat().includes(change.property)) &&
      (when === undefined || when(change)),
  );
}
