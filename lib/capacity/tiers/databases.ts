import type { Architecture, DatabasePlan } from '../../architecture/architecture';
import { type ClassSize, classSize } from '../../facts/class-size';
import type { Ceiling, Event, Tier } from '../ceiling';
import { COEFFICIENTS as C } from '../coefficients';
import { GIB, type Load } from '../load';
import { usableCores } from '../machine';
import { ASSUMED_WORK } from '../measured';
import { hitShare } from '../models/popularity';
import { nodesAtPeak, round } from './fleets';

/** Share of the load that one database meets, per second at the peak. */
export interface DatabaseLoad {
  readonly reads: number;
  /** Reads without a cache before it. */
  readonly uncachedReads: number;
  readonly writes: number;
  readonly rows: number;
  readonly dataGiB: number;
}

/** Load of a database that has such a share, from 0 to 1, of all rows. */
export function shareOf(load: Load, share: number): DatabaseLoad {
  return {
    reads: load.peakReadsAtDatabases * share,
    uncachedReads: load.peak.reads * share,
    writes: load.peak.writes * share,
    rows: load.rows * share,
    dataGiB: load.dataGiB * share,
  };
}

/** Connections that a database of so much memory takes from users. */
export function mostConnections(memoryGiB: number): number {
  const counted = (memoryGiB * GIB * C.classMemoryShare.value) / C.bytesPerDatabaseConnection.value;
  return Math.min(C.mostDatabaseConnections.value, Math.floor(counted)) - C.reservedDatabaseConnections.value;
}

/** Least capacity at which Aurora may nearly pause, and its connections then, whatever its greatest capacity is. */
const PAUSABLE = { capacity: 0.5, connections: 2000 } as const;

/**
 * Connections that an instance of Aurora Serverless v2 takes from users: by the memory of its greatest capacity.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html (not opened)
 */
export function serverlessConnections(minCapacity: number, maxCapacity: number): number {
  const counted = mostConnections(maxCapacity * C.gibPerAcu.value);
  return minCapacity <= PAUSABLE.capacity ? Math.min(PAUSABLE.connections, counted) : counted;
}

/** Connections that all nodes together open to each database: a pool for each node. */
export function pooled({ box, app, async }: Architecture): number {
  const nodes = (box === undefined ? 0 : 1) + (app ? nodesAtPeak(app) : 0) + (async?.workers.fleet?.maxNodes ?? 0);
  return nodes * C.poolSize.value;
}

/** Cores that a database is busy with: its queries, or those of its writer that a replica replays. */
export function coresOfQueries({ reads, writes }: Pick<DatabaseLoad, 'reads' | 'writes'>): number {
  return reads * C.secondsPerRead.value + writes * C.secondsPerWrite.value;
}

/** Disk operations: what memory does not answer, and all that is written. */
export function operations(
  { reads, writes, rows }: Pick<DatabaseLoad, 'reads' | 'writes' | 'rows'>,
  memoryGiB: number,
  rowBytes: number,
): number {
  const cached = (memoryGiB * GIB * C.pageCacheShare.value) / rowBytes;
  return reads * (1 - hitShare(cached, rows)) * C.iopsPerMiss.value + writes * C.iopsPerWrite.value;
}

/** Storage that RDS has allocated by the time it holds the data. */
function allocatedGiB({ storageGiB, maxStorageGiB }: DatabasePlan, dataGiB: number): number {
  return Math.max(storageGiB, Math.min(maxStorageGiB, dataGiB));
}

/** Source of rows after an accident. */
interface Medium {
  readonly mibPerSecond: number;
  /** Words for people, for example `a gp3 volume at its baseline`. */
  readonly name: string;
}

/** A gp3 volume that a node has for itself. */
export const OWN_VOLUME: Medium = {
  mibPerSecond: C.mibPerSecondOfSmallVolume.value,
  name: 'a gp3 volume at its baseline',
};

/** Storage of an Aurora cluster. */
export const AURORA_VOLUME: Medium = {
  mibPerSecond: C.mibPerSecondOfAurora.value,
  name: 'Aurora, of which AWS names no rate',
};

/** Storage of an RDS instance that has so much allocated. */
function rdsVolume(allocated: number): Medium {
  const large = allocated >= C.largeVolumeGiB.value;
  return {
    mibPerSecond: large ? C.mibPerSecondOfLargeVolume.value : C.mibPerSecondOfSmallVolume.value,
    name: `gp3 with ${Math.round(allocated)} GiB at its baseline`,
  };
}

/** Ceiling of what one store has to be read for after an accident. */
export function recoveryCeiling(tier: Tier, dataGiB: number, { mibPerSecond, name }: Medium): Ceiling {
  return {
    tier,
    resource: 'recovery',
    load: (dataGiB * 1024) / mibPerSecond / 3600,
    most: C.recoveryHours.value,
    unit: 'hours',
    basis: 'assumed',
    why: `${round(dataGiB)} GiB read once at the ${mibPerSecond} MiB/s of ${name}; more is a day without a spare`,
  };
}

interface Server {
  readonly tier: Tier;
  readonly class: string;
  readonly size: ClassSize;
  readonly plan: DatabasePlan;
}

function serverCeilings(
  { tier, class: name, size, plan }: Server,
  load: DatabaseLoad,
  all: Load,
  event?: Event,
): Ceiling[] {
  const cores = usableCores({ name, ...size }, all.peakFactor, ASSUMED_WORK);
  const allocated = allocatedGiB(plan, load.dataGiB);
  const large = allocated >= C.largeVolumeGiB.value;
  const when = event === undefined ? {} : { event };
  return [
    {
      tier,
      resource: 'CPU',
      load: coresOfQueries(load),
      most: cores,
      unit: 'cores',
      basis: 'assumed',
      why: `${name}: ${round(cores)} busy cores; a read takes 0.2 ms and a write 1 ms of one`,
      ...when,
    },
    {
      tier,
      resource: 'IOPS',
      load: operations(load, size.memoryGiB, all.rowBytes),
      most: large ? C.iopsOfLargeVolume.value : C.iopsOfSmallVolume.value,
      unit: 'a second',
      basis: 'assumed',
      why: `gp3 with ${Math.round(allocated)} GiB, at its baseline; reads that ${size.memoryGiB} GiB of memory do not answer, and writes`,
      ...when,
    },
  ];
}

/** Ceilings of one database with its replicas, for its share of the load. */
export function databaseCeilings(
  plan: DatabasePlan,
  tiers: { readonly writer: Tier; readonly readers: Tier },
  share: DatabaseLoad,
  all: Load,
  connections: number,
): Ceiling[] {
  const size = classSize(plan.class);
  if (size === undefined) return [];
  const readers = plan.readers?.count ?? 0;
  const writer: Server = { tier: tiers.writer, class: plan.class, size, plan };
  const readerClass = plan.readers?.class ?? plan.class;
  const readerSize = classSize(readerClass) ?? size;
  const replica: Server = { tier: tiers.readers, class: readerClass, size: readerSize, plan };
  const onReader = (reads: number): DatabaseLoad => ({
    ...share,
    reads: reads / readers,
    writes: share.writes * C.replayShare.value,
  });
  const ordinary = [
    ...serverCeilings(writer, readers === 0 ? share : { ...share, reads: 0 }, all),
    ...(readers === 0 ? [] : serverCeilings(replica, onReader(share.reads), all)),
  ];
  return [
    ...ordinary,
    ...whenTheCacheIsLost(writer, replica, share, all, readers),
    {
      tier: tiers.writer,
      resource: 'database connections',
      fixed: true,
      load: connections,
      most: mostConnections(size.memoryGiB),
      unit: '',
      basis: 'assumed',
      why: `max_connections of ${plan.class} by its memory; a pool of ${C.poolSize.value} on each node at its most`,
    },
    {
      tier: tiers.writer,
      resource: 'storage',
      load: share.dataGiB,
      most: plan.maxStorageGiB,
      unit: 'GiB',
      basis: 'sourced',
      why: 'maxStorageGiB, up to which RDS grows by itself',
    },
    recoveryCeiling(tiers.writer, share.dataGiB, rdsVolume(allocatedGiB(plan, share.dataGiB))),
    copiesCeiling(tiers.writer, plan.multiAz ? 1 : 0, plan.multiAz ? 'a standby in another zone' : 'no standby'),
  ];
}

/** Ceiling of what is left of a tier when a zone is lost: with none, it is gone for as long as the zone. */
export function copiesCeiling(tier: Tier, left: number, why: string): Ceiling {
  return {
    tier,
    resource: 'copies',
    load: 1,
    most: left,
    unit: 'left',
    basis: 'sourced',
    why,
    fixed: true,
    event: 'a zone lost',
  };
}

/** Ceilings while every read that the cache answered goes to the databases. */
function whenTheCacheIsLost(
  writer: Server,
  replica: Server,
  share: DatabaseLoad,
  all: Load,
  readers: number,
): Ceiling[] {
  if (all.cacheHitShare === 0) return [];
  const { uncachedReads: reads, writes } = share;
  return readers === 0
    ? serverCeilings(writer, { ...share, reads }, all, 'the cache lost')
    : serverCeilings(
        replica,
        { ...share, reads: reads / readers, writes: writes * C.replayShare.value },
        all,
        'the cache lost',
      );
}
