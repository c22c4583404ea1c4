// The mover in a process of its own, so that it can be killed.
import type { Move } from '../../../lib/move/move';
import * as mover from '../../../lib/move/mover';
import { callsToParent } from '../calls';
import { countQueries, type Kill, queriesCounted } from './kill';

/** A move but for what is no data. */
export type Setup = Omit<Move, 'announce' | 'report'>;

const ACTIONS = {
  check: mover.check,
  start: mover.start,
  status: mover.status,
  rehearse: mover.rehearse,
  switch: mover.switchOver,
  back: mover.back,
  finish: mover.finish,
  abandon: mover.abandon,
} as const;
export type Action = keyof typeof ACTIONS;

export interface Order {
  readonly action: Action;
  readonly setup: Setup;
  readonly kill?: Kill;
}

async function act({ action, setup, kill: when }: Order): Promise<{ result: unknown; queries: number }> {
  countQueries(when);
  const move: Move = {
    ...setup,
    announce: (serving) => calls.ask('announce', serving),
    report: (line) => void calls.ask('report', line),
  };
  const result = await ACTIONS[action](move);
  return { result, queries: queriesCounted() };
}

const calls = callsToParent({ act });
