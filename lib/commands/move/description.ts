import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigurationError, type Problem } from '../../config/configuration-error';
import { integer, text } from '../../config/fields';
import { DEFAULT_LIMITS, type Limits, type Move } from '../../move/move';
import type { Address, Login, QualifiedName, Side } from '../../move/side';
import { byParameter, byProgram } from './announcement';
import { LIMIT_RANGES } from './limits';

/** A text that is not empty. */
export const words = (description: string) => text(/^\S(.*\S)?$/, 'a text', description);
export const TABLE = /^[^.]+\.[^.]+$/;
export const TABLE_ALLOWED = 'a table with its schema, such as public.users';
const TABLES_ALLOWED = '"all", or a list of tables with their schema, such as ["public.users"]';
const PLACE = /^[a-z]+$/;
export const port = integer(1, 65_535, 'Port.');

export const login = z.strictObject(
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

const limit = (name: keyof Limits) => {
  const { least, most, description } = LIMIT_RANGES[name];
  return integer(least, most, description).default(DEFAULT_LIMITS[name]);
};

/** Parameter that nodes of an environment ask for; move.sh writes it into the description. */
const placeParameter = z.strictObject({
  parameter: text(/^(\/[A-Za-z0-9_.-]+)+$/, 'the full name of a parameter', 'Parameter.'),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region', 'Region.'),
  endpoint: text(/^https?:\/\/\S+$/, 'an address', 'Address of Parameter Store.').optional(),
  source: text(PLACE, 'a word', 'Word for the source.'),
  target: text(PLACE, 'a word', 'Word for the target.'),
});
const ANNOUNCE_ALLOWED = 'a list: a program and its arguments; or an object with parameter, region, source and target';

const description = z.strictObject({
  id: text(/^[a-z][a-z0-9_]{0,29}$/, 'a lower case letter, then at most 29 of a-z, 0-9 and _', 'Name of the move.'),
  tables: z.union(
    [z.literal('all'), z.array(text(TABLE, TABLE_ALLOWED, 'A table.')).min(1, TABLES_ALLOWED)],
    TABLES_ALLOWED,
  ),
  source: side,
  target: side,
  announce: z
    .union([z.array(words('Program or argument.')).min(1), placeParameter], ANNOUNCE_ALLOWED)
    .describe('Tells the nodes where to write.'),
  programs: z
    .strictObject({ pgDump: words('pg_dump.'), pgRestore: words('pg_restore.') }, 'an object with pgDump and pgRestore')
    .default({ pgDump: 'pg_dump', pgRestore: 'pg_restore' }),
  accepted: z.array(words('Id of a finding.'), 'a list of ids of findings that may be accepted').default([]),
  limits: z
    .strictObject(
      {
        lockMilliseconds: limit('lockMilliseconds'),
        freezeMilliseconds: limit('freezeMilliseconds'),
        patienceSeconds: limit('patienceSeconds'),
        sequenceGap: limit('sequenceGap'),
        tablesAtOnce: limit('tablesAtOnce'),
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
  const { announce, limits } = data;
  const announcer = Array.isArray(announce)
    ? byProgram(announce, folder, limits.patienceSeconds)
    : byParameter({ ...announce, name: announce.parameter }, limits.patienceSeconds);
  return {
    id: data.id,
    tables: data.tables === 'all' ? 'all' : data.tables.map(tableOf),
    source: sideOf(data.source, 'source', folder, file),
    target: sideOf(data.target, 'target', folder, file),
    programs: data.programs,
    limits,
    accepted: data.accepted,
    ...announcer,
    report,
  };
}

/** Reads a file. @throws ConfigurationError that quotes nothing of it, which may be a password. */
export function parsedJson(file: string): unknown {
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

/** @param page Where the keys of the file are listed. */
export function problemOf(issue: z.core.$ZodIssue, file: string, page = 'docs/moving.md'): Problem {
  const key = issue.path.join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    return {
      key: [...issue.path, issue.keys[0]].join('.'),
      allowed: `no such key: ${page} lists them`,
      where: file,
    };
  }
  // The key is what is wrong, and its own message says why.
  const [ofKey] = issue.code === 'invalid_key' ? issue.issues : [];
  if (ofKey !== undefined) return { key, allowed: ofKey.message, where: file };
  // A password never comes to a terminal, also when it is none.
  const received = /(^|\.)(source|target|administrator|owner|password)$/.test(key) ? undefined : issue.input;
  return { key, ...(received !== undefined && { received }), allowed: issue.message, where: file };
}

export function tableOf(table: string): QualifiedName {
  const [schema = '', name = ''] = table.split('.');
  return { schema, name };
}

/** Database and its logins, as a file says. */
export interface Described {
  readonly title: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly authority: string;
  readonly administrator: z.infer<typeof login>;
  readonly owner: z.infer<typeof login>;
  readonly reachedAt?: Address | undefined;
}

/** @param key What the file calls it. */
export function sideOf(described: Described, key: string, folder: string, file: string): Side {
  const { title, host, port: at, database, reachedAt } = described;
  const authority = readRelated(described.authority, `${key}.authority`, folder, file);
  const loginOf = (who: 'administrator' | 'owner'): Login => {
    const password = passwordOf(described[who], `${key}.${who}`, folder, file);
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
export function mustBePrivate(file: string): void {
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
