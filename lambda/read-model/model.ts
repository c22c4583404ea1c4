import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { FEED_ATTRIBUTES } from '../../lib/facts/read-model-attributes';

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
}

/** Settings of the function: keys as the configuration writes them, `name:type`, because all must fit in 4 KB. */
export interface Feed {
  /** Name of the table that the models are fed from. */
  readonly source: string;
  readonly models: readonly { readonly table: string; readonly partitionKey: string; readonly sortKey?: string }[];
}

/** One change of one item of the source. */
export interface Change {
  /** Greater for the later of two changes of one item, as text. */
  readonly version: string;
  /** The key of the item in the source. */
  readonly key: Item;
  /** The item before; none when it is new. */
  readonly before?: Item;
  /** The item after; none when it was removed. */
  readonly after?: Item;
}

/** A row to write: the item under the model's key, or the mark that the item is no longer there. */
export interface Row {
  readonly model: ReadModel;
  /** The same for rows with the same key. */
  readonly place: string;
  /** True for the mark. */
  readonly leaves: boolean;
  readonly item: Item;
}

/**
 * A mark outlives every change that could still arrive: a stream keeps them for 24 hours,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html (2026-11-21).
 */
const MARK_SECONDS = 48 * 3600;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html (2026-11-21). */
const MOST_PARTITION_KEY_BYTES = 2048;
const MOST_SORT_KEY_BYTES = 1024;

/** @throws Error when a key is not written so. */
export function modelsOf({ models }: Feed): ReadModel[] {
  return models.map(({ table, partitionKey, sortKey }) => ({
    table,
    partitionKey: keyAttributeOf(partitionKey),
    ...(sortKey !== undefined && { sortKey: keyAttributeOf(sortKey) }),
  }));
}

/**
 * The rows that a change writes in a model: the item where it is now, and a mark where it no longer is. An item without
 * the model's key has no row.
 *
 * A row is marked rather than deleted, so that an older change which arrives later, or again, cannot bring it back.
 * Readers leave out the rows that have `beamstalk_row.removed`; DynamoDB deletes them after two days.
 *
 * @param now Seconds since 1970.
 */
export function rowsOf(model: ReadModel, { version, key, before, after }: Change, now: number): Row[] {
  const left = before && keyIn(model, before);
  const taken = after && keyIn(model, after);
  const row = (at: Item, leaves: boolean, content: Item): Row => ({
    model,
    place: placeOf(model, at),
    leaves,
    item: {
      ...content,
      ...at,
      [FEED_ATTRIBUTES.row]: {
        M: { source: { M: { ...key } }, version: { S: version }, ...(leaves && { removed: { BOOL: true } }) },
      },
    },
  });
  const { [FEED_ATTRIBUTES.expires]: _, ...content } = after ?? {};
  return [
    ...(taken ? [row(taken, false, content)] : []),
    ...(left && !(taken && sameItem(left, taken))
      ? [row(left, true, { [FEED_ATTRIBUTES.expires]: { N: String(now + MARK_SECONDS) } })]
      : []),
  ];
}

/** True when an item of the source, as it is now, belongs in a row. */
export function belongsIn({ model, place }: Row, item: Item | undefined): boolean {
  const key = item && keyIn(model, item);
  return key !== undefined && placeOf(model, key) === place;
}

/** A sequence number as text that sorts as numbers do; AWS gives them up to 40 digits, and numbers of a table have 38. */
export function versionOf(sequenceNumber: string): string {
  return sequenceNumber.padStart(40, '0');
}

/** The same for the same key of a table, whatever the order of its attributes. */
export function nameOf(key: Item): string {
  return JSON.stringify(
    Object.keys(key)
      .sort()
      .map((name) => printable(key[name])),
  );
}

/** True when two keys of one table are the same. */
export function sameItem(one: Item, other: Item): boolean {
  return nameOf(one) === nameOf(other);
}

function keyAttributeOf(text: string): KeyAttribute {
  const [name, type] = text.split(':');
  if (!name || (type !== 'S' && type !== 'N' && type !== 'B')) throw new Error(`not a key as name:type: ${text}`);
  return { name, type };
}

function placeOf({ table }: ReadModel, key: Item): string {
  return `${table} ${nameOf(key)}`;
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

function printable(value: AttributeValue | undefined): string {
  if (value?.B !== undefined) return `B:${Buffer.from(value.B).toString('base64')}`;
  return value?.S !== undefined ? `S:${value.S}` : `N:${value?.N}`;
}
