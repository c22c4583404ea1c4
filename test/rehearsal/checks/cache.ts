import { DescribeCacheParametersCommand, DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache';
import { type Check, resourcesOf } from '../observation';

/** The replication group: its nodes, encryption on the way and at rest, snapshots. */
export const checkCache: Check = async (seen, evidence, aws) => {
  const { cache, region } = seen.architecture;
  const groups = resourcesOf(seen, 'AWS::ElastiCache::ReplicationGroup');
  evidence.equal('caches', groups.length, cache === undefined ? 0 : 1);
  const [group] = groups;
  if (cache === undefined || group === undefined) return;

  const { elastiCache } = aws(region);
  const request = new DescribeReplicationGroupsCommand({ ReplicationGroupId: group.physicalId });
  const live = (await elastiCache.send(request)).ReplicationGroups?.[0];
  const actual = {
    engine: live?.Engine,
    class: live?.CacheNodeType,
    nodes: live?.NodeGroups?.flatMap(({ NodeGroupMembers = [] }) => NodeGroupMembers).length,
    tls: [live?.TransitEncryptionEnabled, live?.TransitEncryptionMode],
    atRest: live?.AtRestEncryptionEnabled,
    password: live?.AuthTokenEnabled,
    failover: [live?.AutomaticFailover, live?.MultiAZ],
    snapshotDays: live?.SnapshotRetentionLimit,
  };
  evidence.equal('cache', actual, {
    engine: 'valkey',
    class: cache.class,
    nodes: cache.replicas + 1,
    tls: [true, 'required'],
    atRest: true,
    password: true,
    failover: ['enabled', 'enabled'],
    snapshotDays: cache.snapshotDays,
  });
  evidence.equal('cache: logs it delivers', live?.LogDeliveryConfigurations?.length, 1, 'cache logs');

  for (const parameters of resourcesOf(seen, 'AWS::ElastiCache::ParameterGroup')) {
    const values = new DescribeCacheParametersCommand({
      CacheParameterGroupName: parameters.physicalId,
      Source: 'user',
    });
    const { Parameters = [] } = await elastiCache.send(values);
    const wanted = parameters.definition.Properties?.['Properties'] as Readonly<Record<string, string>>;
    const actual = Object.fromEntries(
      Parameters.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]),
    );
    evidence.equal('values of the cache parameter group', actual, wanted, 'cache parameters');
  }
};
