// npm run rehearse: deploys phase after phase into a local AWS engine and reads back what really exists.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHASES } from '../../lib/architecture/phases';
import { ConfigurationError } from '../../lib/config/configuration-error';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { environmentsIn } from '../../lib/config/environment-file';
import { type Options, parseArguments, UsageError, usage } from './arguments';
import { Children } from './children';
import { RehearsalError } from './rehearsal-error';

let stopping = false;
const explain = (message: string): void => void process.stderr.write(`rehearse: ${message}\n`);
/** What a stopped run still says of its own end would only confuse. */
const say = (line: string): void => void (stopping || process.stdout.write(`${line}\n`));

async function main(): Promise<number> {
  const allowed = { environments: environmentsIn(CONFIGURATION_DIRECTORY), lastPhase: PHASES.length - 1 };
  const options = parseArguments(process.argv.slice(2), allowed);
  if (options === undefined) {
    say(usage(allowed));
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'beamstalk-rehearsal-'));
  const children = new Children();
  stopOnSignals(children, folder);
  let sound = false;
  try {
    sound = await run(options, children, folder);
  } finally {
    await children.stopAll();
    if (sound || readdirSync(folder).length === 0) rmSync(folder, { recursive: true, force: true });
    else say(`Logs and assemblies are in ${folder}`);
  }
  return sound ? 0 : 1;
}

async function run(options: Options, children: Children, folder: string): Promise<boolean> {
  const started = Date.now();
  const { environment, from, to } = options;
  say(`Rehearsing phases ${from} to ${to} of ${environment} in a local engine; nothing reaches AWS.`);
  say(
    'Unlike `npx cdk deploy --all --context phase=N` by itself, references between stacks are strong, and a domain of a',
  );
  say('made-up hosted zone is set, and there is no warehouse: see test/rehearsal/gaps.ts.');
  // Said by the CDK too, and of no concern to a tool that runs on what is installed.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  // Loaded late: the services' clients take a second that a misspelt option need not wait for.
  const [{ rehearse }, { summary }] = await Promise.all([import('./rehearsal'), import('./report')]);
  const { passed, failures, phases } = await rehearse(options, { children, folder, say });
  say(`\n${summary(phases)}\n`);
  if (failures.length > 0) say(['Failed:', ...failures.map((failure) => `  ${failure}`), ''].join('\n'));
  say(`${((Date.now() - started) / 1000).toFixed(0)} s in all`);
  say(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0;
}

/** A stop is not a failure: everything is ended and removed, and the next run begins anew. */
function stopOnSignals(children: Children, folder: string): void {
  const stop = async (): Promise<void> => {
    // A terminal and npm both pass Ctrl-C on.
    if (stopping) return;
    stopping = true;
    explain('stopped; nothing is left behind');
    await children.stopAll();
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
  // npm ended by a signal of its own passes nothing on: whoever asked for this is gone.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || void stop(), 500).unref();
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = [UsageError, RehearsalError, ConfigurationError].some((kind) => error instanceof kind);
  return (expected ? undefined : error.stack) ?? error.message;
}

try {
  process.exitCode = await main();
} catch (error) {
  // A step that was broken off fails too, which says nothing.
  if (!stopping) explain(describe(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
