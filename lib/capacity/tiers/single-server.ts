import type { Architecture } from '../../architecture/architecture';
import { nodeSize } from '../../node/size';
import type { Ceiling } from '../ceiling';
import { COEFFICIENTS as C } from '../coefficients';
import type { Load } from '../load';
import { usableCores } from '../machine';
import type { Work } from '../measured';
import { copiesCeiling, coresOfQueries, OWN_VOLUME, operations, recoveryCeiling, shareOf } from './databases';
import { answersMbps, coresOfRequests, round } from './fleets';

/** Share of the box's memory that its own PostgreSQL may have. */
const MEMORY_OF_DATABASE = 0.25;

/** Ceilings of the box of phases 0 and 1, which does all the work, that of its own database included. */
export function singleServerCeilings(architecture: Architecture, load: Load, work: Work): Ceiling[] {
  const { box, localDatabase, app } = architecture;
  // While a climb expands, both serve: the fleet is what stays.
  if (box === undefined || app !== undefined) return [];
  const { instanceType: type } = box;
  const { connectionBudget, openFiles } = nodeSize(type);
  const cores = usableCores(type, load.peakFactor, work);
  const database = shareOf(load, 1);
  const tier = 'single server';
  const queries = localDatabase === undefined ? 0 : coresOfQueries(database);
  const ceilings: Ceiling[] = [
    {
      tier,
      resource: 'connections',
      load: load.connections,
      most: connectionBudget,
      unit: '',
      basis: 'assumed',
      why: `${type.name}: 60 % of its memory at 48 KiB a connection`,
    },
    {
      tier,
      resource: 'descriptors',
      load: load.connections + C.poolSize.value,
      most: openFiles,
      unit: '',
      basis: 'sourced',
      why: `LimitNOFILE=${openFiles}`,
    },
    {
      tier,
      resource: 'CPU',
      load: coresOfRequests(load, architecture, work) + queries,
      most: cores,
      unit: 'cores',
      basis: work.basis,
      why: `${type.name}: ${round(cores)} busy cores for requests${localDatabase === undefined ? '' : ', queries'} and jobs`,
    },
    {
      tier,
      resource: 'network',
      load: answersMbps(load),
      most: type.networkMbps,
      unit: 'Mbit/s',
      basis: 'sourced',
      why: `baseline of ${type.name}`,
    },
    copiesCeiling(tier, 0, 'one server in one zone'),
  ];
  if (localDatabase === undefined) return ceilings;
  return [
    ...ceilings,
    {
      tier,
      resource: 'IOPS',
      load: operations(database, (type.memoryMiB / 1024) * MEMORY_OF_DATABASE, load.rowBytes),
      most: C.iopsOfSmallVolume.value,
      unit: 'a second',
      basis: 'assumed',
      why: 'a gp3 volume at its baseline',
    },
    {
      tier,
      resource: 'storage',
      load: load.dataGiB,
      most: localDatabase.volumeGiB,
      unit: 'GiB',
      basis: 'sourced',
      why: 'box.dataVolumeGiB, which grows by hand',
    },
    recoveryCeiling(tier, load.dataGiB, OWN_VOLUME),
  ];
}
