import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Configuration, readConfiguration } from '../config/configuration';
import { projectPath } from '../facts/project-path';
import { fenceCall, fenceStatements } from '../sharding/fence';
import { MapError } from '../sharding/map-items';
import { MapTable } from '../sharding/map-table';
import { splitOf } from '../sharding/placement';
import type { ClusterRecord, ShardRecord } from '../sharding/shard-map';
import { TransitionError } from '../sharding/transitions';
import { type DeployedShards, readDeployedShards } from './shards/deployed-shards';
import { dynamoTable } from './shards/dynamo-table';
import { status } from './shards/status';

/** What `beamstalk shards` is asked to do. */
export type ShardsRequest =
  | { readonly action: 'init' | 'status' }
  | { readonly action: 'register'; readonly cluster?: number; readonly restored?: Restored }
  | { readonly action: 'move'; readonly shards: readonly number[]; readonly target: number }
  | { readonly action: 'split'; readonly cluster: number; readonly target: number }
  | { readonly action: 'freeze' | 'abort'; readonly shards: readonly number[] }
  | { readonly action: 'finish'; readonly shards: readonly number[]; readonly frozenAt: number }
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
  // Whatever phase the file says: the map is there or not.
  const configuration = readConfiguration({ context: { env: environment }, directory });
  const deployed = await readDeployedShards(environment, configuration.region);
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const client = new DynamoDBClient({ region: configuration.region });
  const map = new MapTable({
    table: await dynamoTable(client, deployed.table),
    now: () => Date.now() / 1000,
    pause: async (failed) => {
      await setTimeout(Math.random() * Math.min(1000, 20 * 2 ** failed));
    },
  });
  return perform(request, map, deployed, configuration);
}

/** The same on a map in hand. */
export async function perform(
  request: ShardsRequest,
  map: MapTable,
  deployed: DeployedShards,
  { data }: Pick<Configuration, 'data'>,
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
      return freeze(map, request.shards);
    case 'finish':
      return finish(map, request.shards, request.frozenAt);
    case 'abort':
      return abort(map, request.shards);
    case 'fence': {
      const statements = fenceStatements(await map.whole(), request.cluster);
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

async function start(map: MapTable, moves: readonly { shard: number; target: number }[]): Promise<string> {
  const lines: string[] = [];
  for (const { shard, target } of moves) {
    const record = await map.step(await map.shard(shard), 'start', target);
    lines.push(`on cluster ${target}: SELECT beamstalk_receive(${shard}, ${record.version});`);
  }
  return said(lines, 'moving. Copy their rows, each transaction beginning with beamstalk_copy; then `freeze`');
}

async function freeze(map: MapTable, numbers: readonly number[]): Promise<string> {
  const lines: string[] = [];
  let at = 0;
  for (const shard of numbers) {
    const record = await map.step(await map.shard(shard), 'freeze');
    at = record.version;
    lines.push(
      `on cluster ${record.cluster}: SELECT ${fenceCall(record, record.cluster)};`,
      `on cluster ${record.target}: SELECT beamstalk_receive(${shard}, ${record.version});`,
    );
  }
  return said(
    lines,
    `frozen. When each of these has answered true, copy what is left, verify, and \`finish --frozen-at ${at}\``,
  );
}

async function finish(map: MapTable, numbers: readonly number[], frozenAt: number): Promise<string> {
  const lines: string[] = [];
  for (const shard of numbers) {
    const seen = await map.shard(shard);
    // By an earlier run of the same command, which ended halfway.
    if (seen.state === 'active') {
      lines.push(opening(seen));
      continue;
    }
    // Frozen anew since then: what was copied and verified was for another move.
    if (seen.version > frozenAt) {
      throw new TransitionError(
        `logical shard ${shard} has changed in version ${seen.version}, after ${frozenAt}; look at \`status\``,
      );
    }
    lines.push(opening(await map.step(seen, 'finish')));
  }
  return said(lines, 'on their new cluster. They take writes when each of these has answered true');
}

async function abort(map: MapTable, numbers: readonly number[]): Promise<string> {
  const lines: string[] = [];
  for (const shard of numbers) {
    const seen = await map.shard(shard);
    const record = await map.step(seen, 'abort');
    if (seen.state === 'frozen') lines.push(opening(record));
  }
  return said(lines, 'where they were. Those that were frozen take writes when each of these has answered true');
}

function opening(record: ShardRecord): string {
  return `on cluster ${record.cluster}: SELECT ${fenceCall(record, record.cluster)};`;
}

function said(lines: readonly string[], what: string): string {
  return `${[...lines, `These logical shards are ${what}.`].join('\n')}\n`;
}

function deployedCluster({ clusters }: DeployedShards, number: number): Omit<ClusterRecord, 'version'> {
  const record = clusters.get(number);
  if (record === undefined) throw new MapError(`cluster ${number} is not deployed: raise data.sharding.clusters first`);
  return record;
}
