import { spawn, spawnSync } from 'node:child_process';
import { readConfiguration } from '../../config/configuration';
import { chosenNode } from '../environment/chosen-node';
import { CONSOLE_SCRIPT } from '../environment/node-scripts';
import { OperatorError } from '../environment/operator-error';
import { type Pause, RunCommand } from '../environment/run-command';
import { inWordsOfFlags } from '../in-words-of-flags';

export interface ShellProps {
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  /** Id of a node; left out, the first in service. */
  readonly node?: string;
  readonly pause: Pause;
  /** Hears which node it is. */
  readonly say: (line: string) => void;
}

/**
 * Opens the console of the release on a node in a session of Systems Manager, which needs no open port. The session is
 * AWS's own client's: nothing else speaks its protocol.
 *
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
 * ("Starting a session (interactive and noninteractive commands)", 2026-11-29)
 *
 * @returns Exit code of the session.
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when a program is missing, or no node can be asked.
 */
export async function shell({ environment, directory, node, pause, say }: ShellProps): Promise<number> {
  const { region } = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  mustHavePrograms();
  const { id, role } = await chosenNode(environment, region, await RunCommand.in(region, pause), node);
  say(`opens the console of ${id} (${role}); Ctrl-C twice, or Ctrl-\\, ends it, and the release goes on`);
  return session(sessionArguments(id, region));
}

/** Arguments of the `aws` program. Sessions begin as a user who may become root. */
export function sessionArguments(id: string, region: string): string[] {
  const parameters = JSON.stringify({ command: [CONSOLE_SCRIPT] });
  const document = ['--document-name', 'AWS-StartInteractiveCommand', '--parameters', parameters];
  return ['ssm', 'start-session', '--region', region, '--target', id, ...document];
}

/** Programs of AWS, and pages that say how to get them. */
const PROGRAMS: readonly (readonly [program: string, page: string])[] = [
  ['aws', 'https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html'],
  [
    'session-manager-plugin',
    'https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html',
  ],
];

function mustHavePrograms(): void {
  const missing = PROGRAMS.filter(([program]) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error);
  const [first] = missing;
  if (first === undefined) return;
  const pages = missing.map(([program, page]) => `${program}: ${page}`).join('; ');
  throw new OperatorError(
    `the console needs ${missing.map(([program]) => program).join(' and ')}, which this machine has not; install it (${pages}), or evaluate one expression with \`beamstalk run\`, which needs neither`,
  );
}

function session(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    // Ctrl-C is for the console, which reads it from the terminal itself.
    const leaveIt = (): void => undefined;
    process.on('SIGINT', leaveIt);
    const child = spawn('aws', args, { stdio: 'inherit' });
    const end = (settle: () => void): void => {
      process.off('SIGINT', leaveIt);
      settle();
    };
    child.once('error', (error) => end(() => reject(new OperatorError(`aws cannot be run (${error.message})`))));
    child.once('close', (code) => end(() => resolve(code ?? 1)));
  });
}
