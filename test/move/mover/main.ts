// The mover in a process of its own, so that it can be killed.
import { Client } from 'pg';
import type { Move } from '../../../lib/move/move';
import * as mover from '../../../lib/move/mover';
import { callsToParent } from '../calls';

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
  /** Number of the query before which this process kills itself, as if its machine was lost; counted from 1. */
  readonly killBefore?: number;
}

let queries = 0;
let killBefore = Number.POSITIVE_INFINITY;

const { query } = Client.prototype;
// Called with more forms than one type can say; all of them are passed on.
Client.prototype.query = function counted(this: Client, ...given: unknown[]): unknown {
  if (++queries >= killBefore) process.kill(process.pid, 'SIGKILL');
  return Reflect.apply(query, this, given);
} as typeof query;

async function act({ action, setup, killBefore: at }: Order): Promise<{ result: unknown; queries: number }> {
  queries = 0;
  killBefore = at ?? Number.POSITIVE_INFINITY;
  const move: Move = {
    ...setup,
    announce: (serving) => calls.ask('announce', serving),
    report: (line) => void calls.ask('report', line),
  };
  const result = await ACTIONS[action](move);
  return { result, queries };
}

const calls = callsToParent({ act });
