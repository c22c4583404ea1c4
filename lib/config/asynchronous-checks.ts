import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import type { Check, Violation } from './check';
import { listed } from './nearest';
import { typesOfItsCpu } from './release-architecture';
import type { Settings } from './schema';
import { isTree } from './tree';

/**
 * Longest that a Lambda function may run, seconds.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (2026-11-21)
 */
const LAMBDA_SECONDS = 900;

/** Metrics that one alarm may read are ten; two are kept for the number of workers and what is made of it. */
const MOST_FLEET_QUEUES = 8;

/**
 * With this many queues of the longest names, and this many schedules, the stack stays below 80 % of what CloudFormation
 * takes, and the variables of the function that reads all their alarms below the 4 KB that Lambda takes (a test counts).
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (2026-11-21)
 */
export const MOST_QUEUES = 16;
export const MOST_SCHEDULES = 100;

/** Words in a schedule's message that EventBridge Scheduler replaces by something else each time. */
const CHANGING = ['<aws.scheduler.scheduled-time>', '<aws.scheduler.execution-id>'] as const;

/** True when each message of a schedule is a job of its own. */
function hasChangingId(message: string): boolean {
  try {
    const job: unknown = JSON.parse(message);
    const id = isTree(job) ? job['id'] : undefined;
    return typeof id === 'string' && CHANGING.some((word) => id.includes(word));
  } catch {
    return false;
  }
}

/** The first of things by name with which something is wrong. */
function firstOf<Item>(items: Readonly<Record<string, Item>>, wrong: (item: Item, name: string) => Wrong): Wrong {
  for (const [name, item] of Object.entries(items)) {
    const found = wrong(item, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Wrong = Violation | undefined;

function onFleet({ queues }: Settings): string[] {
  return Object.entries(queues)
    .filter(([, { worker }]) => worker !== 'lambda')
    .map(([name]) => name);
}

/** `one of jobs, mail`, or that there is no queue to name. */
function oneOf({ queues }: Settings, received: string, otherwise: string): string {
  const names = Object.keys(queues);
  return names.length === 0 ? `${otherwise}: there are no queues` : `one of ${listed(names, received)}`;
}

/** Rules over what phase 5 lets a user decide. */
export const ASYNCHRONOUS_CHECKS: readonly Check[] = [
  {
    keys: ['queues'],
    violated: ({ queues }) => {
      const count = Object.keys(queues).length;
      return count <= MOST_QUEUES ? undefined : `at most ${MOST_QUEUES} queues; these are ${count}`;
    },
  },
  {
    keys: ['schedules'],
    violated: ({ schedules }) => {
      const count = Object.keys(schedules).length;
      return count <= MOST_SCHEDULES ? undefined : `at most ${MOST_SCHEDULES} schedules; these are ${count}`;
    },
  },
  {
    keys: ['queues'],
    violated: ({ queues }) =>
      firstOf(queues, ({ worker, jobSeconds }, name) =>
        worker === 'lambda' && jobSeconds > LAMBDA_SECONDS
          ? {
              key: `queues.${name}.jobSeconds`,
              allowed: `an integer from 1 to ${LAMBDA_SECONDS}, the longest that Lambda works, because queues.${name}.worker is lambda`,
            }
          : undefined,
      ),
  },
  {
    keys: ['queues'],
    violated: (settings) => {
      const names = onFleet(settings);
      return names.length > MOST_FLEET_QUEUES
        ? `at most ${MOST_FLEET_QUEUES} queues for the worker fleet, which scales on what waits in all of them; there are ${names.length}`
        : undefined;
    },
  },
  {
    keys: ['uploadsQueue', 'queues'],
    violated: (settings) => {
      const { uploadsQueue, queues } = settings;
      return uploadsQueue === undefined || uploadsQueue === 'none' || Object.hasOwn(queues, uploadsQueue)
        ? undefined
        : `none, or ${oneOf(settings, uploadsQueue, 'none')}`;
    },
  },
  {
    keys: ['schedules', 'queues'],
    violated: (settings) =>
      firstOf(settings.schedules, ({ queue }, name) =>
        Object.hasOwn(settings.queues, queue)
          ? undefined
          : { key: `schedules.${name}.queue`, allowed: oneOf(settings, queue, 'no schedule') },
      ),
  },
  {
    keys: ['schedules', 'queues'],
    // A FIFO queue takes a message that it has seen in the last five minutes for the same one.
    violated: ({ schedules, queues }) =>
      firstOf(schedules, ({ queue, message }, name) =>
        queues[queue]?.fifo === true && message !== undefined && !CHANGING.some((word) => message.includes(word))
          ? {
              key: `schedules.${name}.message`,
              allowed: `a text that holds ${CHANGING.join(' or ')}, because ${queue} is a FIFO queue and would drop a repeated message`,
            }
          : undefined,
      ),
  },
  {
    keys: ['schedules', 'queues'],
    // A function remembers what it has done for 14 days, by kind and id: see lambda/job-worker.
    violated: ({ schedules, queues }) =>
      firstOf(schedules, ({ queue, message }, name) =>
        queues[queue]?.worker === 'lambda' && message !== undefined && !hasChangingId(message)
          ? {
              key: `schedules.${name}.message`,
              allowed: `a job in JSON whose id holds ${CHANGING.join(' or ')}, because a function works on ${queue} and does a job of the same kind and id once`,
            }
          : undefined,
      ),
  },
  {
    keys: ['workers.maxNodes', 'workers.minNodes'],
    violated: ({ workers }) =>
      workers.maxNodes >= workers.minNodes ? undefined : `at least workers.minNodes, which is ${workers.minNodes}`,
  },
  {
    keys: ['workers.instanceType', 'release.architecture', 'app.instanceType', 'box.instanceType', 'queues', 'phase'],
    violated: (settings, lowestPhase) =>
      settings.phase < FIRST_PHASE_OF.queues || onFleet(settings).length === 0
        ? undefined
        : typesOfItsCpu(settings.workers.instanceType, settings, lowestPhase),
  },
  {
    keys: ['pressure.admitBelowSeconds', 'pressure.shedAfterSeconds'],
    violated: ({ pressure }) =>
      pressure.admitBelowSeconds < pressure.shedAfterSeconds
        ? undefined
        : `an integer below pressure.shedAfterSeconds, which is ${pressure.shedAfterSeconds}`,
  },
];
