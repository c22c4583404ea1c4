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
  readonly kill?: Kill;
}

/** When this process kills itself, as if its machine was lost. */
export interface Kill {
  /** Number of the query, counted from 1. */
  readonly query: number;
  /** Counts these only. */
  readonly only?: 'commit';
  /** Before it is sent, or when the server has got it and may or may not have answered. */
  readonly when: 'before' | 'after';
}

/** Time after which the server has got a query for sure, milliseconds; it may have answered by then. */
const SENT = 2;

let [queries, counted] = [0, 0];
let kill: Kill | undefined;

const { query } = Client.prototype;
// Called with more forms than one type can say; all of them are passed on.
Client.prototype.query = function killing(this: Client, ...given: unknown[]): unknown {
  queries++;
  if (kill?.only === undefined || given[0] === kill.only) counted++;
  const now = counted === kill?.query;
  if (now && kill?.when === 'before') process.kill(process.pid, 'SIGKILL');
  const answer = Reflect.apply(query, this, given);
  if (now) setTimeout(() => process.kill(process.pid, 'SIGKILL'), SENT);
  return answer;
} as typeof query;

async function act({ action, setup, kill: when }: Order): Promise<{ result: unknown; queries: number }> {
  [queries, counted, kill] = [0, 0, when];
  const move: Move = {
    ...setup,
    announce: (serving) => calls.ask('announce', serving),
    report: (line) => void calls.ask('report', line),
  };
  const result = await ACTIONS[action](move);
  return { result, queries };
}

const calls = callsToParent({ act });
