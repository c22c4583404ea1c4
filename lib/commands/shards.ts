import { readFileSync } from 'node:fs';
import { type Configuration, readConfiguration } from '../config/configuration';
import { projectPath } from '../facts/project-path';
import { fenceCall, fenceStatements } from '../sharding/fence';
import { MapError } from '../sharding/map-items';
import type { MapTable } from '../sharding/map-table';
import { type Move, splitOf } from '../sharding/placement';
import type { ClusterRecord, MapChange, ShardRecord } from '../sharding/shard-map';
import { nextRecord, TransitionError } from '../sharding/transitions';
import { inWordsOfFlags } from './in-words-of-flags';
import { type DeployedShards, readDeployedShards } from './shards/deployed-shards';
import { mapInTable } from './shards/dynamo-table';
import { asFrozenShards, type FrozenShard } from './shards/frozen-shards';
import { oneByOne } from './shards/one-by-one';
import { status } from './shards/status';
import type { RowsOutcome, RowsRequest } from './shards/with-rows';

/** Request to `beamstalk shards`. */
export type ShardsRequest =
  | { readonly action: 'init' | 'status' }
  | { readonly action: 'register'; readonly cluster?: number; readonly restored?: Restored }
  | { readonly action: 'move'; readonly shards: readonly number[]; readonly target: number }
  | { readonly action: 'split'; readonly cluster: number; readonly target: number }
  | { readonly action: 'freeze' | 'abort'; readonly shards: readonly number[] }
  | { readonly action: 'finish'; readonly frozen: readonly FrozenShard[] }
  | { readonly action: 'fence'; readonly cluster: number };

/** A cluster that was restored from a backup, outside of any template. */
export interface Restored {
  readonly endpoint: string;
  readonly readerEndpoint: string;
  readonly secret: string;
}

export interface ShardsProps {
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
}

/**
 * Reads and changes the shard map of an environment in the account. Credentials are found as every AWS tool finds them.
 *
 * @returns What to print: SQL to run on clusters goes with it, for no cluster can be reached from outside its network.
 * @throws ConfigurationError when the configuration is not sound.
 * @throws MapError when the map does not allow it.
 */
export async function shards(request: ShardsRequest, { environment, directory }: ShardsProps): Promise<string> {
  const { map, deployed, configuration } = await deployedMap({ environment, directory });
  return perform(request, map, deployed, configuration);
}

/**
 * Moves logical shards of an environment with their rows, or takes that back.
 *
 * @param report Hears what goes on, a line each.
 * @throws ConfigurationError, MapError and MoveError that say what is wrong.
 */
export async function shardsWithRows(
  request: RowsRequest,
  props: ShardsProps,
  report: (line: string) => void,
): Promise<RowsOutcome> {
  const { map } = await deployedMap(props);
  const { withRows } = await import('./shards/with-rows');
  return await withRows(request, map, report);
}

async function deployedMap({ environment, directory }: ShardsProps) {
  // Whatever phase the file says: the map is there or not.
  const configuration = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  const deployed = await readDeployedShards(environment, configuration.region);
  return { map: await mapInTable(deployed.table, configuration.region), deployed, configuration };
}

/** The same on a map in hand. */
export async function perform(
  request: ShardsRequest,
  map: MapTable,
  deployed: DeployedShards,
  { data, environment }: Pick<Configuration, 'data' | 'environment'>,
): Promise<string> {
  switch (request.action) {
    case 'init': {
      const { logicalShards, clusters } = data.sharding;
      const first = Array.from({ length: clusters }, (_, number) => deployedCluster(deployed, number));
      const made = await map.make(logicalShards, first);
      return `${made ? 'the shard map is made' : 'the shard map was there already; nothing was changed'}\n${status(await map.whole())}`;
    }
    case 'status':
      return status(await map.whole());
    case 'register':
      return register(request, map, deployed);
    case 'move':
      return start(
        map,
        request.shards.map((shard) => ({ shard, target: request.target })),
      );
    case 'split': {
      const moves = splitOf(await map.whole(), request.cluster, request.target);
      if (moves.length === 0) throw new MapError(`cluster ${request.cluster} has no active logical shard to give`);
      return start(map, moves);
    }
    case 'freeze':
      return freeze(map, request.shards, environment);
    case 'finish':
      return finish(map, request.frozen);
    case 'abort':
      return abort(map, request.shards);
    case 'fence': {
      const whole = await map.whole();
      if (!whole.clusters.has(request.cluster)) throw new MapError(unknownCluster(request.cluster));
      const statements = fenceStatements(whole, request.cluster);
      return `${readFileSync(projectPath('lib', 'sharding', 'fence.sql'), 'utf8')}\n${statements.join('\n')}\n`;
    }
  }
}

async function register(
  { cluster, restored }: Extract<ShardsRequest, { action: 'register' }>,
  map: MapTable,
  deployed: DeployedShards,
): Promise<string> {
  const { clusters } = await map.whole();
  const wanted: Omit<ClusterRecord, 'version'>[] =
    cluster === undefined
      ? [...deployed.clusters.values()].filter((record) => !clusters.has(record.cluster))
      : [{ ...deployedCluster(deployed, cluster), ...restored }];
  for (const record of wanted) await map.register(record);
  const numbers = wanted.map((record) => record.cluster).join(', ');
  return wanted.length === 0 ? 'the map knows every cluster that is deployed\n' : `registered: ${numbers}\n`;
}

async function start(map: MapTable, moves: readonly Move[]): Promise<string> {
  const { shards, clusters } = await map.whole();
  const targets = new Map(moves.map(({ shard, target }) => [shard, target]));
  const records = recordsOf(
    shards,
    moves.map(({ shard }) => shard),
  );
  // All of them before the first: a step that is refused must not leave others behind it.
  for (const record of records) nextRecord(record, 'start', targets.get(record.shard));
  const unknown = [...targets.values()].find((target) => !clusters.has(target));
  if (unknown !== undefined) throw new TransitionError(unknownCluster(unknown));
  return oneByOne(
    records,
    (record) => map.step(record, 'start', targets.get(record.shard)),
    (done) => ({ lines: done.map(receiving), next: MOVING }),
  );
}

async function freeze(map: MapTable, numbers: readonly number[], environment: string): Promise<string> {
  const records = recordsOf((await map.whole()).shards, numbers);
  for (const record of records) if (record.state !== 'frozen') nextRecord(record, 'freeze');
  // Frozen by an earlier run, whose lines may be lost, or for a move of somebody else: it is said again, and of which version.
  const before = new Set(records.filter(({ state }) => state === 'frozen').map(({ shard }) => shard));
  return oneByOne(
    records,
    async (record) => (before.has(record.shard) ? record : map.step(record, 'freeze')),
    (done) => ({
      lines: done.flatMap((record) => [
        ...(before.has(record.shard)
          ? [`logical shard ${record.shard} was frozen already, in version ${record.version}:`]
          : []),
        `on cluster ${record.cluster}: SELECT ${fenceCall(record, record.cluster)};`,
        receiving(record),
      ]),
      next: `frozen. When each of these has answered true, copy what is left, verify, and run \`beamstalk shards finish ${asFrozenShards(done)} --env ${environment}\``,
    }),
  );
}

async function finish(map: MapTable, frozen: readonly FrozenShard[]): Promise<string> {
  const versions = new Map(frozen.map(({ shard, version }) => [shard, version]));
  const records = recordsOf((await map.whole()).shards, [...versions.keys()]);
  // By an earlier run of the same command, which ended halfway.
  const before = records.some(({ state }) => state === 'active')
    ? finishedIn(await map.changesAfter(0))
    : new Map<number, number>();
  for (const record of records) {
    const { shard, state, version } = record;
    const frozenIn = versions.get(shard);
    if (state === 'active') {
      if (frozenIn !== undefined && before.get(version) === frozenIn) continue;
      throw new TransitionError(
        `logical shard ${shard} is active on cluster ${record.cluster} since version ${version}, and nothing shows that it was frozen in version ${frozenIn} and finished then; look at \`status\``,
      );
    }
    nextRecord(record, 'finish');
    // Of another move: what was copied and verified was not for this one.
    if (version !== frozenIn) {
      throw new TransitionError(
        `logical shard ${shard} was frozen in version ${version}, not in ${frozenIn}; look at \`status\``,
      );
    }
  }
  return oneByOne(
    records,
    async (record) => (record.state === 'active' ? record : map.step(record, 'finish')),
    (done) => ({ lines: done.map(opening), next: FINISHED }),
  );
}

async function abort(map: MapTable, numbers: readonly number[]): Promise<string> {
  const records = recordsOf((await map.whole()).shards, numbers);
  for (const record of records) nextRecord(record, 'abort');
  const closed = new Set(records.filter(({ state }) => state === 'frozen').map(({ shard }) => shard));
  return oneByOne(
    records,
    (record) => map.step(record, 'abort'),
    (done) => ({ lines: done.filter(({ shard }) => closed.has(shard)).map(opening), next: ABORTED }),
  );
}

const MOVING = 'moving. Copy their rows, each transaction beginning with beamstalk_copy; then `freeze`';
const FINISHED = 'on their new cluster. They take writes when each of these has answered true';
const ABORTED = 'where they were. Those that were frozen take writes when each of these has answered true';

/**
 * Versions in which logical shards came to their target by `finish`, each with the version in which its logical shard
 * had been frozen. An abort leaves the same record behind, but for its cluster: so the log, which has both, is the proof.
 */
function finishedIn(log: readonly MapChange[]): ReadonlyMap<number, number> {
  const last = new Map<number, ShardRecord>();
  const finished = new Map<number, number>();
  for (const { shard: record } of log) {
    if (record === undefined) continue;
    const was = last.get(record.shard);
    if (was?.state === 'frozen' && record.cluster === was.target) finished.set(record.version, was.version);
    last.set(record.shard, record);
  }
  return finished;
}

/** @throws TransitionError when the map has no such logical shard. */
function recordsOf(shards: readonly ShardRecord[], numbers: readonly number[]): ShardRecord[] {
  const found = numbers.flatMap((number) => shards[number] ?? []);
  const missing = numbers.filter((number) => shards[number] === undefined);
  if (missing.length > 0) {
    throw new TransitionError(
      `there is no logical shard ${missing[0]}: the map has ${shards.length}, from 0 to ${shards.length - 1}`,
    );
  }
  return found;
}

function receiving({ shard, target, version }: ShardRecord): string {
  return `on cluster ${target}: SELECT beamstalk_receive(${shard}, ${version});`;
}

function opening(record: ShardRecord): string {
  return `on cluster ${record.cluster}: SELECT ${fenceCall(record, record.cluster)};`;
}

function unknownCluster(number: number): string {
  return `the map knows no cluster ${number}; run \`beamstalk shards register\` first`;
}

function deployedCluster({ clusters }: DeployedShards, number: number): Omit<ClusterRecord, 'version'> {
  const record = clusters.get(number);
  if (record === undefined) throw new MapError(`cluster ${number} is not deployed: raise data.sharding.clusters first`);
  return record;
}
