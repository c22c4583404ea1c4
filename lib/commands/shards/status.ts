import type { ShardMap } from '../../sharding/shard-map';
import { counted } from '../../template/counted';

/** The map as a table: a line for each cluster, then what is under way. */
export function status({ version, logicalShards, shards, clusters }: ShardMap): string {
  const lines = [
    `shard map version ${version}: ${counted(logicalShards, 'logical shard')} on ${counted(clusters.size, 'cluster')}`,
    '',
  ];
  lines.push('cluster  logical shards  moving  frozen  endpoint');
  for (const [number, { endpoint }] of [...clusters].sort(([a], [b]) => a - b)) {
    const owned = shards.filter(({ cluster }) => cluster === number);
    const count = (state: string): string => String(owned.filter((record) => record.state === state).length);
    const columns = [
      String(number).padStart(7),
      String(owned.length).padStart(14),
      count('moving').padStart(6),
      count('frozen').padStart(6),
      endpoint,
    ];
    lines.push(columns.join('  '));
  }
  const under = shards.filter(({ state }) => state !== 'active');
  if (under.length > 0) lines.push('');
  for (const { shard, state, cluster, target, epoch, version: changed } of under) {
    lines.push(
      `logical shard ${shard} is ${state} from ${cluster} to ${target}, epoch ${epoch}, since version ${changed}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
