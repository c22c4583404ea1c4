import type { ClusterRecord, MapChange, MapHead, ShardRecord, ShardState } from './shard-map';

/** An attribute as DynamoDB's protocol writes it: strings, and numbers in decimal digits. */
export type Attribute = { readonly S: string } | { readonly N: string };
export type Item = Readonly<Record<string, Attribute>>;

/** Error that a user of the map can mend, or has to know of. */
export class MapError extends Error {
  override readonly name: string = 'MapError';
}

/** All items of the map lie in one partition; the sort key tells them apart and orders them. */
export const PARTITION = 'map';
export const HEAD_KEY = 'head';
export const LOG_PREFIX = 'change#';

/** Names the hash and the layout of the items, so that a reader of another one stops. */
export const FORMAT = 'sha256-64/1';

/** Days for which the log keeps a change. A router that has slept longer reads the whole map. */
const LOG_DAYS = 7;

export const shardKey = (shard: number): string => `shard#${String(shard).padStart(5, '0')}`;
export const clusterKey = (cluster: number): string => `cluster#${String(cluster).padStart(3, '0')}`;
export const logKey = (version: number): string => `${LOG_PREFIX}${String(version).padStart(15, '0')}`;

export const key = (sortKey: string): Item => ({ pk: text(PARTITION), sk: text(sortKey) });
export const text = (value: string): Attribute => ({ S: value });
export const number = (value: number): Attribute => ({ N: String(value) });

export function shardItem({ shard, state, cluster, target, epoch, version }: ShardRecord): Item {
  return {
    ...key(shardKey(shard)),
    shard: number(shard),
    state: text(state),
    cluster: number(cluster),
    ...(target !== undefined && { target: number(target) }),
    epoch: number(epoch),
    version: number(version),
  };
}

export function clusterItem(record: ClusterRecord): Item {
  return {
    ...key(clusterKey(record.cluster)),
    cluster: number(record.cluster),
    endpoint: text(record.endpoint),
    readerEndpoint: text(record.readerEndpoint),
    port: number(record.port),
    database: text(record.database),
    secret: text(record.secret),
    version: number(record.version),
  };
}

/** The log's copy of a changed item. `now` is the time in seconds since 1970, from which its expiry is counted. */
export function logItem(changed: Item, version: number, now: number): Item {
  return {
    ...changed,
    ...key(logKey(version)),
    of: changed['sk'] ?? text(''),
    version: number(version),
    expires: number(Math.floor(now) + LOG_DAYS * 86_400),
  };
}

/** @throws MapError when the map is not there, not finished, or of another format. */
export function headOf(item: Item | undefined): MapHead {
  if (item === undefined) throw new MapError('the shard map has not been made yet: run `beamstalk shards init`');
  const format = textIn(item, 'format');
  if (format !== FORMAT) throw new MapError(`the shard map has the format ${format}; this reader knows ${FORMAT}`);
  if (textIn(item, 'state') !== 'ready') {
    throw new MapError('the shard map is not finished: run `beamstalk shards init` again');
  }
  return { version: numberIn(item, 'version'), logicalShards: numberIn(item, 'logicalShards') };
}

export function shardOf(item: Item): ShardRecord {
  return {
    shard: numberIn(item, 'shard'),
    state: stateIn(item),
    cluster: numberIn(item, 'cluster'),
    ...(item['target'] && { target: numberIn(item, 'target') }),
    epoch: numberIn(item, 'epoch'),
    version: numberIn(item, 'version'),
  };
}

export function clusterOf(item: Item): ClusterRecord {
  return {
    cluster: numberIn(item, 'cluster'),
    endpoint: textIn(item, 'endpoint'),
    readerEndpoint: textIn(item, 'readerEndpoint'),
    port: numberIn(item, 'port'),
    database: textIn(item, 'database'),
    secret: textIn(item, 'secret'),
    version: numberIn(item, 'version'),
  };
}

export function changeOf(item: Item): MapChange {
  const version = numberIn(item, 'version');
  return textIn(item, 'of').startsWith('shard#')
    ? { version, shard: shardOf(item) }
    : { version, cluster: clusterOf(item) };
}

export function textIn(item: Item, name: string): string {
  const value = item[name];
  if (value === undefined || !('S' in value)) throw new MapError(`${describe(item)} has no text ${name}`);
  return value.S;
}

export function numberIn(item: Item, name: string): number {
  const value = item[name];
  if (value === undefined || !('N' in value)) throw new MapError(`${describe(item)} has no number ${name}`);
  return Number(value.N);
}

function stateIn(item: Item): ShardState {
  const state = textIn(item, 'state');
  if (state === 'active' || state === 'moving' || state === 'frozen') return state;
  throw new MapError(`${describe(item)} has the state ${state}; expected active, moving or frozen`);
}

function describe(item: Item): string {
  const sortKey = item['sk'];
  return `the item ${sortKey && 'S' in sortKey ? sortKey.S : '(without key)'} of the shard map`;
}
