import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Limits } from './move';
import { MoveError } from './move-error';
import { quoted } from './quoted';
import { sqlState } from './session';
import type { QualifiedName } from './side';

const LOCK_NOT_AVAILABLE = ['55P03', '40P01'];

/**
 * Changes a table that is in use: in a transaction of its own, without keeping users waiting for longer than the limit, tried
 * again until it has worked.
 *
 * @throws MoveError when the table could not be had in the time of the limits.
 */
export async function withLocks(
  client: Client,
  table: QualifiedName,
  statements: string,
  { lockMilliseconds, patienceSeconds }: Limits,
): Promise<void> {
  const until = performance.now() + patienceSeconds * 1000;
  for (;;) {
    await client.query('begin');
    try {
      await client.query(vacuumGivesWay([table]));
      await client.query(`set local lock_timeout = ${lockMilliseconds}`);
      await client.query(statements);
      await client.query('commit');
      return;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      if (!LOCK_NOT_AVAILABLE.includes(sqlState(error) ?? '')) throw error;
      if (performance.now() > until) {
        throw new MoveError(
          `${quoted(table)} was in use for ${patienceSeconds} s: end the transactions that hold it, or wait, and run this again`,
        );
      }
    }
    // Not in step with whoever holds the lock.
    await pause(200 + Math.random() * 600);
  }
}

/**
 * Statements that make a vacuum of the server's own end, as it does for whoever has waited for a second
 * (`deadlock_timeout`): the lock that they take lets writers through, so nobody else waits meanwhile.
 * Source: https://www.postgresql.org/docs/17/explicit-locking.html (2026-11-30)
 */
export function vacuumGivesWay(tables: readonly QualifiedName[]): string {
  const names = tables.map((table) => `only ${quoted(table)}`).join(', ');
  return `set local lock_timeout = '3s'; lock table ${names} in share update exclusive mode`;
}

/**
 * Locks tables against writers, in the time for all of them together: `lock_timeout` alone is that of each, and those who
 * write to the first would wait for the holders of all others. The limit stays in the transaction.
 */
export async function lockAll(client: Client, tables: readonly QualifiedName[], milliseconds: number): Promise<void> {
  const names = tables.map((table) => `only ${quoted(table)}`).join(', ');
  await client.query(`set local lock_timeout = ${milliseconds}; set local statement_timeout = ${milliseconds}`);
  await client.query(`lock table ${names} in share row exclusive mode`);
}
