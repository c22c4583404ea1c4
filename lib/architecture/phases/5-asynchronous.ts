import type { Configuration } from '../../config/configuration';
import { nodeLifetime } from '../../config/password-age';
import { instanceType } from '../../facts/instance-type';
import type { Architecture, FleetPlan, Phase } from '../architecture';
import type { QueuePlan } from '../asynchronous';

export const phase5 = {
  number: 5,
  name: 'asynchronous',
  adds: 'queues with dead-letter queues, worker fleet scaled on its backlog, Lambda workers, schedules, back pressure',
  retires: [],
} as const satisfies Phase;

/** Long work no longer blocks requests. */
export function asynchronous(below: Architecture, configuration: Configuration): Architecture {
  const { workers, schedules, pressure, domain } = configuration;
  const uploadsQueue = uploadsQueueOf(configuration);
  const queues = Object.entries(configuration.queues).map(([name, queue]): QueuePlan => ({ name, ...queue }));
  const { jobsAtOnce, averageJobSeconds, waitSeconds, lambdaConcurrency, lambdaMemoryMiB } = workers;
  const fleet: FleetPlan = {
    role: 'worker',
    instanceType: instanceType(workers.instanceType),
    minNodes: workers.minNodes,
    maxNodes: workers.maxNodes,
    ...nodeLifetime(configuration),
  };
  return {
    ...below,
    storage: { ...below.storage, ...(uploadsQueue !== undefined && { uploadEvents: true }) },
    async: {
      queues,
      ...(uploadsQueue !== undefined && { uploadsQueue }),
      workers: {
        ...(queues.some(({ worker }) => worker === 'fleet') && { fleet }),
        jobsAtOnce,
        averageJobSeconds,
        backlogPerNode: Math.max(1, Math.floor((waitSeconds * jobsAtOnce) / averageJobSeconds)),
        lambdaConcurrency,
        lambdaMemoryMiB,
        mailIdentities: workers.mailIdentities ?? (domain.name === undefined ? [] : [domain.name]),
      },
      schedules: Object.entries(schedules).map(([name, { message, ...schedule }]) => ({
        name,
        ...schedule,
        message: message ?? scheduledJob(name),
      })),
      pressure,
    },
  };
}

/** Queue that the configuration names, or the default one for uploads. */
function uploadsQueueOf({ uploadsQueue, queues }: Configuration): string | undefined {
  if (uploadsQueue === undefined) return Object.hasOwn(queues, 'media') ? 'media' : undefined;
  return uploadsQueue === 'none' ? undefined : uploadsQueue;
}

/** The time as the id of the job: sent again by the clock, it is the same job. */
function scheduledJob(kind: string): string {
  return JSON.stringify({ kind, id: '<aws.scheduler.scheduled-time>', payload: {} });
}
