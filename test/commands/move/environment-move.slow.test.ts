import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { climbInto } from '../../../lib/architecture/moved-parts';
import { PHASES } from '../../../lib/architecture/phases';
import { type EnvironmentMoveProps, moveInEnvironment } from '../../../lib/commands/move/environment-move';
import { CLIMBS } from '../../../lib/commands/move/environment-move-command';
import { CONFIGURATION_DIRECTORY } from '../../../lib/config/directory';
import { DeployedEnvironment } from '../../peers/deployed-environment';
import type { StandInNode } from '../../peers/stand-in-commands';

let aws: DeployedEnvironment;
let said: string[];

beforeEach(async () => {
  aws = await DeployedEnvironment.start();
  aws.put('climb/state', '{"phase":6,"from":5,"at":"2026-11-30T04:00:00.000Z"}');
  for (const name of ['database', 'database/users', 'database/forum']) aws.put(`${name}/endpoint`, `${name}.test`);
  aws.mover = 0;
  said = [];
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.stop();
});

type Asked = Partial<EnvironmentMoveProps> & Pick<EnvironmentMoveProps, 'action'>;

function move({ signal = new AbortController().signal, ...props }: Asked) {
  return moveInEnvironment({
    ...{ environment: 'prod', directory: CONFIGURATION_DIRECTORY, climb: '5-6', ofFunction: 'users', choices: {} },
    say: (line) => said.push(line),
    onWait: () => undefined,
    pause: () => setTimeout(5, undefined, { signal }),
    patienceMs: 5000,
    ...props,
    signal,
  });
}

const refusal = (props: Asked): Promise<string> =>
  move(props).then(
    () => 'done',
    (error: Error) => error.message,
  );

/** The mover that runs. */
function machine(): StandInNode {
  const found = aws.nodes.find(({ role }) => role === 'mover');
  if (found === undefined) throw new Error('no mover runs');
  return found;
}
const settings = (name = '5-6/users'): unknown => JSON.parse(aws.parameter(`moves/${name}`) ?? 'null');
const tables = ['public.users', 'public.sessions'];

/** Record of a move, as the mover writes it. */
function record(differences: object = {}): string {
  return JSON.stringify({
    ...{ environment: 'prod', climb: '5-6', function: 'users', source: 'single.test', target: 'users.test' },
    ...{ begun: 1764490000, epoch: 3, tables: 2, rows: 7, digest: 'ab'.repeat(32) },
    ...{ verifiedAt: '2026-11-30T05:00:00.000Z', ...differences },
  });
}
const RECORD = record();

test('there is a command for each climb that moves data, and no other', () => {
  const climbs = PHASES.filter(({ moves }) => moves === 'data').map(climbInto);
  expect(Object.keys(CLIMBS)).toEqual(climbs);
});

describe('a move of a function', () => {
  test('from the first look to the record, on a mover that comes for it and goes with it', async () => {
    const checked = await move({ action: 'check', choices: { tables, accepted: ['collation'] } });
    expect(checked).toMatchObject({ exitCode: 1, result: [{ id: 'collation' }], settings: { tables } });
    const node = machine();
    expect(aws.mover).toBe(1);
    expect(settings()).toEqual({ tables, accepted: ['collation'] });

    expect(await move({ action: 'start', choices: { limits: { patienceSeconds: 60 } } })).toMatchObject({
      ...{ exitCode: 0, result: undefined, errors: 'copying rows\n' },
    });
    expect(settings()).toMatchObject({ tables, limits: { patienceSeconds: 60 }, started: expect.stringMatching(/Z$/) });
    expect((await move({ action: 'status' })).result).toMatchObject({ serving: 'source' });

    const asked: number[] = [];
    const ask = (answer: boolean) => async (rehearsed: { lockedMilliseconds: number }) => {
      asked.push(rehearsed.lockedMilliseconds);
      return answer;
    };
    expect(await move({ action: 'switch', ask: ask(false) })).toMatchObject({ exitCode: 1, result: undefined });
    expect(said).toEqual(['beamstalk: nothing was switched']);
    expect(await move({ action: 'switch', ask: ask(true) })).toMatchObject({ exitCode: 0, result: { to: 'target' } });
    expect(asked).toEqual([31, 31]);
    // Users write there already: what was interrupted is completed without a question.
    await move({ action: 'switch', ask: ask(true) });
    expect(asked).toHaveLength(2);
    expect((await move({ action: 'finish' })).result).toMatchObject({ rows: 1234 });
    expect(aws.calls(node)).toEqual(
      [
        ...['check', 'start', 'status', 'status', 'rehearse', 'status', 'rehearse', 'switch', 'status', 'switch'],
        'finish',
      ].map((action) => `${action} 5-6 users`),
    );
    expect(settings()).toBeNull();
    expect({ mover: aws.mover, nodes: aws.nodes }).toEqual({ mover: 0, nodes: [] });
  });

  test('that ends without a proof says so to the mover, which goes with it', async () => {
    await move({ action: 'start', choices: { tables } });
    const node = machine();
    expect((await move({ action: 'finish', withoutProof: true })).exitCode).toBe(0);
    expect(aws.calls(node).at(-1)).toBe('finish 5-6 users --without-proof');
    expect({ settings: settings(), mover: aws.mover }).toEqual({ settings: null, mover: 0 });
  });

  test('leaves the mover to others that are under way', async () => {
    await move({ action: 'start', choices: { tables } });
    await move({ action: 'start', choices: { tables }, ofFunction: 'forum' });
    await move({ action: 'abandon' });
    expect(aws.mover).toBe(1);
    expect(said).toEqual(['the mover stays for 5-6/forum']);
    await move({ action: 'abandon', ofFunction: 'forum' });
    expect(aws.mover).toBe(0);
  });

  test('that fails says why, and stays as it was', async () => {
    await move({ action: 'start', choices: { tables } });
    writeFileSync(join(machine().folder, 'fails'), 'finish');
    const failed = await move({ action: 'finish' });
    expect(failed).toMatchObject({ exitCode: 1, errors: 'beamstalk: another mover is at work on it ?[31m\n' });
    expect(settings()).toMatchObject({ tables });
    expect(aws.mover).toBe(1);
  });

  test('goes on when nobody watches any more, and can be asked how it is meanwhile', async () => {
    await move({ action: 'check', choices: { tables } });
    writeFileSync(join(machine().folder, 'slow'), '1');
    const controller = new AbortController();
    aws.onScript = () => controller.abort();
    expect(await refusal({ action: 'start', signal: controller.signal })).toBe(
      'stopped watching: what was sent to the mover goes on by itself; look with `beamstalk move 5-6 status --function users --env prod`, or run start again',
    );
    aws.onScript = () => undefined;
    expect((await move({ action: 'status' })).exitCode).toBe(0);
    expect(aws.calls(machine())).toContain('start 5-6 users');
  });

  test('of nothing is its record alone, and none while something moves', async () => {
    await move({ action: 'start', choices: { tables } });
    expect(await refusal({ action: 'finish', choices: { tables: 'none' } })).toBe(
      'the move 5-6/users is under way, with --tables public.users,public.sessions: finish that, without --tables, or abandon it first (`beamstalk move 5-6 abandon --function users --env prod`)',
    );
    const node = machine();
    let during: unknown;
    aws.onScript = () => {
      during = settings('5-6/forum');
    };
    expect((await move({ action: 'finish', choices: { tables: 'none' }, ofFunction: 'forum' })).exitCode).toBe(0);
    expect(during).toEqual({ tables: 'none' });
    expect(aws.calls(node)).toContain('finish 5-6 forum');
  });
});

describe('a move out of the box', () => {
  beforeEach(() => {
    aws.put('climb/state', '{"phase":1,"from":0,"at":"2026-11-30T04:00:00.000Z"}');
  });
  const box = { climb: '0-1', ofFunction: undefined } as const;

  test('of nothing is refused: the box would be sent to an empty database', async () => {
    expect(await refusal({ ...box, action: 'finish', choices: { tables: 'none' } })).toBe(
      'the data of the box move as a whole: leave --tables out',
    );
  });

  test('opens its database before each action, and closes it with the last', async () => {
    const node = aws.add('box');
    await move({ ...box, action: 'start' });
    expect(settings('0-1')).toMatchObject({ tables: 'all', address: '10.0.0.7', certificate: 'PEM\n' });
    await move({ ...box, action: 'finish' });
    expect(aws.calls(node)).toEqual(['open-database.sh open', 'open-database.sh open', 'open-database.sh close']);
    expect(settings('0-1')).toBeNull();
  });

  test('goes on with the box that took the place of the one before, at its address', async () => {
    const before = aws.add('box');
    await move({ ...box, action: 'start' });
    aws.remove(before.id);
    expect(await refusal({ ...box, action: 'status' })).toContain('no box of prod is in service: nothing was done');
    const node = aws.add('box');
    writeFileSync(join(node.folder, 'address'), '10.0.0.8');
    const mover = machine();
    for (const action of ['status', 'start'] as const) {
      expect((await move({ ...box, action })).exitCode).toBe(0);
      expect(settings('0-1')).toMatchObject({ tables: 'all', address: '10.0.0.8' });
    }
    await move({ ...box, action: 'abandon' });
    expect(aws.calls(mover)).toEqual(['start 0-1', 'status 0-1', 'start 0-1', 'abandon 0-1']);
    const opened = 'open-database.sh open';
    expect(aws.calls(node)).toEqual([opened, opened, opened, 'open-database.sh close']);
    expect(settings('0-1')).toBeNull();
  });

  test('says what the box says, and whether there is one', async () => {
    expect(await refusal({ ...box, action: 'check' })).toBe(
      'no box of prod is in service: nothing was done; wait for the one that comes, and run the same again',
    );
    const node = aws.add('box');
    writeFileSync(join(node.folder, 'closed'), '');
    expect(await refusal({ ...box, action: 'check' })).toBe(
      `the box ${node.id} does not open its database: instance metadata does not answer`,
    );
  });
});

describe('of data that have moved', () => {
  const FINISHED =
    'the move 5-6/users is finished, and its record is climb/verified/5-6/users: nothing is left but to contract, once each function has its record (docs/runbooks.md)';
  const GONE =
    'nodes are told that the data of 5-6/users have moved (database/users/source), and moves/5-6/users is gone: `beamstalk move 5-6 check --function users --env prod` with the tables that moved writes it anew, then run';
  beforeEach(() => aws.put('database/users/source', 'own 1764490000.3'));

  test.each(['check', 'start', 'status', 'switch', 'back', 'finish', 'abandon'] as const)(
    '%s says that nothing is left but to contract',
    async (action) => {
      aws.put('climb/verified/5-6/users', RECORD);
      expect(await refusal({ action, choices: action === 'check' || action === 'start' ? { tables } : {} })).toBe(
        FINISHED,
      );
      expect({ mover: aws.mover, settings: settings() }).toEqual({ mover: 0, settings: null });
    },
  );

  test('the proof is not overwritten by one of nothing, which a word of a switch is enough to know', async () => {
    const ofNothing = { action: 'finish', choices: { tables: 'none' } } as const;
    expect(await refusal(ofNothing)).toBe(`${GONE} finish again`);
    aws.put('climb/verified/5-6/users', RECORD);
    expect(await refusal(ofNothing)).toBe(FINISHED);
    aws.put('database/users/source', 'own');
    expect(await refusal(ofNothing)).toBe(FINISHED);
    expect(aws.parameter('climb/verified/5-6/users')).toBe(RECORD);
    // One of nothing may be written again.
    aws.put('database/users/source', 'own 1764490000.0');
    aws.put('climb/verified/5-6/users', record({ epoch: 0, tables: 0, rows: 0, digest: '' }));
    expect(await refusal(ofNothing)).toBe('done');
  });

  test.each(['check', 'status', 'finish'] as const)('%s says of an end without proof what is left', async (action) => {
    aws.put('climb/verified/5-6/users', JSON.stringify({ ...(JSON.parse(RECORD) as object), proven: false }));
    expect(await refusal({ action, choices: action === 'check' ? { tables } : {} })).toBe(
      'the move 5-6/users was finished without proof: compare the rows of both sides yourself before you contract, which the gate refuses until it is forced (docs/runbooks.md)',
    );
  });

  test('settings that are gone come again by check', async () => {
    expect(await refusal({ action: 'switch' })).toBe(`${GONE} switch again`);
    await move({ action: 'check', choices: { tables } });
    expect((await move({ action: 'finish' })).exitCode).toBe(0);
  });
});

describe('a move is refused', () => {
  test.each([
    [
      'of an environment that does not expand',
      { phase: 5 },
      {},
      'prod is at phase 5, and 5-6 moves data while it expands',
    ],
    [
      'of another climb',
      { phase: 2, from: 1 },
      {},
      'prod is at phase 2, with the climb from 1 expanding, and 5-6 moves',
    ],
    ['of no function', { phase: 6, from: 5 }, { ofFunction: undefined }, 'with --function: one of forum, users'],
    [
      'of a function that is not',
      { phase: 6, from: 5 },
      { ofFunction: 'shop' },
      'prod has no database of the function shop: expected one of forum, users',
    ],
    ['without tables', { phase: 6, from: 5 }, {}, 'say which tables move to 5-6/users: --tables public.users'],
  ] as const)('%s', async (_what, state, props, message) => {
    aws.put('climb/state', JSON.stringify(state));
    expect(await refusal({ action: 'start', ...props })).toContain(message);
    // Nothing was begun for it.
    expect({ mover: aws.mover, settings: settings() }).toEqual({ mover: 0, settings: null });
  });

  test('out of order, with other tables, and with settings that are none', async () => {
    expect(await refusal({ action: 'switch' })).toBe(
      'no move 5-6/users is under way: begin with `beamstalk move 5-6 check --function users --env prod`',
    );
    expect(await refusal({ action: 'abandon' })).toBe(
      'no move 5-6/users is under way, and there is nothing to abandon',
    );
    aws.put('climb/verified/5-6/users', RECORD);
    expect(await refusal({ action: 'finish' })).toBe(
      'no move 5-6/users is under way, and climb/verified/5-6/users is of an earlier one: begin with `beamstalk move 5-6 check --function users --env prod`',
    );
    await move({ action: 'start', choices: { tables } });
    // That of an earlier move would let the climb contract before this one is switched.
    expect(aws.parameter('climb/verified/5-6/users')).toBeUndefined();
    expect(said.at(-1)).toContain('climb/verified/5-6/users was of an earlier move, and is removed');
    expect(await refusal({ action: 'start', choices: { tables: 'all' } })).toContain(
      'was started with --tables public.users,public.sessions: leave --tables out, or abandon it first',
    );
    const many = Array.from({ length: 300 }, (_, index) => `public.table_${index}`);
    expect(await refusal({ action: 'check', choices: { tables: many }, ofFunction: 'forum' })).toMatch(
      /and 4096 are taken/,
    );
    aws.put('moves/5-6/users', 'x');
    expect(await refusal({ action: 'status' })).toContain('moves/5-6/users holds no settings of a move');
  });

  test('where nothing is deployed, where there is no mover, and where AWS refuses', async () => {
    expect(await refusal({ action: 'status', environment: 'dev' })).toContain('dev is not deployed in');
    aws.mover = undefined;
    expect(await refusal({ action: 'check', choices: { tables } })).toContain('prod has no mover: its expansion was');
    aws.mover = 0;
    aws.refused['SetDesiredCapacity'] = 'AccessDenied';
    expect(await refusal({ action: 'check', choices: { tables } })).toContain('AWS does not set how many machines');
  });

  test('by a mover that does not come up in its time', async () => {
    aws.onScript = () => undefined;
    aws.mover = 1;
    expect(await refusal({ action: 'check', choices: { tables }, patienceMs: 30 })).toBe(
      'the mover of prod does not come up: see what the activities of its group mover say, and `beamstalk logs --role mover --env prod`',
    );
  });
});
