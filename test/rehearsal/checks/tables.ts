import { DescribeContinuousBackupsCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { type Check, resourcesOf } from '../observation';

/** Every table can be brought back to any second, is protected and on demand; configured ones have their keys. */
export const checkTables: Check = async (seen, evidence, aws) => {
  const { tables = [], readModels = [], region } = seen.architecture;
  const { dynamoDb } = aws(region);
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
  for (const [scope, plans] of [
    ['Tables', tables],
    ['ReadModels', readModels],
  ] as const) {
    for (const { name, partitionKey, sortKey } of plans) {
      const keys = [`HASH ${partitionKey.name}`, ...(sortKey ? [`RANGE ${sortKey.name}`] : [])];
      const begin = new RegExp(`^${scope}${name.replaceAll('-', '')}Table`);
      const [, actual] = [...found].find(([id]) => begin.test(id)) ?? [];
      evidence.equal(`table ${name}: keys`, actual, keys);
    }
  }
};
