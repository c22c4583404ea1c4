import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';
import { IN_ENVIRONMENT, OF_INSTANCE, parameterStore } from './parameter-store';

const PROGRAM = projectPath('lib', 'node', 'boot', 'files', 'bin', 'where-data-are.py');

/** The places of a box that expands, and how its data are reached in each. */
const BOX = [
  'database\t\t\tlocal managed',
  'database\tlocal\tURL\tpostgres://app:a@127.0.0.1:5432/app',
  'database\tlocal\tSSL\tfalse',
  'database\tmanaged\tURL\tpostgres://app:b@db.test:5432/app',
  'database\tmanaged\tSSL\ttrue',
  'database\tmanaged\tSECRET_ARN\tarn:one',
];
/** Functions that leave the single database. */
const FUNCTIONS = [
  'database\t\t\tmanaged',
  'database\tmanaged\tURL\tpostgres://app:s@single.test:5432/app',
  'database\tmanaged\tSSL\ttrue',
  'database\tmanaged\tREADER_HOST\treader.test',
  ...['mail-out', 'users'].flatMap((name) => [
    `database/${name}\t\t\tshared own`,
    `database/${name}\town\tURL\tpostgres://app:o@${name}.test:5432/${name}`,
    `database/${name}\town\tSECRET_ARN\tarn:${name}`,
  ]),
];

/** Runs the program; the state that it ends with, and the variables. */
function ask(
  url: string,
  ways: readonly string[],
  {
    known,
    numbers = '',
    seconds = '20',
    environment = IN_ENVIRONMENT,
  }: {
    readonly known: string;
    readonly numbers?: string;
    readonly seconds?: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<{ state: string; variables: unknown; numbers: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const args = ['-I', PROGRAM, url, 'eu-west-1', 'dev', seconds, known, numbers];
    const child = execFile(
      'python3',
      args,
      { env: { PATH: process.env['PATH'] ?? '', ...environment } },
      (error, out, errors) => {
        if (error) return reject(error);
        const [state = '', variables = '', reached = ''] = out.split('\n');
        resolve({ state, variables: JSON.parse(variables), numbers: reached, errors });
      },
    );
    child.stdin?.end(ways.map((line) => `${line}\n`).join(''));
  });
}

it('does not take silence for a way back once a switch was heard of', async () => {
  const { url } = await parameterStore([{}]);
  const known = { known: 'database=managed', numbers: 'database=1764490001.1', seconds: '1' };
  expect(await ask(url, BOX, known)).toMatchObject({ state: 'database=managed', numbers: 'database=1764490001.1' });
});

it('hears of a way back as well, also when nobody says where the data are any more', async () => {
  const { url } = await parameterStore([{}]);
  const { state, variables } = await ask(url, BOX, { known: 'database=managed' });
  expect(state).toBe('database=local');
  expect(variables).toEqual({ DATABASE_URL: 'postgres://app:a@127.0.0.1:5432/app', DATABASE_SSL: 'false' });
});

it('asks for the functions in one call, and says of those that have not moved what the single database is', async () => {
  const { url, asked } = await parameterStore([{ 'database/users/source': 'own' }]);
  const known = 'database=managed database/mail-out=shared database/users=shared';
  const { state, variables } = await ask(url, FUNCTIONS, { known });
  expect(state).toBe('database=managed database/mail-out=shared database/users=own');
  expect(variables).toEqual({
    DATABASE_SSL: 'true',
    DATABASE_URL: 'postgres://app:s@single.test:5432/app',
    DATABASE_READER_HOST: 'reader.test',
    DATABASE_MAIL_OUT_URL: 'postgres://app:s@single.test:5432/app',
    DATABASE_MAIL_OUT_READER_HOST: 'reader.test',
    DATABASE_USERS_URL: 'postgres://app:o@users.test:5432/users',
    DATABASE_USERS_SECRET_ARN: 'arn:users',
  });
  expect(asked.map(({ names }) => names)).toEqual([
    ['/beamstalk/dev/database/mail-out/source', '/beamstalk/dev/database/users/source'],
  ]);
});

it('hears nothing of an earlier switch, whose word came late, and of any that is told without a number', async () => {
  const words = ['local 1764490000.4', 'local 1764480000.7', 'local 1764490000.6 ', 'local 1764490000.10'];
  const numbered = await parameterStore(words.map((word) => ({ 'database/source': word })));
  const known = 'database=managed';
  expect(await ask(numbered.url, BOX, { known, numbers: 'database=1764490000.5' })).toMatchObject({
    state: 'database=local',
    numbers: 'database=1764490000.10',
  });
  expect(numbered.asked).toHaveLength(4);
  const byHand = await parameterStore([{ 'database/source': 'local' }]);
  expect(await ask(byHand.url, BOX, { known, numbers: 'database=1764490000.5' })).toMatchObject({
    state: 'database=local',
    numbers: '',
  });
});

it('takes a place without a number for the word of a person, after which any switch counts', async () => {
  const words = ['local', 'local', 'managed 1764480000.1'];
  const { url } = await parameterStore(words.map((word) => ({ 'database/source': word })));
  expect(await ask(url, BOX, { known: 'database=local', numbers: 'database=1764490000.5' })).toMatchObject({
    state: 'database=managed',
    numbers: 'database=1764480000.1',
  });
});

it('hears of the switches of a later move, however few they are', async () => {
  const { url } = await parameterStore([{ 'database/source': 'managed 1764490001.1' }]);
  expect(await ask(url, BOX, { known: 'database=local', numbers: 'database=1764490000.5' })).toMatchObject({
    state: 'database=managed',
    numbers: 'database=1764490001.1',
  });
});

it('goes on as before while it is throttled or hears a word that is no place, and asks less often', async () => {
  const { url, asked } = await parameterStore([
    { status: 400 },
    { status: 400 },
    { 'database/source': 'elsewhere' },
    { 'database/source': 'managed' },
  ]);
  const { state, errors } = await ask(url, BOX, { known: 'database=local' });
  expect(state).toBe('database=managed');
  // Said once, however long it lasts.
  expect(errors.match(/nobody says where the data are: .*ThrottlingException/g)).toHaveLength(1);
  const [first = 0, second = 0, third = 0] = asked.map(({ at }) => at);
  expect(second - first).toBeGreaterThan(0.8 * 1.5 * 800 - 50);
  expect(third - second).toBeGreaterThan(0.8 * 1.5 * 1.5 * 800 - 50);
});

it('says what is known without asking anybody, and ends when its time is over', async () => {
  const { url, asked } = await parameterStore([{}]);
  expect(await ask(url, BOX, { known: 'database=local', seconds: '0' })).toMatchObject({ state: 'database=local' });
  expect(asked).toEqual([]);
  expect(await ask(url, BOX, { known: 'database=local', seconds: '0.5' })).toMatchObject({ state: 'database=local' });
  expect(asked).toHaveLength(1);
});

it('signs with the role of the instance, and its token', async () => {
  const folder = 'meta-data/iam/security-credentials/';
  const role = { ...OF_INSTANCE, Token: 'of/the+hour==' };
  const { url, asked } = await parameterStore([{ 'database/source': 'managed' }], {
    'api/token': 'for a moment',
    [folder]: 'node',
    [`${folder}node`]: JSON.stringify({ ...role, Expiration: '2099-01-01T00:00:00Z' }),
  });
  const environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/` };
  expect(await ask(url, BOX, { known: 'database=local', environment })).toMatchObject({ state: 'database=managed' });
  expect(asked).toMatchObject([{ signed: true, token: 'of/the+hour==' }]);
});
