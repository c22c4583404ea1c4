import { architectureOf } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { synthesise } from '../cdk-context';
import { type Day, MINUTES_A_DAY, requestsOf } from './day';
import { type Minute, play } from './play';
import { requests } from './requests';
import { type Rules, rulesOf } from './rules';

/** Seconds of one processor that a request takes: assumed until somebody measures it. */
export const SERVICE_SECONDS = 0.002;

/** Minutes from launch until a node serves: packages, release, health check. Assumed. */
export const BOOT_MINUTES = 3;

/**
 * A day at phase 4, in requests per second for each node that the configuration asks for: a night, a push message at
 * nine that brings four times the users within ten minutes, an afternoon at the edge of one node more, a long evening.
 */
export function dayFor(nodes: number, changes: Partial<Day> = {}): Day {
  return {
    mean: 1000 * nodes,
    swing: 670 * nodes,
    crestHour: 16,
    spike: { at: 9 * 60, rise: 10, hold: 20, times: 4 },
    ramp: { at: 17 * 60, rise: 150, extra: 1000 * nodes },
    noise: 0.02,
    seed: 42,
    ...changes,
  };
}

export interface Scene {
  readonly rules: Rules;
  readonly processorsPerNode: number;
  /** Nodes that the configuration asks for, before phase 4 adds those that a zone may take along. */
  readonly nodes: number;
}

/** The rules of the app fleet as the template of an environment has them. */
export function sceneOf(env: string, phase: PhaseNumber = 4): Scene {
  const template = synthesise(env, phase)[`${env}-app`];
  if (template === undefined) throw new Error(`${env} has no app fleet at phase ${phase}`);
  const configuration = readConfiguration({ context: { env, phase }, directory: CONFIGURATION_DIRECTORY });
  const { app } = architectureOf(configuration);
  if (app === undefined) throw new Error(`${env} has no app fleet at phase ${phase}`);
  return {
    rules: rulesOf(template, 'TiersAppGroup'),
    processorsPerNode: app.instanceType.vcpu,
    nodes: configuration.app.minNodes,
  };
}

export interface PlayedDay {
  readonly rules: Rules;
  readonly processorsPerNode: number;
  readonly day: Day;
  /** Seconds that an answer takes elsewhere, on average. */
  readonly elsewhere?: (minute: number) => number;
  readonly scheduled?: (minute: number) => number;
}

export function playDay({ rules, processorsPerNode, day, elsewhere, scheduled }: PlayedDay): Minute[] {
  const arrivals = requestsOf(day);
  return play({
    rules,
    minutes: MINUTES_A_DAY,
    boot: BOOT_MINUTES,
    ...(scheduled && { scheduled }),
    work: requests({
      arrivals: (minute) => arrivals[minute] ?? 0,
      serviceSeconds: SERVICE_SECONDS,
      processorsPerNode,
      ...(elsewhere && { elsewhere }),
    }),
  });
}
