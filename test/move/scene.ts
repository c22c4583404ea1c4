import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DEFAULT_LIMITS, type Move } from '../../lib/move/move';
import type { Check, Evidence, Frozen, Status } from '../../lib/move/results';
import type { Place } from '../../lib/move/side';
import { MOVED, makeDataSet } from './data-set';
import { programs } from './machine';
import type { Action, Order, Setup } from './mover/main';
import { type Forked, startProgram } from './program';
import { type Server, type ServerOptions, startServer } from './servers';
import { CROWD, type Crowd, startCrowd } from './writers';

export interface SceneProps {
  readonly rows: number;
  /** All tables, as from 0 to 1, or some, as from 5 to 6. */
  readonly scope: 'all' | 'some';
  readonly crowd?: Partial<typeof CROWD>;
  readonly source?: Partial<ServerOptions>;
  readonly report?: (line: string) => void;
  /** Time after which an action gives up, seconds. */
  readonly patienceSeconds?: number;
}

interface Results extends Record<Action, unknown> {
  readonly check: Check;
  readonly start: undefined;
  readonly status: Status;
  readonly rehearse: Frozen;
  readonly switch: Frozen;
  readonly back: Frozen;
  readonly finish: Evidence;
  readonly abandon: undefined;
}

/** An action under way in a process of its own. */
export interface Attempt<Name extends Action> {
  /** @throws Error with the message of the mover, or `the other process has ended`. */
  readonly done: Promise<{ readonly result: Results[Name]; readonly queries: number }>;
  readonly kill: () => void;
}

/** Two servers, users who write at one of them, and a move between them. */
export interface Scene {
  readonly servers: Readonly<Record<Place, Server>>;
  readonly crowd: Crowd;
  /** Where the writers were told to write. */
  readonly told: () => Place;
  readonly setup: Setup;
  readonly attempt: <Name extends Action>(action: Name, options?: Pick<Order, 'kill'>) => Attempt<Name>;
  readonly act: <Name extends Action>(action: Name) => Promise<Results[Name]>;
  readonly end: () => Promise<void>;
}

const filled = new Map<number, Promise<string>>();

/** Data of a server that has the data set and was stopped; made once for each size. */
function dataOf(rows: number): Promise<string> {
  const made = filled.get(rows) ?? fill(rows);
  filled.set(rows, made);
  return made;
}

async function fill(rows: number): Promise<string> {
  const server = await startServer({ number: 9, title: 'the server that is copied', settings: { fsync: 'off' } });
  await makeDataSet(server, rows);
  await server.stop();
  const data = server.copyData();
  await server.remove();
  // Files that were written without a wait are on the disk before anybody is timed.
  execFileSync('sync', ['-f', data]);
  return data;
}

export async function startScene(props: SceneProps): Promise<Scene> {
  const report = props.report ?? (() => undefined);
  const source = await startServer({ number: 1, title: 'the box', data: await dataOf(props.rows), ...props.source });
  const target = await startServer({ number: 2, title: 'the database of users' });
  const visitsStay = props.scope === 'some';
  const crowd = await startCrowd({
    ...{ ...CROWD, visitsStay, ...props.crowd },
    ...{ logins: { source: source.users, target: target.users }, rows: props.rows },
  });
  const setup: Setup = {
    id: 'gate',
    tables: visitsStay ? MOVED : 'all',
    source: source.side,
    target: target.side,
    programs: programs(),
    limits: { ...DEFAULT_LIMITS, ...(props.patienceSeconds && { patienceSeconds: props.patienceSeconds }) },
    accepted: [],
  };
  const movers = new Set<Forked>();
  let told: Place = 'source';
  const attempt: Scene['attempt'] = (action, options) => {
    const handlers: Record<keyof Pick<Move, 'announce' | 'report'>, (argument: never) => unknown> = {
      announce: (serving: Place) => {
        told = serving;
        return crowd.announce(serving);
      },
      report,
    };
    const mover = startProgram(join(import.meta.dirname, 'mover', 'main.ts'), handlers);
    movers.add(mover);
    const order: Order = { action, setup, ...options };
    const kill = (): void => {
      mover.process.kill('SIGKILL');
      movers.delete(mover);
    };
    const done = mover.ask<{ result: Results[typeof action]; queries: number }>('act', order).finally(kill);
    return { done, kill };
  };
  return {
    ...{ servers: { source, target }, crowd, told: () => told, setup, attempt },
    act: async (action) => (await attempt(action).done).result,
    end: async () => {
      for (const mover of movers) mover.process.kill('SIGKILL');
      crowd.end();
      await Promise.all([source.remove(), target.remove()]);
    },
  };
}
