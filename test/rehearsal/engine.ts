import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Children } from './children';
import { freePort } from './free-port';
import { RehearsalError } from './rehearsal-error';
import { ACCOUNT, cleanEnvironment } from './surroundings';

const ANSWER_SECONDS = 30;

/** A local AWS engine that answers. */
export interface Engine {
  readonly endpoint: string;
  /** What it has written so far; empty for an engine that somebody else started. */
  readonly log: () => string;
}

/** An engine that already runs. */
export async function runningEngine(endpoint: string): Promise<Engine> {
  if (!(await answers(endpoint))) throw new RehearsalError(`no engine answers at ${endpoint}`);
  return { endpoint, log: () => '' };
}

/** Starts an engine with empty memory on a free port of the loopback interface, and waits until it answers. */
export async function startEngine(binary: string, region: string, folder: string, children: Children): Promise<Engine> {
  const port = await freePort();
  const logFile = join(folder, 'engine.log');
  const output = openSync(logFile, 'a');
  const child = children.start(
    binary,
    ['--addr', `127.0.0.1:${port}`, '--account-id', ACCOUNT, '--region', region, '--log-level', 'warn'],
    // No containers: on a machine with Docker it would pull images and keep what it started.
    { env: { ...cleanEnvironment(process.env), FAKECLOUD_CONTAINER_CLI: 'none', NO_COLOR: '1' }, output },
  );
  closeSync(output);
  // The SDKs take `localhost` for a custom endpoint; by number they would put bucket names in front of it.
  const endpoint = `http://localhost:${port}`;
  const deadline = Date.now() + ANSWER_SECONDS * 1000;
  while (!(await answers(endpoint))) {
    if (!child.running()) throw new RehearsalError(`the engine ended at once; its log: ${logFile}`);
    if (Date.now() > deadline)
      throw new RehearsalError(`the engine did not answer in ${ANSWER_SECONDS} s; its log: ${logFile}`);
    await wait(100);
  }
  return { endpoint, log: () => (existsSync(logFile) ? plain(readFileSync(logFile, 'utf8')) : '') };
}

/** Types of resources that the engine's log says it accepted without making them. */
export function typesWithoutProvisioner(log: string): string[] {
  const found = [...log.matchAll(/no provisioner for resource type.*?resource_type=(\S+)/g)].map(
    ([, type = '']) => type,
  );
  return [...new Set(found)].sort();
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_fakecloud/health`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

function plain(log: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what colours begin with.
  return log.replace(/\u001b\[[0-9;]*m/g, '');
}
