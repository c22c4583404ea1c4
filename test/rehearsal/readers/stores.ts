import { GetResourceCommand } from '@aws-sdk/client-cloudcontrol';
import { DescribeDBClustersCommand as DescribeDocuments } from '@aws-sdk/client-docdb';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeDBClustersCommand as DescribeGraphs } from '@aws-sdk/client-neptune';
import {
  DescribeDBClusterParameterGroupsCommand,
  DescribeDBClustersCommand,
  DescribeDBShardGroupsCommand,
  DescribeIntegrationsCommand,
} from '@aws-sdk/client-rds';
import { GetNamespaceCommand, GetWorkgroupCommand } from '@aws-sdk/client-redshift-serverless';
import { unlessRefused } from '../clients';
import { pick, type Reader } from './reader';

/** Asks the one API that knows every type, for services whose own client would be installed for nothing else. */
const byCloudControl: Reader = async ({ type, physicalId }, { cloudControl }) => {
  const request = new GetResourceCommand({ TypeName: type, Identifier: physicalId });
  return pick((await unlessRefused(cloudControl.send(request)))?.ResourceDescription, 'Identifier');
};

/** Types for which the engine has neither a provisioner nor, mostly, a service. */
export const OTHER_READERS: Readonly<Record<string, Reader>> = Object.fromEntries(
  [
    'AWS::Cassandra::Keyspace',
    'AWS::Cassandra::Table',
    'AWS::Chatbot::SlackChannelConfiguration',
    'AWS::DSQL::Cluster',
    'AWS::ImageBuilder::Component',
    'AWS::ImageBuilder::DistributionConfiguration',
    'AWS::ImageBuilder::ImagePipeline',
    'AWS::ImageBuilder::ImageRecipe',
    'AWS::ImageBuilder::InfrastructureConfiguration',
    'AWS::SSM::MaintenanceWindowTarget',
    'AWS::SSM::MaintenanceWindowTask',
  ].map((type) => [type, byCloudControl]),
);

/** Phase 6: tables, shards, the warehouse. */
export const STORE_READERS: Readonly<Record<string, Reader>> = {
  'AWS::DynamoDB::GlobalTable': async ({ physicalId: TableName }, { dynamoDb }) => {
    const table = (await unlessRefused(dynamoDb.send(new DescribeTableCommand({ TableName }))))?.Table;
    if (table === undefined) return undefined;
    const backups = await unlessRefused(dynamoDb.send(new DescribeContinuousBackupsCommand({ TableName })));
    const ttl = await unlessRefused(dynamoDb.send(new DescribeTimeToLiveCommand({ TableName })));
    return {
      TableId: table.TableId,
      KeySchema: table.KeySchema,
      billing: table.BillingModeSummary?.BillingMode,
      protected: table.DeletionProtectionEnabled,
      stream: table.StreamSpecification?.StreamViewType,
      recovery: backups?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
      expiry: ttl?.TimeToLiveDescription?.AttributeName,
    };
  },

  'AWS::RDS::DBCluster': async ({ physicalId }, { rds }) => {
    const request = new DescribeDBClustersCommand({ DBClusterIdentifier: physicalId });
    return pick(
      (await unlessRefused(rds.send(request)))?.DBClusters?.[0],
      'DbClusterResourceId',
      'EngineVersion',
      'StorageEncrypted',
      'DeletionProtection',
      'BackupRetentionPeriod',
      'Endpoint',
    );
  },
  'AWS::RDS::DBClusterParameterGroup': async ({ physicalId }, { rds }) => {
    const request = new DescribeDBClusterParameterGroupsCommand({ DBClusterParameterGroupName: physicalId });
    return pick((await unlessRefused(rds.send(request)))?.DBClusterParameterGroups?.[0], 'DBParameterGroupFamily');
  },
  'AWS::RDS::DBShardGroup': async ({ physicalId }, { rds }) => {
    const request = new DescribeDBShardGroupsCommand({ DBShardGroupIdentifier: physicalId });
    return pick((await unlessRefused(rds.send(request)))?.DBShardGroups?.[0], 'MaxACU');
  },
  'AWS::RDS::Integration': async ({ physicalId }, { rds }) => {
    const request = new DescribeIntegrationsCommand({ IntegrationIdentifier: physicalId });
    return pick((await unlessRefused(rds.send(request)))?.Integrations?.[0], 'SourceArn', 'TargetArn');
  },

  'AWS::RedshiftServerless::Namespace': async ({ physicalId }, { redshiftServerless }) => {
    const request = new GetNamespaceCommand({ namespaceName: physicalId });
    return pick((await unlessRefused(redshiftServerless.send(request)))?.namespace, 'namespaceArn', 'dbName');
  },
  'AWS::RedshiftServerless::Workgroup': async ({ physicalId }, { redshiftServerless }) => {
    const request = new GetWorkgroupCommand({ workgroupName: physicalId });
    return pick((await unlessRefused(redshiftServerless.send(request)))?.workgroup, 'workgroupArn', 'baseCapacity');
  },

  'AWS::DocDB::DBCluster': async ({ physicalId }, { docDb }) => {
    const request = new DescribeDocuments({ DBClusterIdentifier: physicalId });
    return pick((await unlessRefused(docDb.send(request)))?.DBClusters?.[0], 'DbClusterResourceId', 'StorageEncrypted');
  },
  'AWS::Neptune::DBCluster': async ({ physicalId }, { neptune }) => {
    const request = new DescribeGraphs({ DBClusterIdentifier: physicalId });
    return pick(
      (await unlessRefused(neptune.send(request)))?.DBClusters?.[0],
      'DbClusterResourceId',
      'StorageEncrypted',
    );
  },
};
