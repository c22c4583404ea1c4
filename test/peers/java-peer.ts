import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Children } from '../rehearsal/children';
import { freePort } from '../rehearsal/free-port';
import { CREDENTIALS, cleanEnvironment } from '../rehearsal/surroundings';
import { type JavaProgram, jars } from './jars';
import type { Peer } from './peer';

const ANSWER_SECONDS = 180;

/** Options of a virtual machine that starts fast: DynamoDB Local takes 12 s of CPU until it answers, and 40 s without (2026-11-30). */
const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** How a program of Java is started. */
export interface JavaPeer {
  readonly program: JavaProgram;
  /** A class among the jars, or a source file that starts one. */
  readonly mainClass: string;
  readonly region: string;
  /** What the virtual machine gets, for the port and the folder with the jars; `work` is a folder of its own. */
  readonly options: (port: number, home: string, work: string) => readonly string[];
  readonly args: (port: number) => readonly string[];
}

/**
 * Starts the program on a free port and waits until it answers over HTTP.
 *
 * @throws Error with the end of its log when it ends, or does not answer in time.
 */
export async function startJavaPeer({ program, mainClass, region, options, args }: JavaPeer): Promise<Peer> {
  const home = jars(program);
  const port = await freePort();
  const work = mkdtempSync(join(tmpdir(), `${program.name}-`));
  const log = join(work, 'log');
  const output = openSync(log, 'a');
  const children = new Children();
  const machine = ['-Xmx512m', ...QUICK, ...options(port, home, work), '-classpath', join(home, '*'), mainClass];
  const child = children.start('java', [...machine, ...args(port)], { env: cleanEnvironment(process.env), output });
  closeSync(output);
  const stop = async (): Promise<void> => {
    await child.stop();
    rmSync(work, { recursive: true, force: true });
  };
  // The SDKs take `localhost` for a custom endpoint.
  const endpoint = `http://localhost:${port}`;
  const deadline = Date.now() + ANSWER_SECONDS * 1000;
  while (!(await answers(endpoint))) {
    if (child.running() && Date.now() < deadline) {
      await wait(100);
      continue;
    }
    const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
    await stop();
    throw new Error(`${program.name} ${program.version} did not answer on port ${port}:\n${end}`);
  }
  return { endpoint, region, credentials: CREDENTIALS, stop };
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(2000) });
    return true;
  } catch {
    return false;
  }
}
