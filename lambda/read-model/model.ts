import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Readonly<Record<string, AttributeValue>>;

/** A key attribute of a table. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** A table that holds the items of another under keys of its own. */
export interface ReadModel {
  /** Name of the table. */
  readonly table: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
  /** Key attributes of the table that it is fed from. */
  readonly sourceKeys: readonly string[];
}

/** One change of one item of the source. */
export interface Change {
  /** Greater for the later of two changes of one item, as text. */
  readonly version: string;
  /** When DynamoDB made it, seconds since 1970. */
  readonly seconds: number;
  /** The key of the item in the source. */
  readonly key: Item;
  /** The same for changes of the same item. */
  readonly item: string;
  /** The item before; none when it is new. */
  readonly before?: Item;
  /** The item after; none when it was removed. */
  readonly after?: Item;
}

/** A row to write: the item under the model's key, or the mark that the item is no longer there. */
export interface Row {
  readonly table: string;
  /** Name of the table's partition key. */
  readonly partitionKey: string;
  /** The same for rows with the same key. */
  readonly place: string;
  /** The item that it is of. */
  readonly source: string;
  readonly item: Item;
}

/** What is added to each row, in one attribute: whose row it is, of which change, and whether the item has left it. */
export const ADDED = 'beamstalk';
/** The table's time-to-live attribute. */
export const EXPIRATION = 'expiration';

/**
 * A mark outlives every change that could still arrive: a stream keeps them for 24 hours,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html (2026-11-21).
 */
const MARK_SECONDS = 48 * 3600;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html (2026-11-21). */
const MOST_PARTITION_KEY_BYTES = 2048;
const MOST_SORT_KEY_BYTES = 1024;

/**
 * The rows that a change writes in a model: the item where it is now, and a mark where it no longer is. An item without
 * the model's key has no row.
 *
 * A row is marked rather than deleted, so that an older change which arrives later, or again, cannot bring it back.
 * Readers leave out the rows that have `beamstalk.removed`; DynamoDB deletes them after two days.
 *
 * @param now Seconds since 1970.
 * @throws Error when the change lacks a key attribute of the source.
 */
export function rowsOf(model: ReadModel, { version, seconds, key, before, after }: Change, now: number): Row[] {
  const source = JSON.stringify(
    model.sourceKeys.map((name) => {
      if (key[name] === undefined) throw new Error(`the change has no key ${name}: ${model.table} is fed wrongly`);
      return printable(key[name]);
    }),
  );
  const left = before && keyIn(model, before);
  const taken = after && keyIn(model, after);
  const row = (key: Item, item: Item): Row => ({
    table: model.table,
    partitionKey: model.partitionKey.name,
    place: JSON.stringify([model.table, ...Object.values(key).map(printable)]),
    source,
    item: { ...item, ...key },
  });
  const added = (removed: boolean): Item => ({
    [ADDED]: {
      M: {
        source: { S: source },
        version: { S: version },
        seconds: { N: String(seconds) },
        ...(removed && { removed: { BOOL: true } }),
      },
    },
  });
  return [
    ...(after && taken ? [row(taken, { ...after, ...added(false) })] : []),
    ...(left && !(taken && sameKey(left, taken))
      ? [row(left, { ...added(true), [EXPIRATION]: { N: String(now + MARK_SECONDS) } })]
      : []),
  ];
}

/** A sequence number as text that sorts as numbers do; AWS gives them up to 40 digits, and numbers of a table have 38. */
export function versionOf(sequenceNumber: string): string {
  return sequenceNumber.padStart(40, '0');
}

/** The model's key of an item; none when a part of it is missing, of another type, empty or too long. */
function keyIn({ partitionKey, sortKey }: ReadModel, item: Item): Item | undefined {
  const key: Record<string, AttributeValue> = {};
  for (const { name, type } of sortKey ? [partitionKey, sortKey] : [partitionKey]) {
    const value = item[name];
    const content = value?.[type];
    const most = name === partitionKey.name ? MOST_PARTITION_KEY_BYTES : MOST_SORT_KEY_BYTES;
    if (value === undefined || content === undefined) return undefined;
    const bytes = Buffer.byteLength(content);
    if (bytes === 0 || bytes > most) return undefined;
    key[name] = value;
  }
  return key;
}

function sameKey(one: Item, other: Item): boolean {
  return Object.keys(one).every((name) => printable(one[name]) === printable(other[name]));
}

export function printable(value: AttributeValue | undefined): string {
  if (value?.B !== undefined) return `B:${Buffer.from(value.B).toString('base64')}`;
  return value?.S !== undefined ? `S:${value.S}` : `N:${value?.N}`;
}
