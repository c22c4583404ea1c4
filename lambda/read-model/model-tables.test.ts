import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Change, type Item, nameOf, type ReadModel, rowsOf, versionOf } from './model';
import { ModelTables, TakenError } from './model-tables';

// One model, by code, over tables in memory; same-key.peers.test.ts has the same cases on a real DynamoDB.

const MODEL: ReadModel = { table: 'by-code', partitionKey: { name: 'code', type: 'N' } };

let rows: Map<string, Item>;
let source: Map<string, Item>;
/** Called before an item of the source is read. */
let whileReading: () => void;
let tables: ModelTables;
let changes: number;

beforeEach(() => {
  rows = new Map();
  source = new Map();
  whileReading = () => undefined;
  changes = 0;
  const client = new DynamoDBClient({ region: 'us-east-1' });
  vi.spyOn(client, 'send').mockImplementation(answer);
  tables = new ModelTables(client, 'orders');
});

afterEach(() => void vi.restoreAllMocks());

async function answer(command: unknown): Promise<unknown> {
  if (command instanceof GetItemCommand) {
    whileReading();
    expect(command.input).toMatchObject({ TableName: 'orders', ConsistentRead: true });
    return { Item: source.get(nameOf(command.input.Key ?? {})) };
  }
  if (!(command instanceof PutItemCommand)) throw new Error('an unknown command');
  const { Item: item = {}, ConditionExpression = '', ...names } = command.input;
  const key = nameOf({ code: item['code'] ?? { NULL: true } });
  const held = rows.get(key);
  const { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = names;
  if (!holds(ConditionExpression, held, ExpressionAttributeNames, ExpressionAttributeValues)) {
    throw new ConditionalCheckFailedException({ message: '', $metadata: {}, ...(held && { Item: { ...held } }) });
  }
  rows.set(key, item);
  return {};
}

/** A condition of the form `a OR (b AND c)`, with the comparisons that the feed makes. */
function holds(
  expression: string,
  item: Item | undefined,
  names: Readonly<Record<string, string>>,
  values: Readonly<Record<string, AttributeValue>>,
): boolean {
  const at = (path: string): AttributeValue | undefined =>
    path.split('.').reduce<AttributeValue | undefined>((value, name) => value?.M?.[names[name] ?? ''], {
      M: { ...item },
    });
  const term = (text: string): boolean => {
    const [, negated, path] = /^attribute_(not_)?exists\((.+)\)$/.exec(text) ?? [];
    if (path !== undefined) return (at(path) === undefined) === (negated !== undefined);
    const [left = '', operator, right = ''] = text.split(' ');
    const [is, other] = [at(left), values[right]];
    if (operator === '<') return is?.S !== undefined && other?.S !== undefined && is.S < other.S;
    if (operator !== '=' && operator !== '<>') throw new Error(`an unknown comparison: ${text}`);
    return (JSON.stringify(is) === JSON.stringify(other)) === (operator === '=');
  };
  return expression.split(' OR ').some((choice) =>
    choice
      .replace(/^\((.+)\)$/, '$1')
      .split(' AND ')
      .every(term),
  );
}

const key = (id: string): Item => ({ id: { S: id } });
const item = (id: string, code: number): Item => ({ ...key(id), code: { N: String(code) } });

/** A change of the source, which its stream is still to tell. */
function change(id: string, before: number | undefined, after: number | undefined): Change {
  if (after === undefined) source.delete(nameOf(key(id)));
  else source.set(nameOf(key(id)), item(id, after));
  return {
    version: versionOf(String(++changes)),
    key: key(id),
    ...(before !== undefined && { before: item(id, before) }),
    ...(after !== undefined && { after: item(id, after) }),
  };
}

/** What the stream tells. */
async function tell(one: Change): Promise<void> {
  for (const row of rowsOf(MODEL, one, 0)) await tables.write(row, one, new AbortController().signal);
}

function visible(): string[] {
  const live = [...rows.values()].filter(({ beamstalk_row: added }) => added?.M?.['removed'] === undefined);
  return live.map(({ id, code }) => `${id?.S} ${code?.N}`).sort();
}

describe('a row that another item is still in', () => {
  test.each([['the taker first'], ['the leaver first']])('changes hands, %s', async (first) => {
    await tell(change('a', undefined, 1));
    const both = [change('a', 1, undefined), change('b', undefined, 1)];
    for (const one of first === 'the taker first' ? both.reverse() : both) await tell(one);
    expect(visible()).toEqual(['b 1']);
  });

  test.each([['a first'], ['b first']])('is exchanged for the other, %s, and told again', async (first) => {
    await tell(change('a', undefined, 1));
    await tell(change('b', undefined, 2));
    const both = [change('a', 1, 2), change('b', 2, 1)];
    if (first === 'b first') both.reverse();
    for (const one of [...both, ...both]) await tell(one);
    expect(visible()).toEqual(['a 2', 'b 1']);
  });

  test('is kept from an old change of an item that is elsewhere by now', async () => {
    const old = change('a', undefined, 1);
    const later = change('a', 1, 2);
    await tell(change('b', undefined, 1));
    await tell(old);
    expect(visible()).toEqual(['b 1']);
    await tell(later);
    expect(visible()).toEqual(['a 2', 'b 1']);
  });

  test('is refused when both belong there', async () => {
    await tell(change('a', undefined, 1));
    const second = change('b', undefined, 1);
    await expect(tell(second)).rejects.toThrow(TakenError);
    expect(visible()).toEqual(['a 1']);
  });

  test('is not overwritten when it has changed while the source was asked', async () => {
    await tell(change('a', undefined, 1));
    change('a', 1, undefined);
    const taken = change('b', undefined, 1);
    const back = change('c', undefined, 1);
    whileReading = () => rows.set(nameOf({ code: { N: '1' } }), rowsOf(MODEL, back, 0)[0]?.item ?? {});
    await expect(tell(taken)).rejects.toThrow('the row has changed meanwhile');
    expect(visible()).toEqual(['c 1']);
  });

  test('is refused when the feed has not written it', async () => {
    rows.set(nameOf({ code: { N: '1' } }), item('x', 1));
    const one = change('a', undefined, 1);
    await expect(tell(one)).rejects.toThrow('was not written by this feed');
  });
});
