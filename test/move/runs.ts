import { setTimeout as pause } from 'node:timers/promises';
import type { Status } from '../../lib/move/results';
import { Random } from '../verdict/random';
import { FAULTS, type Fault, type FaultName } from './faults';
import type { Action } from './mover/main';
import { type Scene, startScene } from './scene';
import type { Server } from './servers';

export interface RunProps {
  /** All that is random in a run comes from it, the kind of the fault too when none is given. */
  readonly seed: number;
  readonly rows: number;
  readonly fault?: FaultName;
  readonly log?: (line: string) => void;
}

/** A move with one fault, and what became of it. */
export interface Run {
  readonly title: string;
  /** Against what was promised; empty when all went well. */
  readonly problems: readonly string[];
  /** True when users could not write until the next command. */
  readonly closed: boolean;
  readonly commits: number;
  /** Longest time in which one client could not commit, with the fault, milliseconds. */
  readonly worstWriter: number;
}

/** Actions that come before one. */
const BEFORE: Readonly<Record<Action, readonly Action[]>> = {
  ...{ check: [], status: [], start: [], rehearse: ['start'], switch: ['start'], abandon: ['start'] },
  ...{ back: ['start', 'switch'], finish: ['start', 'switch'] },
};
const NAMES = Object.keys(FAULTS) as FaultName[];
const CROWD = { writers: 10, readers: 2, rate: 300 };

/** Runs a move into a fault, does what `status` says until it is finished, and compares the ledger. */
export async function runWithFault({ seed, rows, fault: given, log = () => undefined }: RunProps): Promise<Run> {
  // Neighbouring seeds would begin alike.
  const random = new Random(Math.imul(seed, 0x9e3779b1));
  const name = given ?? NAMES[seed % NAMES.length] ?? 'moverKilled';
  const action = random.pick<Action>(FAULTS[name].during);
  const scope = random.pick(['all', 'some'] as const);
  const smallDisk = { walMegabytes: 400, settings: { max_wal_size: '128MB', min_wal_size: '64MB' } };
  const scene = await startScene({
    ...{ rows, scope, crowd: { ...CROWD, seed }, report: log, patienceSeconds: 40 },
    ...(name === 'diskFull' && { source: smallDisk }),
  });
  const problems: string[] = [];
  const problem = (text: string): void => {
    problems.push(text);
    log(`PROBLEM: ${text}`);
  };
  try {
    for (const before of BEFORE[action]) await scene.act(before);
    const serving = scene.told();
    const fault = FAULTS[name].make({ scene, random, action, serving });
    const title = `seed ${seed}: ${scope} tables, ${action}: ${fault.what}`;
    log(title);
    await break_(scene, action, fault, problem, log);
    const { worstWriter } = await scene.crowd.measure();
    const closed = await usersWrite(scene, problem, log);
    const anew = fault.startsAnew === true || action === 'abandon';
    await follow(scene, anew, problem, log);
    const seen = await scene.crowd.stop();
    const { lost, doubled, stale, commits } = await scene.crowd.audit();
    for (const [what, found] of Object.entries({ lost, doubled, stale, broken: seen.broken })) {
      if (found.length > 0) problem(`${what}: ${found.join('; ')}`);
    }
    return { title, problems, closed, commits, worstWriter };
  } finally {
    await scene.end();
  }
}

type Tell = (text: string) => void;

/** Runs the action into the fault. What the mover says of it must be a message of its own. */
async function break_(scene: Scene, action: Action, fault: Fault, problem: Tell, log: Tell): Promise<void> {
  const { kill } = fault;
  const movers = [scene.attempt(action, kill && { kill })];
  const ended = movers.map(({ done }) => settle(done.then(({ queries }) => log(`${action}: ${queries} queries`))));
  await fault.happen();
  if (fault.twice) ended.push(settle(scene.attempt(action).done));
  for (const said of await Promise.all(ended)) {
    log(`${action}: ${said ?? 'done'}`);
    const expected =
      said === undefined || said.startsWith('MoveError: ') || (kill !== undefined && said.endsWith('has ended'));
    if (!expected) problem(`${action} ended with no message of its own: ${said}`);
  }
}

/** @returns What the mover said when it failed. */
async function settle(done: Promise<unknown>): Promise<string | undefined> {
  try {
    await done;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @returns True when nobody can write until the next command, since a switch was interrupted or nobody was told. */
async function usersWrite(scene: Scene, problem: Tell, log: Tell): Promise<boolean> {
  for (let tries = 0; tries < 15; tries++) {
    await pause(2000);
    const { commits } = await scene.crowd.measure();
    if (commits > 50) return false;
  }
  const { serving } = await scene.act('status');
  log(`users do not write: ${serving ?? 'no side'} serves, ${scene.told()} was told`);
  if (serving === scene.told()) problem(`users cannot write, though status says that the ${serving} serves`);
  return true;
}

const STEPS = 30;

/** Does what `status` says until the move is finished; goes back once on the way. */
async function follow(scene: Scene, startsAnew: boolean, problem: Tell, log: Tell): Promise<void> {
  const done = new Set<Action>();
  let [anew, failures, wayBack] = [startsAnew, 0, true];
  for (let step = 0; step < STEPS; step++) {
    const status = await scene.act('status').catch((error: Error) => error);
    if (status instanceof Error) {
      log(`status: ${status.message}`);
      await pause(2000);
      continue;
    }
    log(
      `status: ${status.step}, ${status.serving ?? 'no side'} serves; ${[...status.problems, status.next].join('; ')}`,
    );
    if (status.step === 'new') {
      anew = false;
      for (const left of [...(await leftOf(scene.servers.source)), ...(await copiesOf(scene.servers.target))]) {
        problem(`status says that nothing was begun, and there is ${left}`);
      }
    }
    const action =
      status.serving === 'target' && !wayBack
        ? said(status, false, new Set([...done, 'back']))
        : said(status, anew, done);
    if (action === undefined) return await finished(scene, problem, log);
    const error = await settle(scene.attempt(action).done);
    log(`${action}: ${error ?? 'done'}`);
    if (error !== undefined && !error.startsWith('MoveError: ')) problem(`${action}: ${error}`);
    if (error === undefined) done.add(action);
    // A change of the schema that nobody takes back.
    if (action === 'back' && error?.includes('finish, which gives up the way back')) wayBack = false;
    failures = error === undefined ? 0 : failures + 1;
    if (error !== undefined) await pause(2000);
    if (failures < 3) continue;
    problem(
      `${action} fails again and again (${error}), and status says no other way: ${[...status.problems, status.next].join('; ')}`,
    );
    [anew, failures] = [true, 0];
  }
  problem(`the move was not finished after ${STEPS} commands`);
}

/** The next command; undefined when there is none. */
function said({ next, problems, serving, step }: Status, anew: boolean, done: ReadonlySet<Action>): Action | undefined {
  if (step === 'finished') return next.startsWith('finish once more') ? 'finish' : undefined;
  // A switch that was interrupted is completed first, also by whoever wants to begin anew.
  const opened = serving !== undefined;
  if (step !== 'new' && opened && (anew || problems.some((text) => text.includes('start anew')))) {
    return serving === 'target' ? 'back' : 'abandon';
  }
  if (problems.some((text) => text.includes('finish; there is no way back'))) return 'finish';
  const first = /^\w+/.exec(next)?.[0];
  if (first === 'check') return 'start';
  if (first === 'rehearse') return done.has('rehearse') ? 'switch' : 'rehearse';
  if (first === 'finish') return done.has('back') ? 'finish' : 'back';
  return first === 'start' || first === 'switch' || first === 'back' || first === 'abandon' ? first : 'status';
}

/** Nothing is left that burdens a server or is of no use; when there is, `finish` takes it away. */
async function finished(scene: Scene, problem: Tell, log: Tell): Promise<void> {
  const burdens = async (): Promise<string[]> => [
    ...(await replicationOf(scene.servers.source)),
    ...(await leftOf(scene.servers.target)),
  ];
  const left = await burdens();
  if (left.length === 0) return;
  problem(`status says that there is nothing to do, and there is ${left.join(', ')}`);
  log(`finish: ${(await settle(scene.attempt('finish').done)) ?? 'done'}`);
  const still = await burdens();
  if (still.length > 0) problem(`finish leaves ${still.join(', ')}`);
}

async function replicationOf(server: Server): Promise<string[]> {
  const rows = await server.sql(`select 'slot ' || slot_name as what from pg_replication_slots
    union all select 'subscription ' || subname from pg_subscription union all select 'publication ' || pubname from pg_publication`);
  return rows.map(({ what }) => `${what} at ${server.title}`);
}

/** What a move has made on a server and not taken away. */
async function leftOf(server: Server): Promise<string[]> {
  const rows = await server.sql(`select 'schema ' || nspname as what from pg_namespace where nspname like 'beamstalk%'
    union all select 'role ' || rolname from pg_roles where rolname like 'beamstalk\\_%'
    union all select 'trigger ' || tgname || ' of ' || tgrelid::regclass from pg_trigger where tgname like 'beamstalk%'
    union all select 'replica identity of ' || oid::regclass from pg_class where relreplident = 'f' and relkind in ('r', 'p')`);
  return [...(await replicationOf(server)), ...rows.map(({ what }) => `${what} at ${server.title}`)];
}

/** The same, and what was copied to a server. */
async function copiesOf(server: Server): Promise<string[]> {
  const rows = await server.sql(`select relkind::text || ' ' || oid::regclass as what from pg_class
    where relnamespace in (select oid from pg_namespace where nspname !~ '^(pg_|information_schema)')
      and relkind in ('r', 'p', 'S', 'm', 'v') and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')`);
  return [...(await leftOf(server)), ...rows.map(({ what }) => `${what} at ${server.title}`)];
}
