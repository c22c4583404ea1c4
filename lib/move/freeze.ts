import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { setGuards } from './guards';
import { type Inventory, type MovedTable, readInventory, schemaChanged } from './inventory';
import { NEAR, roundTrip } from './marker';
import type { Move } from './move';
import { MoveError } from './move-error';
import type { Names } from './names';
import { quoted } from './quoted';
import { type RecordKey, writeClosed } from './record';
import { carrySequences } from './sequences';
import { ANSWER_MILLISECONDS, closeSession, openSession, sqlState, transactionTimeout } from './session';
import { otherPlace, type Place } from './side';
import { lockAll, vacuumGivesWay } from './with-locks';

/** Input of a freeze. */
export interface Freeze {
  readonly move: Move;
  /** Of the records that the switch goes by. */
  readonly key: RecordKey;
  readonly names: Names;
  readonly inventory: Inventory;
  /** Side that users write to now. */
  readonly from: Place;
  /** Of this switch: one more than that of the last. */
  readonly epoch: number;
  /** False rolls everything back: a rehearsal. */
  readonly commits: boolean;
}

/** Cost of a freeze to writers, milliseconds. */
export interface Held {
  /** From the first lock to the last: writers of the tables that are locked wait by then. */
  readonly lockingMilliseconds: number;
  /** From the last lock on. */
  readonly lockedMilliseconds: number;
}

/** A freeze that is over: what it took, and a session on each side that still sees the rows of that moment. */
export interface Thawed extends Held {
  readonly triesBefore: number;
  /** In transactions of their own; whoever gets them closes them. */
  readonly snapshots: { readonly from: Client; readonly to: Client };
}

/** The tables could not be had, or the other side was too far behind: nothing has changed, and another try may succeed. */
class TryAgain extends Error {}

/** The connection broke, or fell silent, while the server was asked to commit: it may have, or not. */
export class InDoubt extends Error {}

/** Longest time of a commit, milliseconds, after which somebody may be unable to write anywhere: it is looked up then. */
const COMMIT_MILLISECONDS = 5000;

/** Of a lock, of a deadlock, and of the time for all locks together. */
const LOCK_NOT_AVAILABLE = ['55P03', '40P01', '57014'];
/** A table for each statement that locks, up to here. */
const MOST_LOCK_STATEMENTS = 64;
/** A transaction that has been open for longer is waited for without holding anybody up, milliseconds. */
const LONG = 300;
/** Time that the server waits after the limit of a freeze before it ends the transaction of a mover that has vanished, milliseconds. */
const GRACE = 500;
/** The same before writers wait: what is held by then keeps nobody but a vacuum or a change of the schema. */
const PREPARING = 60_000;

/**
 * Stops writing for a moment in which both sides have the same rows, and leaves it stopped at `from` when it commits. What
 * goes wrong rolls back by itself, on the server too when this process vanishes.
 *
 * @throws MoveError when the time of the limits has run out. @throws InDoubt when a commit may have happened.
 */
export async function freeze(props: Freeze): Promise<Thawed> {
  const { move } = props;
  const until = performance.now() + move.limits.patienceSeconds * 1000;
  let why = '';
  const order = [...props.inventory.tables];
  for (let tries = 0; performance.now() < until; tries++) {
    const sessions = await openSessions(props);
    let kept = false;
    try {
      await untilNear(props, sessions, until);
      await untilNobodyWritesLong(props, sessions, until);
      const held = await once(props, sessions, order);
      kept = true;
      return { ...held, triesBefore: tries, snapshots: { from: sessions.before, to: sessions.after } };
    } catch (error) {
      if (!(error instanceof TryAgain)) throw error;
      why = error.message;
      move.report(`${why}; once more`);
    } finally {
      await closeSessions(sessions, kept);
    }
    // Not in step with whoever holds the locks.
    await pause(200 + Math.random() * 600);
  }
  throw new MoveError(
    `no moment was found to stop writing in ${move.limits.patienceSeconds} s: ${why || 'the time ran out'}; nothing has changed, run it again`,
  );
}

interface Sessions {
  /** Holds the locks at `from`. */
  readonly locks: Client;
  /** Writes markers at `from`. */
  readonly marks: Client;
  /** Sees whose transactions are open at `from`: the administrator. */
  readonly watches: Client;
  /** Opens `to`. */
  readonly opens: Client;
  /** Looks for markers at `to`. */
  readonly looks: Client;
  /** Keep the rows of the moment, for comparing them after it. */
  readonly before: Client;
  readonly after: Client;
}

async function openSessions({ move, from }: Freeze): Promise<Sessions> {
  const [left, right] = [move[from], move[otherPlace(from)]];
  const opened: Client[] = [];
  try {
    for (const { owner, title } of [left, left, right, right])
      opened.push(await openSession(owner, title, ANSWER_MILLISECONDS));
    // Rows are compared in these, for as long as that takes.
    for (const { owner, title } of [left, right]) opened.push(await openSession(owner, title));
    opened.push(await openSession(left.administrator, left.title, ANSWER_MILLISECONDS));
  } catch (error) {
    await Promise.all(opened.map(closeSession));
    throw error;
  }
  const [locks, marks, opens, looks, before, after, watches] = opened as [
    Client,
    Client,
    Client,
    Client,
    Client,
    Client,
    Client,
  ];
  return { locks, marks, opens, looks, before, after, watches };
}

async function closeSessions({ before, after, ...others }: Sessions, kept: boolean): Promise<void> {
  const ended = [...Object.values(others), ...(kept ? [] : [before, after])];
  await Promise.all(ended.map(closeSession));
}

/** Waits until rows come across fast, in both directions: the way back has to be open before it is needed. */
async function untilNear(props: Freeze, { marks, looks }: Sessions, until: number): Promise<void> {
  const { move, names, from } = props;
  const to = otherPlace(from);
  const ways = [
    { place: from, marks, looks, what: `rows of ${move[from].title} do not reach ${move[to].title}` },
    {
      place: to,
      marks: looks,
      looks: marks,
      what: `rows of ${move[to].title} would not come back to ${move[from].title}`,
    },
  ];
  for (const way of ways) {
    for (;;) {
      const took = await roundTrip(names.marker, way, Math.max(until - performance.now(), NEAR));
      if (took === undefined) throw new MoveError(`${way.what} in time: see what status says, nothing has changed`);
      if (took <= NEAR) break;
    }
  }
}

/** Waits, without a lock of ours that others would queue behind, for transactions that have written and are open for long. */
async function untilNobodyWritesLong(
  { move, inventory, from }: Freeze,
  { watches }: Sessions,
  until: number,
): Promise<void> {
  const oids = `select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join unnest($1::text[], $2::text[]) as t(schema, name) on n.nspname = t.schema and c.relname = t.name`;
  const names = [inventory.tables.map(({ schema }) => schema), inventory.tables.map(({ name }) => name)];
  for (let told = false; ; ) {
    const { rows } = await watches.query<{ pid: number }>(
      `select distinct l.pid from pg_locks l join pg_stat_activity a using (pid)
        where l.granted and l.database = (select oid from pg_database where datname = current_database()) and l.relation in (${oids}) and l.mode in ('RowExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
          and a.backend_type = 'client backend' and coalesce(a.xact_start, now()) < clock_timestamp() - interval '${LONG} milliseconds'`,
      names,
    );
    if (rows.length === 0) return;
    const sessions = rows.map(({ pid }) => pid).join(', ');
    if (performance.now() > until) {
      throw new MoveError(
        `transactions on ${move[from].title} have kept tables locked all the time (sessions ${sessions}): end them, or wait, and run this again; nothing has changed`,
      );
    }
    if (!told) move.report(`waiting for open transactions on ${move[from].title} (sessions ${sessions})`);
    told = true;
    await pause(100);
  }
}

/**
 * Locks tables one after the other within the time of the limits. The one that could not be had comes first next time:
 * writers go from table to table in an order of their own, and whoever locks in another one waits for them while they wait.
 */
async function lockInTurn({ move }: Freeze, locks: Client, order: MovedTable[]): Promise<void> {
  const until = performance.now() + move.limits.lockMilliseconds;
  const size = Math.ceil(order.length / MOST_LOCK_STATEMENTS);
  for (let at = 0; at < order.length; at += size) {
    const tables = order.slice(at, at + size);
    const names = tables.map((table) => `only ${quoted(table)}`).join(', ');
    // Nought would be no limit.
    const left = Math.max(1, Math.floor(until - performance.now()));
    try {
      await locks.query(`set local lock_timeout = ${left}; lock table ${names} in share row exclusive mode`);
    } catch (error) {
      if (!LOCK_NOT_AVAILABLE.includes(sqlState(error) ?? '')) throw error;
      order.splice(0, order.length, ...tables, ...order.filter((table) => !tables.includes(table)));
      throw new TryAgain(`${names.replaceAll('only ', '')} could not be had in ${move.limits.lockMilliseconds} ms`);
    }
  }
}

/** One try. @param order Tables as they are locked; what cannot be had moves to its beginning. */
async function once(props: Freeze, sessions: Sessions, order: MovedTable[]): Promise<Held> {
  const { move, key, names, inventory, from, epoch, commits } = props;
  const { locks, marks, opens, looks, before, after } = sessions;
  const { lockMilliseconds, freezeMilliseconds, sequenceGap } = move.limits;
  const to = otherPlace(from);

  // Should this process vanish, the server ends these transactions by itself, and writers go on.
  const endsAfter = (milliseconds: number) => `set local idle_in_transaction_session_timeout = ${milliseconds}`;
  const prepare = async (session: Client): Promise<void> => {
    await session.query(`begin; ${endsAfter(PREPARING)}`);
    await session.query(vacuumGivesWay(inventory.tables));
  };
  await again(() => allOf([prepare(locks), prepare(opens)]));
  await unchanged(props, sessions);
  for (const session of [locks, opens]) {
    await session.query(endsAfter(lockMilliseconds + freezeMilliseconds + GRACE));
  }
  const first = performance.now();
  await lockInTurn(props, locks, order);
  const began = performance.now();
  const held = (): Held => ({ lockingMilliseconds: began - first, lockedMilliseconds: performance.now() - began });
  // From here on writers wait. Whatever happens to this process, not longer than this.
  await locks.query(
    `set local statement_timeout = 0; ${transactionTimeout(freezeMilliseconds + GRACE, 'transaction')}`,
  );

  const close = async (): Promise<boolean> => {
    await locks.query(setGuards(names, inventory, true));
    return await writeClosed(locks, key, { closed: true, epoch });
  };
  const [took, closed] = await allOf([
    roundTrip(names.marker, { place: from, marks, looks }, freezeMilliseconds),
    close(),
  ]);
  if (took === undefined) throw new TryAgain(`${move[to].title} was more than ${freezeMilliseconds} ms behind`);
  if (!closed) throw overtaken(move);
  const open = async (): Promise<void> => {
    // The last rows have come, so nobody holds these.
    await again(() => lockAll(opens, inventory.tables, lockMilliseconds));
    await opens.query(`set local statement_timeout = 0; ${setGuards(names, inventory, false)}`);
    // Before sequences are set, which no rollback undoes: those of a side that serves would go backwards.
    if (!(await writeClosed(opens, key, { closed: false, epoch }))) throw overtaken(move);
    await carrySequences(inventory.sequences, marks, opens, sequenceGap);
  };
  await allOf([open(), snapshot(before), snapshot(after)]);
  if (performance.now() - began > freezeMilliseconds)
    throw new TryAgain(`the freeze took more than ${freezeMilliseconds} ms`);
  if (!commits) {
    await locks.query('rollback');
    const cost = held();
    await opens.query('rollback');
    return cost;
  }
  // Here it is decided. The other side opens after it, so that never both take writes.
  await commit(locks);
  const cost = held();
  // A failure here is mended by whoever completes the switch.
  await commit(opens);
  return cost;
}

/** Nobody can change a table or attach a partition by now, which would be neither locked nor guarded. */
async function unchanged({ move, inventory, from }: Freeze, { locks, opens }: Sessions): Promise<void> {
  for (const [place, session] of [
    [from, locks],
    [otherPlace(from), opens],
  ] as const) {
    const { fingerprint } = await readInventory(session, move.tables);
    if (fingerprint !== inventory.fingerprint) throw schemaChanged(move, place, 'unknown');
  }
}

/** A record has changed since it was read, so that nothing was written. */
export class Overtaken extends MoveError {}

export function overtaken({ id }: Pick<Move, 'id'>): Overtaken {
  return new Overtaken(`another mover has switched ${id} meanwhile: see what status says`);
}

/** @throws InDoubt when it is not known whether the server has. */
export async function commit(session: Client): Promise<void> {
  const said = new AbortController();
  const silence = pause(COMMIT_MILLISECONDS, undefined, { signal: said.signal }).then(() => {
    throw new Error(`no answer for ${COMMIT_MILLISECONDS / 1000} s`);
  });
  try {
    await Promise.race([session.query('commit'), silence]);
  } catch (error) {
    throw new InDoubt(error instanceof Error ? error.message : String(error));
  } finally {
    silence.catch(() => undefined);
    said.abort();
  }
}

/** Waits for all, also when one fails: none may go on in a session that others use. */
async function allOf<const Works extends readonly Promise<unknown>[]>(works: Works) {
  await Promise.allSettled(works);
  return await Promise.all(works);
}

/** Takes the snapshot of a session: the first query of its transaction. */
async function snapshot(session: Client): Promise<void> {
  await session.query('begin isolation level repeatable read read only');
  await session.query('select 1');
}

async function again(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (LOCK_NOT_AVAILABLE.includes(sqlState(error) ?? '')) throw new TryAgain('tables were in use all the time');
    throw error;
  }
}
