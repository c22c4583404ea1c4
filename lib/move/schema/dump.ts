import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, escapeIdentifier } from 'pg';
import { type ObjectKey, objectKey } from '../dependencies';
import { MOVE_SCHEMA, type Move } from '../move';
import { MoveError } from '../move-error';
import type { Login } from '../side';
import { runProgram } from './program';

/** One thing that pg_dump has found, with the statements that make it. */
export interface Entry {
  /** Number that other entries refer to; another one in the next dump. */
  readonly id: number;
  /** Address in the catalogue; undefined for what is a property of others: grants, comments, attachments. */
  readonly object: ObjectKey | undefined;
  readonly type: string;
  /** Names it in every dump of the same schema, and no other one. */
  readonly label: string;
  readonly needs: readonly number[];
  readonly sql: string;
}

// Locks of the dump are weak, but queue behind a change of the schema, and all that follows queues behind them.
const LOCK_WAIT = '--lock-wait-timeout=10000';

const NO_TABLE_TO_DUMP = `select n.nspname as schema, c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not (pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select'))`;

/**
 * Schema of the source, read by pg_dump as its owner and cut into entries. Tables that the owner may not read are none of
 * the application's, and would end the dump.
 */
export async function dumpSchema({ source, programs }: Move, owner: Client): Promise<readonly Entry[]> {
  const unreadable = await owner.query<{ readonly schema: string; readonly name: string }>(NO_TABLE_TO_DUMP);
  const without = unreadable.rows.map(
    ({ schema, name }) => `--exclude-table=${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
  );
  const archive = await withAuthority(source.owner, (environment) =>
    runProgram({
      program: programs.pgDump,
      args: [
        ...['--format=custom', '--schema-only', '--no-owner', '--no-large-objects', '--no-publications'],
        ...['--no-subscriptions', '--encoding=UTF8', '--no-password', LOCK_WAIT, `--exclude-schema=${MOVE_SCHEMA}`],
        ...without,
      ],
      environment,
    }),
  );
  const restore = (...args: string[]): Promise<Buffer> =>
    runProgram({ program: programs.pgRestore, args, environment: LOCALE, input: archive });
  const list = await restore('--list');
  const script = await restore('--verbose', '--no-owner', '--no-tablespaces', '--no-table-access-method', '--file=-');
  return entriesOf(list.toString(), script.toString());
}

const LOCALE = { LC_ALL: 'C' };

/** Environment in which a program logs in over TLS; no other user of the machine sees the password or the file. */
async function withAuthority<Result>(
  login: Login,
  work: (environment: Readonly<Record<string, string>>) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'beamstalk-move-'));
  try {
    const authority = join(folder, 'authority.pem');
    await writeFile(authority, login.authority, { mode: 0o600 });
    return await work({
      ...LOCALE,
      PGHOST: login.host,
      PGPORT: String(login.port),
      PGDATABASE: login.database,
      PGUSER: login.user,
      PGPASSWORD: login.password,
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: authority,
      PGCONNECT_TIMEOUT: '10',
      PGAPPNAME: 'beamstalk-move',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const HEAD =
  /^-- TOC entry (?<id>\d+) \(class (?<catalogue>\d+) OID (?<oid>\d+)\)\n(?:-- Dependencies: (?<needs>[\d ]+)\n)?-- Name: (?<name>.*); Type: (?<type>[A-Z ]+); Schema: (?<schema>.*); Owner: .*\n(?:-- Data Pos: \d+\n)?--\n/;

/**
 * Cuts the script of `pg_restore --verbose`. The body of a function may hold a line like the head of an entry, so only
 * numbers of the list count, and one that is there twice is refused.
 */
export function entriesOf(list: string, script: string): readonly Entry[] {
  const listed = new Set([...list.matchAll(/^(\d+); /gm)].map(([, id]) => id));
  // Commands of psql stand before the first entry and after this line only.
  const body = script.slice(0, script.lastIndexOf('\n--\n-- PostgreSQL database dump complete\n--\n'));
  const entries: Entry[] = [];
  const seen = new Set<string>();
  const labels = new Map<string, number>();
  for (const part of body.split(/^--\n(?=-- TOC entry \d+ \(class \d+ OID \d+\)\n)/m).slice(1)) {
    const groups = HEAD.exec(part)?.groups;
    const [last, id] = [entries.at(-1), groups?.['id'] ?? ''];
    if (groups === undefined || !listed.has(id)) {
      if (last === undefined)
        throw new MoveError('pg_restore wrote a script that cannot be read: is it PostgreSQL 17?');
      entries[entries.length - 1] = { ...last, sql: `${last.sql}--\n${part}` };
      continue;
    }
    if (seen.has(id)) {
      throw new MoveError(
        `the text of ${last?.label ?? 'a function'} looks like a part of a dump: change it, then go on`,
      );
    }
    seen.add(id);
    const entry = entryOf(Number(id), groups, part.replace(HEAD, ''));
    const namesakes = labels.get(entry.label) ?? 0;
    labels.set(entry.label, namesakes + 1);
    entries.push(namesakes === 0 ? entry : { ...entry, label: `${entry.label} #${namesakes + 1}` });
  }
  return entries;
}

function entryOf(id: number, groups: Readonly<Record<string, string | undefined>>, sql: string): Entry {
  const { catalogue = '0', oid = '0', needs = '', name = '', type = '', schema = '' } = groups;
  return {
    id,
    object: catalogue === '0' ? undefined : objectKey(Number(catalogue), Number(oid)),
    type,
    label: schema === '-' ? `${type} ${name}` : `${type} ${schema}.${name}`,
    needs: needs.split(' ').filter(Boolean).map(Number),
    sql,
  };
}
