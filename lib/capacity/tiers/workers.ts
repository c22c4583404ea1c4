import type { Architecture } from '../../architecture/architecture';
import type { Ceiling } from '../ceiling';
import { COEFFICIENTS as C } from '../coefficients';
import type { Load } from '../load';
import { usableCores } from '../machine';
import { ASSUMED_WORK } from '../measured';
import { underWay } from '../models/queueing';

/** Ceilings of the workers: jobs are taken to spread evenly over the queues. */
export function workerCeilings({ async }: Architecture, load: Load): Ceiling[] {
  if (async === undefined || async.queues.length === 0) return [];
  const { queues, workers } = async;
  const { fleet, jobsAtOnce, averageJobSeconds, lambdaConcurrency } = workers;
  const perQueue = load.peak.jobs / queues.length;
  const onLambda = queues.filter(({ worker }) => worker === 'lambda').length;
  const jobs = perQueue * (queues.length - onLambda);
  const ofFleet: Ceiling[] =
    fleet === undefined
      ? []
      : [
          {
            tier: 'workers',
            resource: 'jobs',
            load: underWay(jobs, averageJobSeconds),
            most: fleet.maxNodes * jobsAtOnce,
            unit: 'under way',
            basis: 'assumed',
            why: `${fleet.maxNodes} nodes of ${jobsAtOnce} jobs at once, each ${averageJobSeconds} s (Little's law)`,
          },
          {
            tier: 'workers',
            resource: 'CPU',
            load: jobs * C.secondsPerJob.value,
            most: fleet.maxNodes * usableCores(fleet.instanceType, load.peakFactor, ASSUMED_WORK),
            unit: 'cores',
            basis: 'assumed',
            why: `${fleet.maxNodes} x ${fleet.instanceType.name}`,
          },
        ];
  const ofLambda: Ceiling[] =
    onLambda === 0
      ? []
      : [
          {
            tier: 'Lambda workers',
            resource: 'jobs',
            load: underWay(perQueue, averageJobSeconds),
            most: lambdaConcurrency,
            unit: 'under way',
            basis: 'assumed',
            why: `workers.lambdaConcurrency of a queue, each job ${averageJobSeconds} s (Little's law)`,
          },
        ];
  return [...ofFleet, ...ofLambda];
}
