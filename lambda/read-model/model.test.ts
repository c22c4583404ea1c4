import { describe, expect, test } from 'vitest';
import { belongsIn, type Change, type Item, modelsOf, type ReadModel, rowsOf, versionOf } from './model';

const MODEL: ReadModel = {
  table: 'by-customer',
  partitionKey: { name: 'customer', type: 'S' },
  sortKey: { name: 'placed', type: 'N' },
};
const NOW = 1_800_000_000;
const ADA = order('ada', '1');

describe('a change writes', () => {
  test.each<[string, Pick<Change, 'before' | 'after'>, string[]]>([
    ['the new item', { after: ADA }, ['ada 1']],
    ['the changed item', { before: ADA, after: { ...ADA, total: { N: '5' } } }, ['ada 1']],
    ['a mark for the removed item', { before: ADA }, ['ada 1 removed']],
    ['the item and a mark when its key changes', { before: ADA, after: order('bob', '1') }, ['bob 1', 'ada 1 removed']],
    ['both when only the sort key changes', { before: ADA, after: order('ada', '2') }, ['ada 2', 'ada 1 removed']],
    ['a mark when the item loses its key', { before: ADA, after: { id: { S: 'o1' } } }, ['ada 1 removed']],
    ['the item when it gets a key', { before: { id: { S: 'o1' } }, after: ADA }, ['ada 1']],
    ['nothing for an item without the key', { after: { id: { S: 'o1' }, customer: { S: 'ada' } } }, []],
    ['nothing for a key of another type', { after: order('ada', '1', 'S') }, []],
    ['nothing for an empty key', { after: order('', '1') }, []],
    ['nothing for a key that is too long', { after: order('x'.repeat(2049), '1') }, []],
  ])('%s', (_, images, expected) => {
    const rows = rowsOf(MODEL, change(images), NOW).map(({ item }) => {
      const removed = item['beamstalk_row']?.M?.['removed']?.BOOL === true;
      return `${item['customer']?.S} ${item['placed']?.N}${removed ? ' removed' : ''}`;
    });
    expect(rows).toEqual(expected);
  });
});

test('a mark holds nothing of the item but its key', () => {
  const [mark] = rowsOf(MODEL, change({ before: { ...ADA, secret: { S: 'x' } } }), NOW);
  expect(Object.keys(mark?.item ?? {}).sort()).toEqual(['beamstalk_expires', 'beamstalk_row', 'customer', 'placed']);
});

test("an item keeps its own attributes, but for the two that are the feed's", () => {
  const after = {
    ...ADA,
    expiration: { N: '1700000000' },
    beamstalk: { S: 'mine' },
    beamstalk_expires: { N: '1' },
    beamstalk_row: { S: 'x' },
  };
  const [row] = rowsOf(MODEL, change({ after }), NOW);
  const { beamstalk_row: added, ...rest } = row?.item ?? {};
  expect(rest).toEqual({ ...ADA, expiration: { N: '1700000000' }, beamstalk: { S: 'mine' } });
  expect(added).toEqual({ M: { source: { M: { id: { S: 'o1' } } }, version: { S: versionOf('1') } } });
});

test('an item belongs in the row of its key, however many other attributes it has', () => {
  const [row] = rowsOf(MODEL, change({ after: ADA }), NOW);
  if (row === undefined) throw new Error('there is a row');
  expect(belongsIn(row, { ...ADA, total: { N: '5' } })).toBe(true);
  for (const other of [order('ada', '2'), order('bob', '1'), { id: { S: 'o1' } }, undefined]) {
    expect(belongsIn(row, other)).toBe(false);
  }
});

test('versions sort as their numbers do', () => {
  const numbers = ['9', '10', '100000000003498069978', '9999999999999999999999999999999999999999'];
  expect(numbers.map(versionOf).sort()).toEqual(numbers.map(versionOf));
});

test('keys are told as in the configuration', () => {
  const told = (partitionKey: string) => ({
    source: 'orders',
    models: [{ table: 'by-customer', partitionKey, sortKey: 'placed:N' }],
  });
  expect(modelsOf(told('customer:S'))).toEqual([MODEL]);
  for (const bad of ['customer', 'customer:', ':S', 'customer:X']) {
    expect(() => modelsOf(told(bad))).toThrow(`not a key as name:type: ${bad}`);
  }
});

function order(customer: string, placed: string, type: 'N' | 'S' = 'N'): Item {
  return { id: { S: 'o1' }, customer: { S: customer }, placed: type === 'N' ? { N: placed } : { S: placed } };
}

function change(images: Pick<Change, 'before' | 'after'>): Change {
  return { version: versionOf('1'), key: { id: { S: 'o1' } }, ...images };
}
