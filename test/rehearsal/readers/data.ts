import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeCacheParameterGroupsCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
} from '@aws-sdk/client-elasticache';
import {
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSubnetGroupsCommand,
} from '@aws-sdk/client-rds';
import { GetBucketLocationCommand, GetBucketPolicyCommand, GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { unlessRefused } from '../clients';
import { property } from './network';
import { pick, type Reader } from './reader';

export const DATA_READERS: Readonly<Record<string, Reader>> = {
  'AWS::S3::Bucket': async ({ physicalId }, { s3 }) => {
    const location = await unlessRefused(s3.send(new GetBucketLocationCommand({ Bucket: physicalId })));
    return location && pick(await s3.send(new GetBucketVersioningCommand({ Bucket: physicalId })), 'Status');
  },

  'AWS::S3::BucketPolicy': async (policy, { s3 }) => {
    const Bucket = policy.resolve(property(policy, 'Bucket')) ?? '';
    return pick(await unlessRefused(s3.send(new GetBucketPolicyCommand({ Bucket }))), 'Policy');
  },

  'AWS::RDS::DBInstance': async ({ physicalId }, { rds }) => {
    const request = new DescribeDBInstancesCommand({ DBInstanceIdentifier: physicalId });
    const found = (await unlessRefused(rds.send(request)))?.DBInstances?.[0];
    return pick(found, 'DbiResourceId', 'DBInstanceClass', 'MultiAZ', 'AllocatedStorage', 'EngineVersion', 'Endpoint');
  },

  'AWS::RDS::DBParameterGroup': async ({ physicalId }, { rds }) => {
    const request = new DescribeDBParameterGroupsCommand({ DBParameterGroupName: physicalId });
    return pick((await unlessRefused(rds.send(request)))?.DBParameterGroups?.[0], 'DBParameterGroupFamily');
  },

  'AWS::RDS::DBSubnetGroup': async ({ physicalId }, { rds }) => {
    const request = new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: physicalId });
    const group = (await unlessRefused(rds.send(request)))?.DBSubnetGroups?.[0];
    return (
      group && { VpcId: group.VpcId, subnets: group.Subnets?.map(({ SubnetIdentifier }) => SubnetIdentifier).sort() }
    );
  },

  'AWS::ElastiCache::ReplicationGroup': async ({ physicalId }, { elastiCache }) => {
    const request = new DescribeReplicationGroupsCommand({ ReplicationGroupId: physicalId });
    const group = (await unlessRefused(elastiCache.send(request)))?.ReplicationGroups?.[0];
    return pick(group, 'ARN', 'Engine', 'CacheNodeType', 'NodeGroups');
  },

  'AWS::ElastiCache::ParameterGroup': async ({ physicalId }, { elastiCache }) => {
    const request = new DescribeCacheParameterGroupsCommand({ CacheParameterGroupName: physicalId });
    const group = (await unlessRefused(elastiCache.send(request)))?.CacheParameterGroups?.[0];
    return pick(group, 'CacheParameterGroupFamily');
  },

  'AWS::ElastiCache::SubnetGroup': async ({ physicalId }, { elastiCache }) => {
    const request = new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: physicalId });
    return pick((await unlessRefused(elastiCache.send(request)))?.CacheSubnetGroups?.[0], 'VpcId');
  },

  'AWS::SecretsManager::Secret': async ({ physicalId }, { secrets }) => {
    const answer = await unlessRefused(secrets.send(new DescribeSecretCommand({ SecretId: physicalId })));
    // Its versions tell whether the secret was made anew under the same name.
    return pick(answer, 'ARN', 'VersionIdsToStages');
  },

  'AWS::SecretsManager::RotationSchedule': async (schedule, { secrets }) => {
    const SecretId = schedule.resolve(property(schedule, 'SecretId')) ?? '';
    const answer = await unlessRefused(secrets.send(new DescribeSecretCommand({ SecretId })));
    return answer?.RotationEnabled ? pick(answer, 'RotationLambdaARN', 'RotationRules') : undefined;
  },

  'AWS::SecretsManager::SecretTargetAttachment': async ({ physicalId }, { secrets }) => {
    const answer = await unlessRefused(secrets.send(new DescribeSecretCommand({ SecretId: physicalId })));
    return pick(answer, 'ARN');
  },

  'AWS::SSM::Parameter': async ({ physicalId }, { ssm }) => {
    const answer = await unlessRefused(ssm.send(new GetParameterCommand({ Name: physicalId })));
    return pick(answer?.Parameter, 'Name', 'Value', 'Type', 'Version');
  },

  'AWS::Logs::LogGroup': async ({ physicalId }, { logs }) => {
    // CloudFormation names it by its name, the engine by its ARN.
    const name = /:log-group:([^:]+)/.exec(physicalId)?.[1] ?? physicalId;
    const answer = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    return pick(
      answer.logGroups?.find(({ logGroupName }) => logGroupName === name),
      'logGroupName',
      'retentionInDays',
      'creationTime',
    );
  },
};
