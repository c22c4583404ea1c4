import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDynamoDb } from './dynamodb';
import type { Peer } from './peer';
import { startSqs } from './sqs';

// What every other test against the peers takes for granted.

const peers: Peer[] = [];

afterAll(async () => {
  await Promise.all(peers.map((peer) => peer.stop()));
});

let dynamoDb: DynamoDBClient;
let sqs: SQSClient;

beforeAll(async () => {
  const [tables, queues] = await Promise.all([startDynamoDb(), startSqs()]);
  peers.push(tables, queues);
  dynamoDb = new DynamoDBClient(tables);
  sqs = new SQSClient(queues);
});

test('DynamoDB refuses a write whose condition does not hold, alone and in a transaction', async () => {
  const TableName = 'conditions';
  await dynamoDb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const put = { TableName, Item: { id: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(id)' };
  await dynamoDb.send(new PutItemCommand(put));
  await expect(dynamoDb.send(new PutItemCommand(put))).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
  const items = [{ Put: { TableName, Item: { id: { S: 'b' } } } }, { Put: put }];
  await expect(dynamoDb.send(new TransactWriteItemsCommand({ TransactItems: items }))).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [
      expect.objectContaining({ Code: 'None' }),
      expect.objectContaining({ Code: 'ConditionalCheckFailed' }),
    ],
  });
});

test('SQS hides what it handed out, and holds a group of a FIFO queue back until its first is done', async () => {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'order.fifo', Attributes: { FifoQueue: 'true', VisibilityTimeout: '30' } }),
  );
  for (const [group, body] of [
    ['a', 'a1'],
    ['a', 'a2'],
    ['b', 'b1'],
  ] as const) {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: body,
      }),
    );
  }
  const received: string[] = [];
  for (let receive = 0; receive < 4; receive++) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
    received.push(...Messages.map(({ Body = '' }) => Body));
  }
  expect(received.sort()).toEqual(['a1', 'b1']);
});
