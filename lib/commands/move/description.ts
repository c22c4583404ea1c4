import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ConfigurationError, type Problem } from '../../config/configuration-error';
import { integer, text } from '../../config/fields';
import { DEFAULT_LIMITS, type Move } from '../../move/move';
import type { Login, Place, QualifiedName, Side } from '../../move/side';

const words = (description: string) => text(/^\S(.*\S)?$/, 'a text', description);
const TABLE = /^[^.]+\.[^.]+$/;
const TABLE_ALLOWED = 'a table with its schema, such as public.users';
const TABLES_ALLOWED = '"all", or a list of tables with their schema, such as ["public.users"]';
const port = integer(1, 65_535, 'Port.');

const login = z.strictObject(
  {
    user: words('Role that logs in.'),
    password: words('Its password; or passwordFile.').optional(),
    passwordFile: words('File that holds the password alone.').optional(),
  },
  'an object with user, and password or passwordFile',
);

const side = z.strictObject(
  {
    title: words('What messages call it.'),
    host: words('Name or address, as the mover reaches it.'),
    port: port.default(5432),
    database: words('Database on that server.'),
    authority: words('PEM file of the authorities that vouch for the server.'),
    administrator: login.describe('Makes roles and subscriptions; no superuser.'),
    owner: login.describe('Acts as the owner of the tables.'),
    reachedAt: z
      .strictObject({ host: words('Name or address.'), port }, 'an object with host and port')
      .optional()
      .describe('How the other database reaches this one, when that is not how the mover does.'),
  },
  'an object with title, host, database, authority, administrator and owner',
);

const { lockMilliseconds, freezeMilliseconds, patienceSeconds, sequenceGap } = DEFAULT_LIMITS;

const description = z.strictObject({
  id: text(/^[a-z][a-z0-9_]{0,29}$/, 'a lower case letter, then at most 29 of a-z, 0-9 and _', 'Name of the move.'),
  tables: z.union(
    [z.literal('all'), z.array(text(TABLE, TABLE_ALLOWED, 'A table.')).min(1, TABLES_ALLOWED)],
    TABLES_ALLOWED,
  ),
  source: side,
  target: side,
  announce: z
    .array(words('Program or argument.'), 'a list: a program and its arguments')
    .min(1, 'a list: a program and its arguments')
    .describe('Tells the nodes where to write: it is run with source or target as its last argument.'),
  programs: z
    .strictObject({ pgDump: words('pg_dump.'), pgRestore: words('pg_restore.') }, 'an object with pgDump and pgRestore')
    .default({ pgDump: 'pg_dump', pgRestore: 'pg_restore' }),
  accepted: z.array(words('Id of a finding.'), 'a list of ids of findings that may be accepted').default([]),
  limits: z
    .strictObject(
      {
        lockMilliseconds: integer(10, 10_000, 'Longest wait for the locks of a freeze.').default(lockMilliseconds),
        freezeMilliseconds: integer(50, 30_000, 'Longest time that writers wait in a freeze.').default(
          freezeMilliseconds,
        ),
        patienceSeconds: integer(1, 86_400, 'Time after which an action gives up trying.').default(patienceSeconds),
        sequenceGap: integer(0, 1_000_000, 'Numbers that each sequence skips at a switch.').default(sequenceGap),
      },
      'an object of limits',
    )
    .default(DEFAULT_LIMITS),
});

/**
 * Reads the file that describes a move. Paths in it are relative to its folder.
 *
 * @param report Hears what goes on, a line each.
 * @throws ConfigurationError when it is not sound, or when others may read the passwords that it holds.
 */
export function readMove(file: string, report: (line: string) => void): Move {
  const folder = dirname(resolve(file));
  const parsed = description.safeParse(parsedJson(file), { reportInput: true });
  if (!parsed.success) {
    throw new ConfigurationError(
      file,
      parsed.error.issues.map((issue) => problemOf(issue, file)),
    );
  }
  const { data } = parsed;
  const secrets = [data.source, data.target].flatMap(({ administrator, owner }) => [administrator, owner]);
  if (secrets.some(({ password }) => password !== undefined)) mustBePrivate(file);
  const [program = '', ...args] = data.announce;
  return {
    id: data.id,
    tables: data.tables === 'all' ? 'all' : data.tables.map(tableOf),
    source: sideOf(data.source, 'source', folder, file),
    target: sideOf(data.target, 'target', folder, file),
    programs: data.programs,
    limits: data.limits,
    accepted: data.accepted,
    announce: (serving: Place) => tell(program, [...args, serving], folder, data.limits.patienceSeconds),
    report,
  };
}

/** A program that never ends would keep the mover, which has switched by then, from saying so. */
async function tell(program: string, args: readonly string[], folder: string, seconds: number): Promise<void> {
  try {
    await promisify(execFile)(program, args, { cwd: folder, timeout: seconds * 1000, killSignal: 'SIGKILL' });
  } catch (error) {
    if (!(error instanceof Error && 'killed' in error && error.killed === true)) throw error;
    throw new Error(`announce was ended after ${seconds} s, limits.patienceSeconds`);
  }
}

function parsedJson(file: string): unknown {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(file, {
      key: 'the file',
      allowed: `one that can be read (${messageOf(error)})`,
      where: 'the command line',
    });
  }
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    // It quotes the place, which may be a password.
    const why = messageOf(error).replace(/, (\.\.\.)?".*$/s, '');
    throw wrong(file, { key: 'the file', allowed: `JSON (${why})`, where: file });
  }
}

function problemOf(issue: z.core.$ZodIssue, file: string): Problem {
  const key = issue.path.join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    return {
      key: [...issue.path, issue.keys[0]].join('.'),
      allowed: 'no such key: docs/moving.md lists them',
      where: file,
    };
  }
  // A password never comes to a terminal, also when it is none.
  const received = /(^|\.)(source|target|administrator|owner|password)$/.test(key) ? undefined : issue.input;
  return { key, ...(received !== undefined && { received }), allowed: issue.message, where: file };
}

function tableOf(table: string): QualifiedName {
  const [schema = '', name = ''] = table.split('.');
  return { schema, name };
}

type Described = z.infer<typeof side>;

function sideOf(described: Described, place: Place, folder: string, file: string): Side {
  const { title, host, port: at, database, reachedAt } = described;
  const authority = readRelated(described.authority, `${place}.authority`, folder, file);
  const loginOf = (who: 'administrator' | 'owner'): Login => {
    const password = passwordOf(described[who], `${place}.${who}`, folder, file);
    return { host, port: at, database, user: described[who].user, password, authority };
  };
  const logins = { administrator: loginOf('administrator'), owner: loginOf('owner') };
  return { title, ...logins, ...(reachedAt && { reachedAt }) };
}

function passwordOf(described: z.infer<typeof login>, key: string, folder: string, file: string): string {
  const { password, passwordFile } = described;
  if ((password === undefined) === (passwordFile === undefined)) {
    throw wrong(file, { key: `${key}.password`, allowed: 'either password or passwordFile', where: file });
  }
  if (password !== undefined) return password;
  mustBePrivate(resolve(folder, passwordFile ?? ''));
  return readRelated(passwordFile ?? '', `${key}.passwordFile`, folder, file).replace(/\r?\n$/, '');
}

function readRelated(path: string, key: string, folder: string, file: string): string {
  try {
    return readFileSync(resolve(folder, path), 'utf8');
  } catch (error) {
    throw wrong(file, { key, received: path, allowed: `a file that can be read (${messageOf(error)})`, where: file });
  }
}

/** Users of the machine may read what the mode of a file lets them. */
function mustBePrivate(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0) return;
  const received = `mode ${(mode & 0o777).toString(8)}`;
  throw wrong(file, {
    key: 'the file',
    received,
    allowed: 'mode 600, since it holds a password',
    where: `chmod 600 ${file}`,
  });
}

function wrong(file: string, problem: Problem): ConfigurationError {
  return new ConfigurationError(file, [problem]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
