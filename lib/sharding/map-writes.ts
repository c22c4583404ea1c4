import {
  type Attribute,
  clusterItem,
  clusterKey,
  FORMAT,
  HEAD_KEY,
  type Item,
  key,
  logItem,
  number,
  shardItem,
  text,
} from './map-items';
import type { ClusterRecord, MapHead, ShardRecord } from './shard-map';
import type { NextRecord } from './transitions';

/** One write of a DynamoDB transaction, but for the name of the table. */
export type Write =
  | { readonly put: Item; readonly condition: Condition }
  | { readonly check: Item; readonly condition: Condition }
  | { readonly update: Item; readonly set: string; readonly condition: Condition };

export interface Condition {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, Attribute>>;
}

const ABSENT: Condition = { expression: 'attribute_not_exists(#key)', names: { '#key': 'sk' } };
const PRESENT: Condition = { expression: 'attribute_exists(#key)', names: { '#key': 'sk' } };

/**
 * The transaction that takes a logical shard from the record that was read to the next one. It is all or nothing: the
 * record must still be the one that was read, and the map at the version that was read, so that changes have one order
 * and each a version of its own. A target must be a cluster that the map knows.
 *
 * @param now Seconds since 1970.
 */
export function shardWrites(seen: ShardRecord, next: NextRecord, head: MapHead, now: number): Write[] {
  const version = head.version + 1;
  const item = shardItem({ ...next, version });
  const starts = seen.state === 'active' && next.target !== undefined;
  return [
    {
      put: item,
      condition: {
        expression: '#version = :seen AND #epoch = :epoch',
        names: { '#version': 'version', '#epoch': 'epoch' },
        values: { ':seen': number(seen.version), ':epoch': number(seen.epoch) },
      },
    },
    ...headAndLog(item, head, now),
    ...(starts && next.target !== undefined ? [{ check: key(clusterKey(next.target)), condition: PRESENT }] : []),
  ];
}

/** The transaction that makes a cluster known, or known under another endpoint. Nothing moves by it. */
export function clusterWrites(next: Omit<ClusterRecord, 'version'>, head: MapHead, now: number): Write[] {
  const item = clusterItem({ ...next, version: head.version + 1 });
  return [
    {
      put: item,
      condition: { expression: 'attribute_not_exists(#version) OR #version < :next', ...versionBelow(head) },
    },
    ...headAndLog(item, head, now),
  ];
}

/** The head of a map that is being made: nobody reads or moves until it is finished. */
export function claimWrite(logicalShards: number, clusters: number): Write {
  const head = {
    ...key(HEAD_KEY),
    format: text(FORMAT),
    state: text('making'),
    logicalShards: number(logicalShards),
    firstClusters: number(clusters),
    version: number(1),
  };
  return { put: head, condition: ABSENT };
}

/** A record of a map that is being made. It never overwrites one. */
export function firstWrite(record: ShardRecord | ClusterRecord): Write {
  return { put: 'shard' in record ? shardItem(record) : clusterItem(record), condition: ABSENT };
}

/** Makes the map that all records are in the one that counts. */
export function readyWrite(): Write {
  return {
    update: key(HEAD_KEY),
    set: '#state = :ready',
    condition: {
      expression: '#state = :making',
      names: { '#state': 'state' },
      values: { ':ready': text('ready'), ':making': text('making') },
    },
  };
}

function headAndLog(changed: Item, { version }: MapHead, now: number): Write[] {
  return [
    {
      update: key(HEAD_KEY),
      set: '#version = :next',
      condition: {
        expression: '#version = :read AND #state = :ready',
        names: { '#version': 'version', '#state': 'state' },
        values: { ':read': number(version), ':next': number(version + 1), ':ready': text('ready') },
      },
    },
    { put: logItem(changed, version + 1, now), condition: ABSENT },
  ];
}

function versionBelow({ version }: MapHead): Pick<Condition, 'names' | 'values'> {
  return { names: { '#version': 'version' }, values: { ':next': number(version + 1) } };
}

/** The writes as DynamoDB's TransactWriteItems takes them, for a table. */
export function asTransactItems(writes: readonly Write[], table: string) {
  return writes.map((write) => {
    const { expression, names, values } = write.condition;
    const common = {
      TableName: table,
      ConditionExpression: expression,
      ExpressionAttributeNames: { ...names },
      ...(values && { ExpressionAttributeValues: { ...values } }),
    };
    if ('put' in write) return { Put: { ...common, Item: { ...write.put } } };
    if ('check' in write) return { ConditionCheck: { ...common, Key: { ...write.check } } };
    return { Update: { ...common, Key: { ...write.update }, UpdateExpression: `SET ${write.set}` } };
  });
}
