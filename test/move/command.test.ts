import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Login } from '../../lib/move/side';
import { folder, programs } from './machine';
import { type Server, startServer } from './servers';

// The command as it is brought to a machine in the network: one file, and a description with files beside it.

let source: Server;
let target: Server;
let at: string;
beforeAll(async () => {
  source = await startServer({ number: 7, title: 'the single database' });
  target = await startServer({ number: 8, title: 'the database of users' });
  await source.sql(
    `set session authorization app; set role app_owner; create table users (id serial primary key, name text);
     insert into users (name) select 'user ' || n from generate_series(1, 1000) n; create table stays (id int primary key)`,
  );
  at = folder('command');
  const file = (name: string, content: string): string => {
    writeFileSync(join(at, name), content, { mode: 0o600 });
    return name;
  };
  const side = (name: string, { side: { title, administrator, owner, reachedAt } }: Server): object => {
    const login = (who: string, { user, password }: Login): object => ({
      user,
      passwordFile: file(`${name}-${who}`, `${password}\n`),
    });
    return {
      ...{ title, host: administrator.host, port: administrator.port, database: administrator.database, reachedAt },
      authority: file(`${name}.pem`, administrator.authority),
      administrator: login('administrator', administrator),
      owner: login('owner', owner),
    };
  };
  const description = {
    ...{ id: 'users', tables: ['public.users'], programs: programs() },
    ...{ source: side('source', source), target: side('target', target) },
    announce: ['sh', '-c', 'echo "$1" >> told', 'sh'],
  };
  file('move.json', JSON.stringify(description));
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

async function move(...args: string[]): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['.build/move.cjs', ...args]);
    return { code: 0, output: stdout, errors: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout, errors: stderr };
  }
}

const file = (): string => join(at, 'move.json');

describe('the command in one file', () => {
  test('goes the whole way, and each step out of order is refused with what to do', async () => {
    expect(await move('status', file())).toMatchObject({
      code: 0,
      output: expect.stringContaining('next: check, then start'),
    });
    expect(await move('switch', '--yes', file())).toEqual({
      code: 1,
      output: '',
      errors: 'beamstalk: users has not been started: run check, then start\n',
    });
    expect(await move('check', file())).toMatchObject({
      code: 0,
      output: expect.stringContaining('nothing stands against'),
    });
    expect(await move('start', file())).toMatchObject({ code: 0, output: '' });
    expect(await move('start', file())).toMatchObject({ code: 0, errors: 'all rows are on both sides already\n' });
    expect((await move('finish', file())).errors).toContain(
      'users do not write to the database of users yet: run switch',
    );
    const rehearsed = await move('rehearse', file());
    expect(rehearsed.output).toMatch(
      /^rehearsed, from the single database to the database of users\n {2}locks held: \d+ ms, \d+ ms to get them/,
    );
    const switched = await move('switch', '--yes', file());
    expect(switched.output).toMatch(
      /^users write to the database of users\n[\s\S]* 1,000 rows of 1 table compared in .* equal\n$/,
    );
    await expect(
      source.sql(`set session authorization app; set role app_owner; insert into users (name) values ('late')`),
    ).rejects.toMatchObject({ code: 'BM001', message: 'public.users has moved to another database' });
    expect((await move('abandon', file())).errors).toContain('users write to the database of users: run back first');
    // A reader that has gone before the first line ends no switch in its middle.
    const unread = `{ { "${process.execPath}" .build/move.cjs back --yes "${file()}" 2>&1; echo "$?" >&3; } | true; } 3>&1`;
    const piped = await promisify(execFile)('bash', ['-c', unread]);
    expect(piped.stdout).toBe('141\n');
    const returned = await move('status', '--json', file());
    expect(JSON.parse(returned.output)).toMatchObject({ epoch: 2, serving: 'source', verified: true, problems: [] });
    await move('switch', '--yes', file());
    const { output } = await move('status', '--json', file());
    expect(JSON.parse(output)).toMatchObject({ step: 'ready', serving: 'target', verified: true, problems: [] });
    // Nobody could be told afterwards: what cannot be told now is not finished.
    const told = (): string[] => readFileSync(join(at, 'told'), 'utf8').trim().split('\n');
    const before = told().length;
    rmSync(join(at, 'told'));
    mkdirSync(join(at, 'told'));
    expect((await move('finish', file())).errors).toContain('users is not finished: the nodes could not be told');
    expect(JSON.parse((await move('status', '--json', file())).output)).toMatchObject({ step: 'ready' });
    rmSync(join(at, 'told'), { recursive: true });
    expect(before).toBeGreaterThan(0);
    const finished = await move('finish', '--json', file());
    expect(told()).toEqual(['target']);
    expect(JSON.parse(finished.output)).toMatchObject({ move: 'users', epoch: 3, tables: 1, rows: 1000 });
    // Another identity may have put a word there since, which the gate would not count with the record of this one.
    expect((await move('finish', '--json', file())).output).toBe(finished.output);
    expect(told()).toEqual(['target', 'target']);
    expect((await move('back', '--yes', file())).errors).toContain('users is finished');
  });

  test('asks before it switches, or is told --yes', async () => {
    expect(await move('switch', file())).toMatchObject({
      code: 2,
      errors: 'error: switch asks before it does it; without a terminal say --yes\n',
    });
  });
});
