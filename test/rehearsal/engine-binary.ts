import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Children } from './children';
import { RehearsalError } from './rehearsal-error';
import { cleanEnvironment } from './surroundings';

/** The version whose holes `phantoms.ts` and `gaps.ts` list. AGPL-3: a tool that is run, never a dependency. */
const VERSION = '0.51.0';

type Say = (line: string) => void;

/** The engine's program in the user's cache, built first when it is not there. */
export async function engineBinary(children: Children, own: NodeJS.ProcessEnv, say: Say): Promise<string> {
  const cache = join(own['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'beamstalk');
  const home = join(cache, `fakecloud-${VERSION}`);
  const binary = join(home, 'bin', 'fakecloud');
  if (!existsSync(binary)) await build(home, children, own, say);
  return binary;
}

async function build(home: string, children: Children, own: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const env = cleanEnvironment(own);
  const cargo = cargoOf(own);
  if ((await children.start(cargo, ['--version'], { env }).ended) !== 0) {
    throw new RehearsalError(
      [
        `the local AWS engine fakecloud ${VERSION} is not in ${dirname(home)}, and building it needs Rust's cargo,`,
        'which was not found. Install Rust (https://rustup.rs, or the package rustup of your system), then run this',
        'again; or name an engine that already runs with --engine http://localhost:PORT',
      ].join('\n'),
    );
  }
  say(`The local AWS engine fakecloud ${VERSION} is not in ${home}.`);
  say('It is now built there with cargo, once: about 8 minutes on two cores, several GB of temporary disk.');
  // Under another name until it is complete: a build that is broken off must not look finished.
  mkdirSync(dirname(home), { recursive: true });
  const part = mkdtempSync(`${home}.part-`);
  const target = mkdtempSync(join(tmpdir(), 'beamstalk-engine-build-'));
  const cleanUp = (): void => {
    for (const folder of [part, target]) rmSync(folder, { recursive: true, force: true });
  };
  // A signal ends the process without running `finally`.
  process.once('exit', cleanUp);
  try {
    const code = await children.start(
      cargo,
      ['install', '--debug', '--locked', `fakecloud@${VERSION}`, '--root', part],
      {
        env: { ...env, CARGO_TARGET_DIR: target, CARGO_PROFILE_DEV_DEBUG: '0', CARGO_PROFILE_DEV_INCREMENTAL: 'false' },
        onOutput: everyHundredth(say),
      },
    ).ended;
    if (code !== 0) throw new RehearsalError(`cargo install fakecloud@${VERSION} failed with exit code ${code}`);
    renameSync(part, home);
  } finally {
    cleanUp();
    process.removeListener('exit', cleanUp);
  }
}

/** Several hundred crates: a line now and then shows that it goes on; errors are shown in full. */
function everyHundredth(say: Say): (text: string) => void {
  let crates = 0;
  return (text) => {
    for (const line of text.split('\n')) {
      if (/^\s*Compiling /.test(line) && ++crates % 100 === 0) say(`  ${crates} crates compiled`);
      if (/^\s*(error|warning: build failed)/.test(line)) say(line);
    }
  };
}

function cargoOf(own: NodeJS.ProcessEnv): string {
  const installed = join(own['CARGO_HOME'] || join(homedir(), '.cargo'), 'bin', 'cargo');
  return existsSync(installed) ? installed : 'cargo';
}
