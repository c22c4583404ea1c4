import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Move } from './move';
import { MoveError } from './move-error';
import type { Direction } from './replication';
import { asAdministrator } from './session';

/** Tables of a subscription by how far they are: `r` when ready, other letters before. */
export async function readyOf(
  administrator: Client,
  name: string,
): Promise<{ readonly total: number; readonly ready: number }> {
  const { rows } = await administrator.query<{ total: number; ready: number }>(
    `select count(*)::int as total, (count(*) filter (where srsubstate = 'r'))::int as ready
       from pg_subscription_rel r join pg_subscription s on s.oid = r.srsubid
      where s.subname = $1 and s.subdbid = (select oid from pg_database where datname = current_database())`,
    [name],
  );
  return rows[0] ?? { total: 0, ready: 0 };
}

/** Times that a server has failed at rows or copies of a subscription. */
export async function errorsOf(administrator: Client, name: string): Promise<number> {
  const { rows } = await administrator.query<{ errors: string }>(
    'select coalesce(sum(apply_error_count + sync_error_count), 0)::text as errors from pg_stat_subscription_stats where subname = $1',
    [name],
  );
  return Number(rows[0]?.errors ?? 0);
}

const ERRORS_AT_MOST = 10;

/** Waits until every table of a direction is copied. @throws MoveError when the server fails at it again and again. */
export async function untilReady({ report }: Pick<Move, 'report'>, { to, name }: Direction): Promise<void> {
  await asAdministrator(to, async (client) => {
    const before = await errorsOf(client, name);
    for (let told = -1, looks = 0; ; looks++) {
      const { total, ready } = await readyOf(client, name);
      if (total > 0 && ready === total) return;
      if (ready !== told) report(`${ready} of ${total} tables`);
      told = ready;
      if (looks % 20 === 19 && (await errorsOf(client, name)) - before > ERRORS_AT_MOST) {
        throw new MoveError(
          `${to.title} fails to take rows again and again: its log says why. Mend that and run the same again, or give the move up`,
        );
      }
      await pause(250);
    }
  });
}
