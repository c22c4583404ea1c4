import type { Stack } from '@aws-sdk/client-cloudformation';
import { MapError } from '../../sharding/map-items';
import type { ClusterRecord } from '../../sharding/shard-map';
import { answered } from './answered';

/** Outputs of the deployed sharded store. */
export interface DeployedShards {
  /** Name of the table of the shard map. */
  readonly table: string;
  /** By number. */
  readonly clusters: ReadonlyMap<number, Omit<ClusterRecord, 'version'>>;
}

/**
 * Reads the outputs of the stacks `<environment>-shards` and `<environment>-shards-<n>`.
 *
 * @throws MapError when they are not deployed, the engine has no shard map, or AWS does not answer.
 */
export async function readDeployedShards(environment: string, region: string): Promise<DeployedShards> {
  const sdk = await import('@aws-sdk/client-cloudformation');
  const client = new sdk.CloudFormationClient({ region });
  const ours = new RegExp(`^${environment}-shards(-\\d+)?$`);
  const clusters = new Map<number, Omit<ClusterRecord, 'version'>>();
  let table: string | undefined;
  const stacks = await answered(async () => {
    const all: Stack[] = [];
    for await (const { Stacks = [] } of sdk.paginateDescribeStacks({ client }, {})) all.push(...Stacks);
    return all;
  });
  for (const { StackName = '', Outputs = [] } of stacks) {
    if (!ours.test(StackName)) continue;
    for (const { OutputKey = '', OutputValue = '' } of Outputs) {
      if (OutputKey === 'ShardMapTable') table = OutputValue;
      if (!/^Shard\d+$/.test(OutputKey)) continue;
      const record = JSON.parse(OutputValue) as Omit<ClusterRecord, 'version'>;
      clusters.set(record.cluster, record);
    }
  }
  if (table === undefined) {
    throw new MapError(
      `${environment} has no shard map in ${region}: deploy phase 6 with data.sharding.engine=clusters first`,
    );
  }
  return { table, clusters };
}
