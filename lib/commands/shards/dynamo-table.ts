import { setTimeout } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../sharding/map-items';
import { PARTITION, text } from '../../sharding/map-items';
import { MapTable, type Table } from '../../sharding/map-table';
import { asTransactItems } from '../../sharding/map-writes';
import { answered } from './answered';

/** A write that lost against another: its condition does not hold any more, or the other is at the same item now. */
const LOST = new Set(['ConditionalCheckFailed', 'TransactionConflict']);

/** The table of the shard map, by the AWS SDK. What AWS refuses is a `MapError`. */
export async function dynamoTable(client: DynamoDBClient, name: string): Promise<Table> {
  const sdk = await import('@aws-sdk/client-dynamodb');
  return {
    async get(key) {
      const command = new sdk.GetItemCommand({ TableName: name, Key: { ...key }, ConsistentRead: true });
      const { Item: item } = await answered(() => client.send(command));
      // The map writes strings and numbers only.
      return item as Item | undefined;
    },
    async query(from, to) {
      const pages = sdk.paginateQuery(
        { client },
        {
          TableName: name,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': text(PARTITION), ':from': text(from), ':to': text(to) },
        },
      );
      return answered(async () => {
        const items: Item[] = [];
        for await (const { Items = [] } of pages) items.push(...(Items as Item[]));
        return items;
      });
    },
    async transact(writes) {
      const command = new sdk.TransactWriteItemsCommand({ TransactItems: asTransactItems(writes, name) });
      return answered(async () => {
        try {
          await client.send(command);
          return true;
        } catch (error) {
          if (error instanceof sdk.TransactionCanceledException) {
            const codes = (error.CancellationReasons ?? []).map(({ Code = 'None' }) => Code);
            if (codes.every((code) => code === 'None' || LOST.has(code))) return false;
          }
          throw error;
        }
      });
    },
  };
}

/** Longest time of a request, and of its connection, milliseconds: while a logical shard is frozen, users wait. */
const REQUEST_MILLISECONDS = 5000;

/** The shard map of an environment, by the name of its table. */
export async function mapInTable(name: string, region: string): Promise<MapTable> {
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  // Left to itself the SDK waits for ever.
  const requestHandler = {
    connectionTimeout: REQUEST_MILLISECONDS,
    requestTimeout: REQUEST_MILLISECONDS,
    throwOnRequestTimeout: true,
  };
  return new MapTable({
    table: await dynamoTable(new DynamoDBClient({ region, requestHandler }), name),
    now: () => Date.now() / 1000,
    pause: async (failed) => {
      await setTimeout(Math.random() * Math.min(1000, 20 * 2 ** failed));
    },
  });
}
