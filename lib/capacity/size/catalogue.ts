import { LADDERS } from '../../architecture/ladder';
import { type CpuArchitecture, INSTANCE_TYPE_NAMES, type InstanceType, instanceType } from '../../facts/instance-type';
import { CACHE_LADDERS, DATABASE_LADDERS } from '../classes';

/** Sizes that are looked at. */
export interface Catalogue {
  readonly nodeTypes: readonly InstanceType[];
  /** Classes by family, smallest first. */
  readonly databaseLadders: readonly (readonly string[])[];
  readonly cacheLadders: readonly (readonly string[])[];
  readonly mostReplicas: number;
}

/** Read replicas of one database are at most 15 (lib/facts/quotas.json); more than eight are not looked at. */
const MOST_REPLICAS = 8;

/** Everything that a release for one kind of processor may stand on. */
export function catalogueOf(architecture: CpuArchitecture): Catalogue {
  const ladders = LADDERS.filter((ladder) => ladder.architecture === architecture);
  const families = new Set(ladders.flatMap(({ rungs }) => rungs.map(({ family }) => family)));
  return {
    nodeTypes: INSTANCE_TYPE_NAMES.map(instanceType).filter(
      ({ family, memoryMiB }) => families.has(family) && memoryMiB >= 1024,
    ),
    databaseLadders: DATABASE_LADDERS,
    cacheLadders: CACHE_LADDERS,
    mostReplicas: MOST_REPLICAS,
  };
}
