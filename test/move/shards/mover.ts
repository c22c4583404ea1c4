// The mover of shards in a process of its own, so that it can be killed; the table of the map is its parent's.
import { abortShards } from '../../../lib/resharding/abort-shards';
import { moveShards } from '../../../lib/resharding/move-shards';
import type { Resharding } from '../../../lib/resharding/resharding';
import type { Table } from '../../../lib/sharding/map-table';
import { mapIn } from '../../sharding/map-in-dynamodb';
import { callsToParent } from '../calls';
import { countQueries, type Kill, queriesCounted } from '../mover/kill';

/** A resharding but for what is no data. */
export type ShardsSetup = Omit<Resharding, 'map' | 'report' | 'clusters'> & {
  readonly sides: readonly (readonly [
    number,
    Resharding['clusters'] extends ReadonlyMap<number, infer One> ? One : never,
  ])[];
};

export interface ShardsOrder {
  readonly action: 'move' | 'abort';
  readonly setup: ShardsSetup;
  readonly kill?: Kill;
}

async function act({ action, setup: { sides, ...setup }, kill }: ShardsOrder): Promise<{ queries: number }> {
  countQueries(kill);
  const table: Table = {
    // A channel between processes has no undefined.
    get: async (key) => (await calls.ask<Awaited<ReturnType<Table['get']>> | null>('get', key)) ?? undefined,
    query: (from, to) => calls.ask('query', [from, to]),
    transact: (writes) => calls.ask('transact', writes),
  };
  const report = (line: string): void => void calls.ask('report', line);
  const resharding: Resharding = { ...setup, clusters: new Map(sides), map: mapIn(table), report };
  await (action === 'move' ? moveShards : abortShards)(resharding);
  return { queries: queriesCounted() };
}

const calls = callsToParent({ act });
