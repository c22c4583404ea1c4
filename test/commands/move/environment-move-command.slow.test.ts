import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DeployedEnvironment } from '../../peers/deployed-environment';

// The command line as its users start it; what the mover does is a stand-in (test/peers/node-programs.ts).

const root = join(import.meta.dirname, '..', '..', '..');
let aws: DeployedEnvironment;

beforeAll(async () => {
  aws = await DeployedEnvironment.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.put('climb/state', '{"phase":6,"from":5}');
  for (const name of ['database', 'database/users']) aws.put(`${name}/endpoint`, `${name}.test`);
  aws.put('moves/5-6/users', '{"tables":["public.users"]}');
  aws.mover = 0;
});
afterEach(() => {
  aws.nodes.splice(0);
});

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = () => ({
  PATH: process.env['PATH'] ?? '',
  AWS_ENDPOINT_URL: aws.url,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
});

function run(words: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, ['.build/beamstalk.cjs', 'move', ...words], { cwd: root, env: environment() });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ status: code ?? -1, stdout, stderr })));
}

/** Runs it at a terminal of its own, and answers its question. Python's module gives a program one. */
function atTerminal(words: readonly string[], answer: string): Promise<Ran> {
  const program = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
  const command = [process.execPath, '.build/beamstalk.cjs', 'move', ...words];
  const child = spawn('python3', ['-c', program, ...command], {
    cwd: root,
    env: environment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let asked = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (asked || !stdout.includes('Type yes: ')) return;
    asked = true;
    child.stdin.write(answer);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ status: code ?? -1, stdout, stderr: '' })));
}

const OF_USERS = ['--function', 'users', '--env', 'prod'];

describe('at the command line, a move', () => {
  test('says what was found, how far it is, and what was verified', async () => {
    const checked = await run(['5-6', 'check', ...OF_USERS, '--tables', 'public.users,public.sessions']);
    expect(checked).toEqual({
      status: 1,
      stdout:
        'to be decided: collation: they differ\n    look; or add "collation" to accepted\n1 finding stands against the move\n',
      stderr: '',
    });
    expect((await run(['5-6', 'status', ...OF_USERS])).stdout).toContain('users write to the single database\n');
    const finished = await run(['5-6', 'finish', ...OF_USERS]);
    expect(finished).toMatchObject({
      status: 0,
      stdout: 'finished: 1,234 rows of 2 tables were equal at 2026-11-30T05:00:00.000Z (ab)\n',
    });
    expect(aws.mover).toBe(0);
  });

  test('prints for machines what the mover has said', async () => {
    const { status, stdout } = await run(['5-6', 'rehearse', ...OF_USERS, '--json']);
    expect({
      status,
      lockedMilliseconds: (JSON.parse(stdout) as Record<string, unknown>)['lockedMilliseconds'],
    }).toEqual({
      ...{ status: 0, lockedMilliseconds: 31 },
    });
  });

  test('shows what a rehearsal took, and asks', async () => {
    const no = await atTerminal(['5-6', 'switch', ...OF_USERS], 'no\r');
    expect(no.status).toBe(1);
    expect(no.stdout).toMatch(
      /rehearsed\r\n {2}locks held: 31 ms[\s\S]*Let users write to the database of users\? Type yes: [\s\S]*nothing was switched/,
    );
    const interrupted = await atTerminal(['5-6', 'switch', ...OF_USERS], '\u0003');
    expect(interrupted.status).toBe(130);
    expect(interrupted.stdout).toContain('beamstalk: interrupted: nothing was switched');
    const yes = await atTerminal(['5-6', 'switch', ...OF_USERS], 'yes\r');
    expect(yes).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('users write to the database of users\r\n  locks held: 41 ms'),
    });
  });

  test.each([
    [['5-6', 'switch', ...OF_USERS], 'error: switch asks before it does it; without a terminal say --yes'],
    [['5-6', 'start', '--env', 'prod'], "error: required option '--function <name>' not specified"],
    [['5-6', 'start', ...OF_USERS, '--tables', 'users'], 'Write tables with their schema'],
    [['5-6', 'start', ...OF_USERS, '--lock-milliseconds', '5'], 'Write a whole number from 10 to 10000.'],
    [['5-6', 'finish', ...OF_USERS, '--tables', 'all'], 'Write none, or leave it out'],
    [['0-1', 'check', '--env', 'prod', '--accept', 'A b'], 'Write ids of findings'],
    [['4-5', 'check', '--env', 'prod'], "unknown command '4-5'"],
  ])('that is misused ends with 2: %j', async (words, message) => {
    const { status, stderr, stdout } = await run(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('that cannot be made ends with 1 and one line', async () => {
    expect(await run(['0-1', 'start', '--env', 'prod'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'beamstalk: prod is at phase 6, with the climb from 5 expanding, and 0-1 moves data while it expands: npx cdk deploy --all --context env=prod --context phase=1 --context from=0\n',
    });
  });
});
