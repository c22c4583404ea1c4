import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Children } from '../rehearsal/children';

const KEEPER = join(import.meta.dirname, '..', 'rehearsal', 'keeper.mjs');

/** An engine with a child of its own; says both process ids. */
const ENGINE = 'sleep 300 & echo "$$ $!"; wait';

async function pidsFrom(read: (onOutput: (text: string) => void) => void): Promise<number[]> {
  const text = await new Promise<string>((resolve) => read(resolve));
  return text.trim().split(' ').map(Number);
}

/** A process that has ended and that nobody has asked about yet counts as ended. */
function isAlive(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}

async function allEnd(pids: readonly number[]): Promise<boolean> {
  for (let tries = 0; tries < 200 && pids.some(isAlive); tries++) await wait(20);
  return !pids.some(isAlive);
}

it('ends a child with all that it started', async () => {
  const children = new Children();
  const pids = await pidsFrom((onOutput) => children.start('sh', ['-c', ENGINE], { env: process.env, onOutput }));
  expect(pids.map(isAlive)).toEqual([true, true]);
  await children.stopAll();
  expect(await allEnd(pids)).toBe(true);
});

it('ends all of it when its own starter is killed outright', async () => {
  const starter = `
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ${JSON.stringify([KEEPER, 'sh', '-c', ENGINE])}, { stdio: ['pipe', 'inherit', 'inherit'], detached: true });
  `;
  const victim = spawn(process.execPath, ['-e', starter], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pids = await pidsFrom((onOutput) => victim.stdout.setEncoding('utf8').once('data', onOutput));
  expect(pids.map(isAlive)).toEqual([true, true]);
  victim.kill('SIGKILL');
  await once(victim, 'exit');
  expect(await allEnd(pids)).toBe(true);
});

it('passes exit code and output on', async () => {
  const output: string[] = [];
  const child = new Children().start('sh', ['-c', 'echo said; exit 3'], {
    env: process.env,
    onOutput: (text) => output.push(text),
  });
  expect(await child.ended).toBe(3);
  expect(output.join('')).toBe('said\n');
});

it('says that a command does not exist', async () => {
  const child = new Children().start('/nonexistent/engine', [], { env: process.env });
  expect(await child.ended).toBe(127);
});
