import type { Architecture } from '../../architecture/architecture';
import type { ShardingPlan } from '../../architecture/extreme';
import type { Ceiling } from '../ceiling';
import { COEFFICIENTS as C } from '../coefficients';
import type { Load } from '../load';
import { usableCores } from '../machine';
import { ASSUMED_WORK } from '../measured';
import { rowSharesOf } from '../row-shares';
import {
  AURORA_VOLUME,
  coresOfQueries,
  databaseCeilings,
  pooled,
  recoveryCeiling,
  serverlessConnections,
  shareOf,
} from './databases';
import { round } from './fleets';

/** Ceilings of what takes over from the single write master: the rows of each function, and those that are sharded. */
export function extremeCeilings(architecture: Architecture, load: Load): Ceiling[] {
  const { functions, sharding } = architecture;
  if (functions === undefined) return [];
  const each = shareOf(load, rowSharesOf(architecture).database);
  const ofFunctions = functions.flatMap((plan) =>
    databaseCeilings(
      plan,
      { writer: 'function databases', readers: 'function databases' },
      each,
      load,
      pooled(architecture),
    ).map((ceiling) => ({ ...ceiling, why: `${plan.function}: ${ceiling.why}` })),
  );
  return [...ofFunctions, ...(sharding === undefined ? [] : shardCeilings(sharding, architecture, load))];
}

function shardCeilings(sharding: ShardingPlan, architecture: Architecture, load: Load): Ceiling[] {
  // DSQL takes no size, and says of no ceiling.
  if (sharding.engine === 'dsql') return [];
  const parts = sharding.engine === 'clusters' ? sharding.clusters : 1;
  const { reads, writes, dataGiB } = shareOf(load, rowSharesOf(architecture).sharded / parts);
  const { maxCapacity } = sharding;
  const vcpu = Math.max(1, Math.floor(maxCapacity / C.acuPerVcpu.value));
  const cores = usableCores({ name: 'serverless', vcpu, burstable: false }, load.peakFactor, ASSUMED_WORK);
  const name = sharding.engine === 'clusters' ? `each of ${parts} clusters` : 'the shard group';
  const cpu: Ceiling = {
    tier: 'shards',
    resource: 'CPU',
    load: coresOfQueries({ reads, writes }),
    most: cores,
    unit: 'cores',
    basis: 'assumed',
    why: `${name} with up to ${maxCapacity} ACU, ${round(cores)} busy cores; keys are taken to spread evenly`,
  };
  if (sharding.engine === 'limitless') return [cpu];
  return [
    cpu,
    {
      tier: 'shards',
      resource: 'database connections',
      fixed: true,
      load: pooled(architecture),
      most: serverlessConnections(sharding.minCapacity, maxCapacity),
      unit: '',
      basis: 'assumed',
      why: `max_connections of ${maxCapacity} ACU by their memory; a pool of ${C.poolSize.value} to each cluster on each node`,
    },
    recoveryCeiling('shards', dataGiB, AURORA_VOLUME),
  ];
}
