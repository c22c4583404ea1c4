import type { Client } from 'pg';
import type { Move } from './move';
import { MoveError } from './move-error';
import { closeSession, openSession } from './session';

interface Holder {
  readonly pid: number;
  readonly address: string | null;
  readonly since: string;
}

/** Runs an action while no other mover is at work on this move. @throws MoveError when one is. */
export async function whileAlone<Result>(
  move: Pick<Move, 'id' | 'source'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const session = await openSession(move.source.administrator, move.source.title);
  try {
    await take(session, move);
    return await work();
  } finally {
    // The lock goes with the session, also when this process is killed.
    await closeSession(session);
  }
}

async function take(session: Client, { id, source }: Pick<Move, 'id' | 'source'>): Promise<void> {
  const key = `beamstalk-move/${id}`;
  const { rows } = await session.query<{ taken: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
    [key],
  );
  if (rows[0]?.taken === true) return;
  const holders = await session.query<Holder>(
    `select a.pid, host(a.client_addr) as address, to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since
       from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted
        and ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended($1, 0)`,
    [key],
  );
  const holder = holders.rows[0];
  const who = holder ? ` from ${holder.address ?? 'its own machine'} since ${holder.since} UTC` : '';
  throw new MoveError(
    `another mover is at work on ${id} (a session on ${source.title}${who}): wait for it, or end it there first`,
  );
}
