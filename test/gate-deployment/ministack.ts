import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { projectPath } from '../../lib/facts/project-path';
import type { Children } from '../rehearsal/children';
import { freePort } from '../rehearsal/free-port';
import { cleanEnvironment } from '../rehearsal/surroundings';

/** MIT; runs Lambda functions with this machine's Node.js, and custom resources with the whole response protocol. */
const VERSION = '1.5.33';

const ANSWER_SECONDS = 60;

/**
 * Starts the engine on the loopback interface, installed into the user's cache first when it is not there. What it would
 * mail goes to `mailHost` by SMTP, or nowhere.
 */
export async function startMinistack(children: Children, mailHost?: string): Promise<string> {
  const port = await freePort();
  children.start(installed(), [], {
    env: {
      ...cleanEnvironment(process.env),
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      ...(mailHost !== undefined && { SMTP_HOST: mailHost }),
      // Lambda's own runtime brings the AWS SDK; here it comes from the project.
      NODE_PATH: projectPath('node_modules'),
    },
  });
  const endpoint = `http://localhost:${port}`;
  const deadline = Date.now() + ANSWER_SECONDS * 1000;
  while (!(await answers(endpoint))) {
    if (Date.now() > deadline) throw new Error(`ministack ${VERSION} did not answer in ${ANSWER_SECONDS} s`);
    await wait(200);
  }
  return endpoint;
}

function installed(): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const home = join(cache, 'beamstalk', `ministack-${VERSION}`);
  const program = join(home, 'bin', 'ministack');
  if (existsSync(program)) return program;
  rmSync(home, { recursive: true, force: true });
  try {
    execFileSync('python3', ['-m', 'venv', home], { stdio: 'inherit' });
    execFileSync(join(home, 'bin', 'pip'), ['install', '--quiet', `ministack==${VERSION}`], { stdio: 'inherit' });
  } catch (error) {
    // Half an installation must not look like one.
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
  return program;
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(2000) });
    return true;
  } catch {
    return false;
  }
}
