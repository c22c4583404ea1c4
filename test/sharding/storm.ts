import { setTimeout as wait } from 'node:timers/promises';
import { MapError } from '../../lib/sharding/map-items';
import type { MapTable } from '../../lib/sharding/map-table';
import { NotWritable, Router } from '../../lib/sharding/router';
import type { MapChange, ShardRecord } from '../../lib/sharding/shard-map';
import { Cluster, WrongEpoch } from './clusters';

export interface StormProps {
  readonly map: MapTable;
  readonly clusters: number;
  readonly logicalShards: number;
  readonly movers: number;
  /** Moves, resumptions and aborts that each mover tries. */
  readonly turns: number;
  readonly writers: number;
  readonly seed: number;
  /** What a mover leaves out or does wrong, to see that it is noticed. */
  readonly plant?: 'no close';
}

/** What a storm saw that must never be. */
export interface Findings {
  readonly twoWriters: string[];
  readonly lostWrites: string[];
  readonly history: string[];
  /** How much happened, lest nothing did. */
  readonly counts: {
    readonly accepted: number;
    readonly refused: number;
    readonly finished: number;
    readonly crashes: number;
  };
}

class Crash extends Error {}

/**
 * Many movers that crash, take over from each other and abort; many writers whose routers look at the map too seldom.
 * Then everything is brought to rest, and what the clusters hold is compared with what they accepted.
 */
export async function storm(props: StormProps): Promise<Findings> {
  const { map, logicalShards, plant } = props;
  const random = generator(props.seed);
  const clusters = Array.from({ length: props.clusters }, () => new Cluster(() => random() * 4));
  const at = (number: number | undefined): Cluster => {
    const cluster = number === undefined ? undefined : clusters[number];
    if (cluster === undefined) throw new Error(`there is no cluster ${number}`);
    return cluster;
  };
  const findings = { twoWriters: [] as string[], lostWrites: [] as string[], history: [] as string[] };
  const counts = { accepted: 0, refused: 0, finished: 0, crashes: 0 };
  const accepted = new Map<number, string[]>();

  const open = async ({ shard, cluster, epoch, version }: ShardRecord): Promise<void> => {
    await at(cluster).open(shard, epoch, version);
    const writers = clusters.flatMap((one, number) => (one.isOpen(shard) ? [number] : []));
    if (writers.length > 1) findings.twoWriters.push(`logical shard ${shard} on ${writers.join(' and ')}`);
  };
  for (const record of (await map.whole()).shards) await open(record);

  const mayCrash = (): void => {
    if (random() < 0.12) throw new Crash();
  };
  const goOn = async (record: ShardRecord): Promise<void> => {
    let current = record;
    const { shard } = current;
    const [source, target] = [at(current.cluster), at(current.target)];
    if (current.state === 'moving') {
      if (!(await target.receive(shard, current.version))) return;
      await target.copyFrom(source, shard, current.version);
      mayCrash();
      current = await map.step(current, 'freeze');
      mayCrash();
    }
    if (plant !== 'no close' && !(await source.close(shard, current.epoch))) return;
    mayCrash();
    if (!(await target.receive(shard, current.version))) return;
    await target.copyFrom(source, shard, current.version);
    mayCrash();
    // Somebody else may abort meanwhile, and begin another move.
    if (random() < 0.3) await wait(random() * 200);
    const done = await map.step(current, 'finish');
    mayCrash();
    await open(done);
    counts.finished++;
  };
  const mover = async (): Promise<void> => {
    for (let turn = 0; turn < props.turns; turn++) {
      try {
        const shard = Math.floor(random() * logicalShards);
        const record = await map.shard(shard);
        if (record.state === 'active') {
          const target = Math.floor(random() * clusters.length);
          if (target !== record.cluster) await goOn(await map.step(record, 'start', target));
        } else if (random() < 0.4) {
          const back = await map.step(record, 'abort');
          mayCrash();
          if (record.state === 'frozen') await open(back);
        } else {
          await goOn(record);
        }
      } catch (error) {
        if (error instanceof Crash) counts.crashes++;
        else if (!(error instanceof MapError || error instanceof WrongEpoch)) throw error;
      }
    }
  };

  let over = false;
  const writer = async (name: number): Promise<void> => {
    const router = new Router({ source: map, leaseMs: 1_000_000 });
    await router.refresh();
    for (let count = 0; !over; count++) {
      const key = `key-${Math.floor(random() * 200)}`;
      const row = `${name}:${count}`;
      try {
        const shard = await router.write(
          key,
          async (route) => {
            await at(route.cluster).write(route.shard, route.epoch, row);
            return route.shard;
          },
          // Most routers of a storm do not even listen to the fence.
          (error) => error instanceof WrongEpoch && random() < 0.3,
        );
        accepted.set(shard, [...(accepted.get(shard) ?? []), row]);
        counts.accepted++;
      } catch (error) {
        if (!(error instanceof WrongEpoch || error instanceof NotWritable)) throw error;
        counts.refused++;
        await wait(1);
      }
      if (random() < 0.02) await router.refresh();
    }
  };

  const writers = Array.from({ length: props.writers }, (_, name) => writer(name));
  await Promise.all(Array.from({ length: props.movers }, mover));
  over = true;
  await Promise.all(writers);

  // At rest: what is under way is left, and each fence agrees with the map, as `beamstalk shards fence` has it.
  for (const record of (await map.whole()).shards) {
    const resting = record.state === 'active' ? record : await map.step(record, 'abort');
    await open(resting);
    const rows = at(resting.cluster).rows.get(record.shard) ?? new Set();
    const lost = (accepted.get(record.shard) ?? []).filter((row) => !rows.has(row));
    if (lost.length > 0) findings.lostWrites.push(`logical shard ${record.shard}: ${lost.length} of its writes`);
  }
  findings.history.push(...faultsOf(await map.changesAfter(1)));
  return { ...findings, counts };
}

/** What is wrong with a history: a version twice or missing, an owner that changed while it was written, an epoch back. */
export function faultsOf(changes: readonly MapChange[]): string[] {
  const faults: string[] = [];
  const last = new Map<number, ShardRecord>();
  for (const [index, { version, shard: record }] of changes.entries()) {
    if (version !== index + 2) faults.push(`version ${version} stands where ${index + 2} should`);
    if (record === undefined) continue;
    const before = last.get(record.shard);
    last.set(record.shard, record);
    if (before === undefined) continue;
    const where = `logical shard ${record.shard} in version ${version}`;
    if (record.cluster !== before.cluster && !(before.state === 'frozen' && record.cluster === before.target)) {
      faults.push(`${where} came to ${record.cluster}, but was ${before.state} on ${before.cluster}`);
    }
    const began = (record.state === 'frozen') !== (before.state === 'frozen');
    if (record.epoch !== before.epoch + (began ? 1 : 0)) {
      faults.push(
        `${where} went from ${before.state} to ${record.state}, and from epoch ${before.epoch} to ${record.epoch}`,
      );
    }
  }
  return faults;
}

/** Numbers from 0 to 1 that one seed always gives in the same order (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
