import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Move } from '../../move/move';
import { harmless } from '../environment/harmless';
import { json } from '../environment/json';
import { INTERRUPTED } from '../environment/operator-error';
import { endWithReaders } from '../readers';
import { ACTIONS, type Action, WITHOUT_PROOF, type WithoutProof } from './actions';
import { isYes } from './question';

interface Options {
  readonly json?: true;
}

const EXIT_CODES = `
Exit codes: 0 done; 1 not done, and why; 2 misuse; ${INTERRUPTED} interrupted by Ctrl-C. After any of them the same may be run again.`;
const FOLLOW_MS = 2000;

/** Adds the actions that move tables between two PostgreSQL servers: docs/moving.md. */
export function addMoveCommands(move: Command): void {
  const action = (name: Action): Command =>
    move
      .command(name)
      .description(ACTIONS[name])
      .argument('<FILE>', 'the file that describes the move (docs/moving.md)')
      .option('--json', 'print the result for machines')
      .addHelpText('after', EXIT_CODES);

  action('check').action((file: string, { json: machines }: Options) =>
    act(file, async (described, { mover, text }) => {
      const findings = await mover.check(described);
      print(machines ? json(findings, 2) : text.findingsInWords(findings, described.accepted));
      process.exitCode = text.openOf(findings, described.accepted).length === 0 ? 0 : 1;
    }),
  );
  action('start').action((file: string) => act(file, (described, { mover }) => mover.start(described)));
  action('status')
    .option('--follow', 'go on looking until all rows are copied')
    .action((file: string, { json: machines, follow }: Options & { follow?: true }) =>
      act(file, async (described, { mover, text }) => {
        if (follow) endWithReaders();
        for (;;) {
          const status = await mover.status(described);
          const goesOn = follow === true && status.step === 'copying' && status.problems.length === 0;
          if (goesOn && process.stdout.isTTY) progress(text.progressInWords(status));
          else print(machines ? json(status, follow ? 0 : 2) : text.statusInWords(status, titlesOf(described)));
          if (!goesOn) return;
          await pause(FOLLOW_MS);
        }
      }),
    );
  action('rehearse').action((file: string, { json: machines }: Options) =>
    act(file, async (described, { mover, text }) => {
      const frozen = await mover.rehearse(described);
      const outcome = `rehearsed, from ${described[frozen.from].title} to ${described[frozen.to].title}`;
      print(machines ? json(frozen, 2) : text.frozenInWords(frozen, outcome));
      process.exitCode = frozen.verification.equal ? 0 : 1;
    }),
  );
  for (const [name, to] of [
    ['switch', 'target'],
    ['back', 'source'],
  ] as const) {
    action(name)
      .option('--yes', 'do not rehearse first, and do not ask')
      .action((file: string, { json: machines, yes }: Options & { yes?: true }, command: Command) => {
        if (yes !== true && !process.stdin.isTTY) {
          command.error(`error: ${name} asks before it does it; without a terminal say --yes`);
        }
        return act(file, async (described, { mover, text }) => {
          if (yes !== true && (await mover.status(described)).serving === (to === 'target' ? 'source' : 'target')) {
            const rehearsed = await mover.rehearse(described);
            process.stderr.write(text.frozenInWords(rehearsed, 'rehearsed'));
            if (!(await isYes(`Let users write to ${described[to].title}?`))) {
              process.stderr.write('beamstalk: nothing was switched\n');
              process.exitCode = 1;
              return;
            }
          }
          const frozen = await (to === 'target' ? mover.switchOver : mover.back)(described);
          print(machines ? json(frozen, 2) : text.frozenInWords(frozen, `users write to ${described[to].title}`));
          process.exitCode = frozen.verification.equal ? 0 : 1;
        });
      });
  }
  action('finish')
    .option(...WITHOUT_PROOF)
    .action((file: string, { json: machines, withoutProof }: Options & WithoutProof) =>
      act(file, async (described, { mover, text }) => {
        const end = await (withoutProof ? mover.finishWithoutProof : mover.finish)(described);
        print(machines ? json(end, 2) : text.evidenceInWords(end));
      }),
    );
  action('abandon').action((file: string) => act(file, (described, { mover }) => mover.abandon(described)));
}

interface Parts {
  readonly mover: typeof import('../../move/mover');
  readonly text: typeof import('./text');
}

/** Runs an action; what its operator can mend is one message on standard error. */
async function act(file: string, run: (move: Move, parts: Parts) => Promise<void>): Promise<void> {
  process.once('SIGINT', () => {
    process.stderr.write('\nbeamstalk: interrupted: what was done stands; run the same again, which completes it\n');
    process.exit(INTERRUPTED);
  });
  // A terminal that goes ends no action between two of its commits; Node.js resets what `nohup` has set.
  process.on('SIGHUP', () => undefined);
  const [{ readMove }, mover, text, { MoveError }] = await Promise.all([
    import('./description'),
    import('../../move/mover'),
    import('./text'),
    import('../../move/move-error'),
  ]);
  // The result is for standard output, and what goes on for whoever reads along.
  const described = readMove(file, (line) => void process.stderr.write(`${harmless(line)}\n`));
  try {
    await run(described, { mover, text });
  } catch (error) {
    if (!(error instanceof MoveError)) throw error;
    process.stderr.write(`beamstalk: ${harmless(error.message)}\n`);
    process.exitCode = 1;
  }
}

function titlesOf({ source, target }: Move): { readonly source: string; readonly target: string } {
  return { source: source.title, target: target.title };
}

function progress(line: string): void {
  process.stdout.write(`\r\u001b[K${harmless(line)}`);
}

function print(text: string): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[K');
  process.stdout.write(text);
}
