import type { Hazard } from './hazard';
import { replica, table } from './hazards-of-stores';
import type { Planted } from './planted';

const RULE = 'more-than-one-update';

export const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' } as const;

export const index = (IndexName: string, key = 'owner') => ({
  IndexName,
  KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
  Projection: { ProjectionType: 'ALL' },
});

export const given =
  (Type: string, Properties: object, rest: object = {}) =>
  (both: Planted): void =>
    both.add('data', 'Thing', { ...KEPT, Type, Properties, ...rest });

export const set =
  (properties: Readonly<Record<string, unknown>>) =>
  (after: Planted): void =>
    after.set('data', 'Thing', properties);

/** More than a service carries out in one update of one resource. */
export const ONE_UPDATE: readonly Hazard[] = [
  {
    name: 'table: two indexes at once',
    given: given('AWS::DynamoDB::Table', { GlobalSecondaryIndexes: [index('a')] }),
    plant: set({ GlobalSecondaryIndexes: [index('a'), index('b'), index('c')] }),
    rule: RULE,
  },
  {
    name: 'table: one index in the place of another',
    given: given('AWS::DynamoDB::Table', { GlobalSecondaryIndexes: [index('a')] }),
    plant: set({ GlobalSecondaryIndexes: [index('b')] }),
    rule: RULE,
  },
  {
    name: 'global table: other keys of an index',
    given: (both) => {
      table(both);
      both.set('data', 'Table', { GlobalSecondaryIndexes: [index('a')] });
    },
    plant: (after) => after.set('data', 'Table', { GlobalSecondaryIndexes: [index('a', 'other')] }),
    rule: RULE,
  },
  {
    name: 'global table: two replicas at once',
    given: table,
    plant: (after) =>
      after.set('data', 'Table', {
        Replicas: [replica('us-east-1'), { Region: 'eu-west-1' }, { Region: 'eu-central-1' }],
      }),
    rule: RULE,
  },
  {
    name: 'stream: three times the shards',
    given: given('AWS::Kinesis::Stream', { ShardCount: 2 }),
    plant: set({ ShardCount: 6 }),
    rule: RULE,
  },
  {
    name: 'stream: a third of the shards',
    given: given('AWS::Kinesis::Stream', { ShardCount: 6 }),
    plant: set({ ShardCount: 2 }),
    rule: RULE,
  },
  {
    name: 'Kafka: version and brokers at once',
    given: given('AWS::MSK::Cluster', { KafkaVersion: '3.6.0', NumberOfBrokerNodes: 3 }),
    plant: set({ KafkaVersion: '3.8.x', NumberOfBrokerNodes: 6 }),
    rule: RULE,
  },
  {
    name: 'cache: resharded online and of another type',
    given: given(
      'AWS::ElastiCache::ReplicationGroup',
      { NumNodeGroups: 2, CacheNodeType: 'cache.r7g.large' },
      { UpdatePolicy: { UseOnlineResharding: true } },
    ),
    plant: set({ NumNodeGroups: 3, CacheNodeType: 'cache.r7g.xlarge' }),
    rule: RULE,
  },
  {
    name: 'cache: TLS required in one step',
    given: given('AWS::ElastiCache::ReplicationGroup', { TransitEncryptionEnabled: false }),
    plant: set({ TransitEncryptionEnabled: true, TransitEncryptionMode: 'required' }),
    rule: RULE,
  },
  {
    name: 'Kubernetes: two minor versions at once',
    given: given('AWS::EKS::Cluster', { Version: '1.33' }),
    plant: set({ Version: '1.35' }),
    rule: RULE,
  },
  {
    name: 'database: a little more storage',
    plant: (after) => after.set('data', 'DatabaseInstanceAA', { AllocatedStorage: '105' }),
    given: (both) => both.set('data', 'DatabaseInstanceAA', { AllocatedStorage: '100' }),
    rule: RULE,
  },
  {
    name: 'accounts: another kind of an attribute',
    given: given('AWS::Cognito::UserPool', { Schema: [{ Name: 'plan', AttributeDataType: 'String' }] }),
    plant: set({ Schema: [{ Name: 'plan', AttributeDataType: 'Number' }] }),
    rule: RULE,
  },
];
