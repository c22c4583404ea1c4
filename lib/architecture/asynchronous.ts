import type { FleetPlan } from './fleet';

/** Work that nobody waits for, and who does it (phase 5 and later). */
export interface AsyncPlan {
  readonly queues: readonly QueuePlan[];
  /** Name of the queue that each upload enters; absent when none does. */
  readonly uploadsQueue?: string;
  readonly workers: WorkersPlan;
  readonly schedules: readonly SchedulePlan[];
  readonly pressure: PressurePlan;
}

export interface QueuePlan {
  readonly name: string;
  readonly fifo: boolean;
  readonly worker: 'fleet' | 'lambda';
  /** Longest time that one job takes, seconds. */
  readonly jobSeconds: number;
  readonly maxReceives: number;
  readonly maxAgeSeconds: number;
  readonly maxDepth: number;
}

export interface WorkersPlan {
  /** Absent when no queue is worked on by the fleet. */
  readonly fleet?: FleetPlan;
  readonly jobsAtOnce: number;
  /** Average time of a job, seconds: built into nothing, and read by the capacity model. */
  readonly averageJobSeconds: number;
  /** Jobs that may wait for each worker node, so that none waits longer than the configuration says. */
  readonly backlogPerNode: number;
  readonly lambdaConcurrency: number;
  readonly lambdaMemoryMiB: number;
  /** Domains and addresses of SES that jobs may send mail as. */
  readonly mailIdentities: readonly string[];
}

export interface SchedulePlan {
  readonly name: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly queue: string;
  readonly message: string;
}

/** Low-priority requests, and the condition under which they are turned away. */
export interface PressurePlan {
  /** Age of the oldest job of a queue beyond the time that the job itself may take, seconds. */
  readonly shedAfterSeconds: number;
  /** The same for letting them in again, below `shedAfterSeconds`. */
  readonly admitBelowSeconds: number;
  readonly retryAfterSeconds: number;
  readonly lowPriorityPaths: readonly string[];
}
