import { DescribeContinuousBackupsCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { type Check, resourcesOf } from '../observation';
import { configuredTables } from './configured-tables';

/** Every table can be brought back to any second, is protected and on demand; configured ones have their keys. */
export const checkTables: Check = async (seen, evidence, aws) => {
  const { dynamoDb } = aws(seen.architecture.region);
  const found = new Map<string, string[]>();
  for (const { logicalId, physicalId: TableName } of resourcesOf(seen, 'AWS::DynamoDB::GlobalTable')) {
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
    const backups = await dynamoDb.send(new DescribeContinuousBackupsCommand({ TableName }));
    const recovery = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    evidence.equal(`${logicalId}: point-in-time recovery`, recovery?.PointInTimeRecoveryStatus, 'ENABLED');
    evidence.equal(`${logicalId}: billing`, Table?.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST');
    evidence.equal(`${logicalId}: deletion protection`, Table?.DeletionProtectionEnabled, true);
    found.set(
      logicalId,
      (Table?.KeySchema ?? []).map(({ AttributeName = '', KeyType = '' }) => `${KeyType} ${AttributeName}`),
    );
  }
  for (const { plan, begins } of configuredTables(seen.architecture)) {
    const { name, partitionKey, sortKey } = plan;
    const keys = [`HASH ${partitionKey.name}`, ...(sortKey ? [`RANGE ${sortKey.name}`] : [])];
    const [, actual] = [...found].find(([id]) => id.startsWith(begins)) ?? [];
    evidence.equal(`table ${name}: keys`, actual, keys);
  }
};
