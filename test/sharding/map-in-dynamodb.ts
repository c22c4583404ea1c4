import { setTimeout as wait } from 'node:timers/promises';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoTable } from '../../lib/commands/shards/dynamo-table';
import { MapTable, type Table } from '../../lib/sharding/map-table';
import type { ClusterRecord } from '../../lib/sharding/shard-map';

/** A table with the keys that lib/constructs/sharding gives it. */
export async function emptyTable(client: DynamoDBClient, name: string): Promise<Table> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  return dynamoTable(client, name);
}

export function mapIn(table: Table, now = (): number => Date.now() / 1000): MapTable {
  return new MapTable({
    table,
    now,
    pause: async (failed) => {
      await wait(Math.random() * Math.min(100, 2 ** failed));
    },
  });
}

/** Clusters by number, as a deployment would describe them. */
export function described(count: number): Omit<ClusterRecord, 'version'>[] {
  return Array.from({ length: count }, (_, cluster) => ({
    cluster,
    endpoint: `cluster-${cluster}.example`,
    readerEndpoint: `cluster-${cluster}-ro.example`,
    port: 5432,
    database: 'shard',
    secret: `arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-${cluster}`,
  }));
}
