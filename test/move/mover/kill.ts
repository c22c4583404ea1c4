import { Client } from 'pg';

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

/** Counts the queries of this process anew. */
export function countQueries(when: Kill | undefined): void {
  [queries, counted, kill] = [0, 0, when];
}

/** Queries since then. */
export function queriesCounted(): number {
  return queries;
}

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
