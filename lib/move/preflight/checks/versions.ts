import type { Client } from 'pg';
import { runProgram } from '../../schema/program';
import { type Context, onBothSides, type PreflightCheck } from '../check';

/** First version in which rows that came by replication can be left out, and no superuser has to subscribe. */
const FIRST = 16;

async function majorOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ readonly major: number }>(
    `select current_setting('server_version_num')::int / 10000 as major`,
  );
  return rows[0]?.major ?? 0;
}

async function olderPrograms({ move, source, target }: Context): Promise<string[]> {
  const needed = Math.max(await majorOf(source.owner), await majorOf(target.owner));
  const found: string[] = [];
  for (const program of [move.programs.pgDump, move.programs.pgRestore]) {
    const said = (await runProgram({ program, args: ['--version'], environment: {} })).toString().trim();
    const major = Number(/\) (\d+)/.exec(said)?.[1] ?? 0);
    if (major < needed) found.push(`${said} for PostgreSQL ${needed}`);
  }
  return found;
}

export const VERSION_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'old-version',
    level: 'refuse',
    find: (context) =>
      onBothSides(context, async ({ owner }) => {
        const major = await majorOf(owner);
        return major < FIRST ? [`PostgreSQL ${major}`] : [];
      }),
    what: (names) => `rows cannot follow in both directions before PostgreSQL ${FIRST}: ${names}`,
    remedy: 'upgrade that server first',
  },
  {
    id: 'older-target',
    level: 'refuse',
    find: async ({ source, target }) => {
      const [from, to] = [await majorOf(source.owner), await majorOf(target.owner)];
      return to < from ? [`PostgreSQL ${from} to ${to}`] : [];
    },
    what: (names) => `the target is older than the source, and may not know what its schema says: ${names}`,
    remedy: 'move to a server of the same version or a newer one',
  },
  {
    id: 'programs',
    level: 'refuse',
    find: olderPrograms,
    what: (names) => `programs are older than a server: ${names}`,
    remedy: 'install the client programs of the newer version',
  },
];
