import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StreamAnswer } from './handler';
import type { StreamRecord } from './stream-record';

// What is tried again, what is given up, and what the queue is told; the peers tests have the tables themselves.

const NOW = new Date('2026-11-21T12:00:00Z');
const QUEUE = 'https://sqs.us-east-1.amazonaws.com/1/failures';

/** What a write of the item in the model ends with: an error of that name, or well. */
let errors: Map<string, string>;
let written: string[];
let messages: unknown[];
let queueFails: boolean;
let handle: (...records: readonly StreamRecord[]) => Promise<string[]>;

beforeEach(async () => {
  [errors, written, messages, queueFails] = [new Map(), [], [], false];
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('FAILURES', QUEUE);
  const models = ['by-code', 'by-size'].map((table) => ({ table, partitionKey: `${table.slice(3)}:S` }));
  vi.stubEnv('FEED', JSON.stringify({ source: 'orders', models }));
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async (command) => {
    if (!(command instanceof PutItemCommand)) throw new Error('an unknown command');
    const row = `${command.input.TableName} ${command.input.Item?.['id']?.S}`;
    const name = errors.get(row);
    if (name === 'ConditionalCheckFailedException') {
      throw new ConditionalCheckFailedException({ message: '', $metadata: {} });
    }
    if (name !== undefined) throw Object.assign(new Error('with parts of the item'), { name });
    written.push(row);
  });
  vi.spyOn(SQSClient.prototype, 'send').mockImplementation(async (command) => {
    if (!(command instanceof SendMessageCommand)) throw new Error('an unknown command');
    if (queueFails) throw new Error('no such queue');
    expect(command.input.QueueUrl).toBe(QUEUE);
    // What SQS refuses.
    expect(command.input.MessageBody).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/);
    messages.push(JSON.parse(command.input.MessageBody ?? ''));
  });
  vi.resetModules();
  const { handler } = await import('./handler');
  handle = async (...records) => {
    const answer: StreamAnswer = await handler({ Records: records }, { getRemainingTimeInMillis: () => 60_000 });
    return answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** A new item, or its next state. */
function change(sequence: string, id: string, secondsAgo = 0): StreamRecord {
  const [Keys, made] = [{ id: { S: id } }, Math.floor(NOW.getTime() / 1000) - secondsAgo];
  const NewImage = { ...Keys, code: { S: `code of ${id}` }, size: { S: `size of ${id}` } };
  return { dynamodb: { SequenceNumber: sequence, ApproximateCreationDateTime: made, Keys, NewImage } };
}

function failure(id: string, sequence: string, error: string) {
  return { table: 'orders', key: { id: { S: id } }, model: 'by-code', version: sequence.padStart(40, '0'), error };
}

describe('a change that may succeed later', () => {
  test('fails, and holds up what follows on its item alone', async () => {
    errors.set('by-code a', 'ThrottlingException');
    expect(await handle(change('1', 'a'), change('2', 'b'), change('3', 'a'))).toEqual(['1', '3']);
    expect(written).toEqual(['by-code b', 'by-size b']);
    expect(messages).toEqual([]);
  });

  test('is not given up, however old it is', async () => {
    errors.set('by-code a', 'ThrottlingException');
    expect(await handle(change('1', 'a', 5 * 3600))).toEqual(['1']);
    expect(messages).toEqual([]);
  });

  test('nor because it can never succeed in another model', async () => {
    errors.set('by-code a', 'ValidationException');
    errors.set('by-size a', 'ThrottlingException');
    expect(await handle(change('1', 'a'))).toEqual(['1']);
    expect(messages).toEqual([]);
  });
});

describe('a change that can never succeed', () => {
  test('is told to the queue, and counts as applied', async () => {
    errors.set('by-code a', 'ValidationException');
    expect(await handle(change('1', 'a'), change('2', 'b'))).toEqual([]);
    expect(messages).toEqual([failure('a', '1', 'ValidationException')]);
    expect(written.sort()).toEqual(['by-code b', 'by-size a', 'by-size b']);
  });

  test('is told with a key of any characters', async () => {
    const id = 'a\u0000b\uFFFEc\uFFFF';
    errors.set(`by-code ${id}`, 'ValidationException');
    expect(await handle(change('1', id))).toEqual([]);
    expect(messages).toEqual([failure(id, '1', 'ValidationException')]);
  });

  test('fails when the queue cannot be told', async () => {
    errors.set('by-code a', 'ValidationException');
    queueFails = true;
    expect(await handle(change('1', 'a'), change('2', 'b'), change('3', 'c'))).toEqual(['1']);
  });

  test('is told once, however often a failure before it makes it come again', async () => {
    errors.set('by-code a', 'ValidationException');
    errors.set('by-code b', 'ThrottlingException');
    const batch = [change('1', 'b'), change('2', 'a'), change('3', 'a')];
    for (let time = 0; time < 3; time++) expect(await handle(...batch)).toEqual(['1']);
    expect(messages).toEqual([]);
    errors.delete('by-code b');
    expect(await handle(...batch)).toEqual([]);
    expect(messages).toEqual(['2', '3'].map((sequence) => failure('a', sequence, 'ValidationException')));
  });

  test.each([
    [30, ['1'], []],
    [119, ['1'], []],
    [121, [], [failure('a', '1', 'TakenError')]],
    [5 * 3600, [], [failure('a', '1', 'TakenError')]],
  ])('for its key is taken is tried again for two minutes: after %i s', async (age, failed, told) => {
    // A row that the feed has not written.
    errors.set('by-code a', 'ConditionalCheckFailedException');
    expect(await handle(change('1', 'a', age))).toEqual(failed);
    expect(messages).toEqual(told);
  });
});
