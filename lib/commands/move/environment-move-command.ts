import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Finding } from '../../move/finding';
import type { Limits } from '../../move/move';
import type { Evidence, Frozen, NoEvidence, Status } from '../../move/results';
import type { Place } from '../../move/side';
import { harmless } from '../environment/harmless';
import { json } from '../environment/json';
import { INTERRUPTED } from '../environment/operator-error';
import { endProgress, interruptible, operate, pauseUntil, showProgress, write } from '../environment/terminal';
import type { Surroundings } from '../operating-commands';
import { endWithReaders } from '../readers';
import { ACTIONS, type Action, WITHOUT_PROOF, type WithoutProof } from './actions';
import type { EnvironmentMoveProps, Moved } from './environment-move';
import { LIMIT_RANGES, limitOf } from './limits';
import { isYes } from './question';
import type { Choices, MovedTables } from './settings';

interface Options extends WithoutProof {
  readonly env: string;
  readonly function?: string;
  readonly json?: true;
  readonly yes?: true;
  readonly follow?: true;
  readonly tables?: MovedTables;
  readonly accept?: readonly string[];
}

/** Climbs that move data, with what moves (test/commands/move/environment-move.test.ts compares them with the phases). */
export const CLIMBS = {
  '0-1': 'move the data of the box to RDS, while the climb from 0 to 1 expands',
  '5-6': 'move the data of a function from the single database to its own, while the climb from 5 to 6 expands',
} as const;

/** Longest wait for a mover that starts, in milliseconds: what its group allows it to boot. */
const PATIENCE_MS = 15 * 60_000;
/** Looks of `status --follow` at how far it is: each is a command to the mover. */
const FOLLOW_LOOKS = 9;

const EXIT_CODES = `
The mover of the environment does it, which is started for the first action; Ctrl-C ends the watching alone.
Exit codes: 0 done; 1 not done, and why; 2 misuse; ${INTERRUPTED} interrupted by Ctrl-C. After any of them the same may be run again.`;

/** Adds the moves inside an environment that is deployed: docs/moving.md. */
export function addEnvironmentMoves(move: Command, surroundings: Surroundings): void {
  for (const [climb, description] of Object.entries(CLIMBS)) {
    const command = move.command(climb).description(description);
    for (const action of Object.keys(ACTIONS) as Action[]) addAction(command, climb, action, surroundings);
  }
}

function addAction(command: Command, climb: string, action: Action, { directory, prepare }: Surroundings): void {
  const byFunction = climb !== '0-1';
  const declared = command
    .command(action)
    .description(ACTIONS[action])
    .option('--env <environment>', 'the environment', 'dev')
    .option('--json', 'print the result for machines')
    .addHelpText('after', EXIT_CODES);
  if (byFunction) declared.requiredOption('--function <name>', 'the function whose data move');
  if (action === 'check' || action === 'start') addChoices(declared, byFunction);
  if (action === 'finish') {
    const none = new Option('--tables <none>', '`none` for a function that has no data').argParser(noneOf);
    declared.option(...WITHOUT_PROOF).addOption(none.conflicts('withoutProof'));
  }
  if (action === 'switch' || action === 'back') declared.option('--yes', 'do not rehearse first, and do not ask');
  if (action === 'status') declared.option('--follow', 'go on looking until all rows are copied');
  declared.action((options: Options, self: Command) => {
    const asks = (action === 'switch' || action === 'back') && options.yes !== true;
    if (asks && !process.stdin.isTTY) {
      self.error(`error: ${action} asks before it does it; without a terminal say --yes`);
    }
    return operate(prepare, async () => {
      if (options.follow) endWithReaders();
      const signal = interruptible();
      const props = {
        ...{ environment: options.env, directory, climb, ofFunction: options.function, action },
        choices: choicesOf(options as Options & Partial<Limits>),
        withoutProof: options.withoutProof,
        ask: asks ? (rehearsed: Frozen) => askAfter(rehearsed, action, signal, options.function) : undefined,
        say,
        onWait: showProgress,
        ...{ signal, pause: pauseUntil(signal), patienceMs: PATIENCE_MS },
      };
      await act(props, options);
    });
  });
}

function addChoices(command: Command, byFunction: boolean): void {
  command
    .option(
      '--tables <list>',
      byFunction ? 'tables with their schema, such as public.users,public.sessions; or all' : 'tables; left out, all',
      tablesOf,
    )
    .option('--accept <ids>', 'findings of `check` that you have decided to live with, such as collation', idsOf);
  for (const [name, range] of Object.entries(LIMIT_RANGES)) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    command.option(`--${flag} <number>`, range.description, limitOf(range));
  }
}

/** Does an action, and `status --follow` again and again. */
async function act(props: EnvironmentMoveProps, options: Options): Promise<void> {
  const [{ moveInEnvironment }, text] = await Promise.all([import('./environment-move'), import('./text')]);
  for (;;) {
    const moved = await moveInEnvironment(props);
    process.exitCode = moved.exitCode;
    endProgress();
    for (const line of moved.errors.split('\n').filter(Boolean)) say(line);
    const status = props.action === 'status' && moved.exitCode === 0 ? (moved.result as Status) : undefined;
    const goesOn = options.follow === true && status?.step === 'copying' && status.problems.length === 0;
    if (moved.result !== undefined && !(goesOn && process.stdout.isTTY)) {
      await write(options.json ? json(moved.result, goesOn ? 0 : 2) : harmless(inWords(text, props, moved)));
    }
    const turned = props.action === 'switch' || props.action === 'back';
    if (turned && moved.result !== undefined && props.ofFunction !== undefined) {
      say(
        `a release without bin/databases-changed starts anew by: beamstalk release restart --env ${props.environment}`,
      );
    }
    if (!goesOn) return;
    showProgress(text.progressInWords(status));
    await props.pause(FOLLOW_LOOKS);
  }
}

function inWords(text: typeof import('./text'), { action, ofFunction }: EnvironmentMoveProps, moved: Moved): string {
  const { result, settings } = moved;
  const titles = titlesOf(ofFunction);
  switch (action) {
    case 'check':
      return text.findingsInWords(result as Finding[], settings.accepted ?? []);
    case 'status':
      return text.statusInWords(result as Status, titles);
    case 'rehearse':
    case 'switch':
    case 'back': {
      const frozen = result as Frozen;
      const outcome = action === 'rehearse' ? 'rehearsed' : `users write to ${titles[frozen.to]}`;
      return text.frozenInWords(frozen, outcome);
    }
    case 'finish':
      return text.evidenceInWords(result as Evidence | NoEvidence);
    default:
      return '';
  }
}

async function askAfter(
  rehearsed: Frozen,
  action: Action,
  signal: AbortSignal,
  ofFunction: string | undefined,
): Promise<boolean> {
  const { frozenInWords } = await import('./text');
  endProgress();
  process.stderr.write(harmless(frozenInWords(rehearsed, 'rehearsed')));
  return isYes(`Let users write to ${titlesOf(ofFunction)[action === 'switch' ? 'target' : 'source']}?`, signal);
}

/** Names of both sides, as the mover has them (lib/node/boot/files/bin/move.sh). */
function titlesOf(ofFunction: string | undefined): Readonly<Record<Place, string>> {
  return ofFunction === undefined
    ? { source: 'the box', target: 'the database' }
    : { source: 'the single database', target: `the database of ${ofFunction}` };
}

function choicesOf({ tables, accept, ...options }: Options & Partial<Limits>): Choices {
  const limits = Object.fromEntries(
    (Object.keys(LIMIT_RANGES) as (keyof Limits)[]).flatMap((name) => {
      const value = options[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  return {
    ...(tables !== undefined && { tables }),
    ...(accept && { accepted: accept }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}

function tablesOf(text: string): MovedTables {
  if (text === 'all') return text;
  const tables = text.split(',');
  if (tables.every((table) => /^[^.,\s]+\.[^.,\s]+$/.test(table))) return tables;
  throw new InvalidArgumentError('Write tables with their schema, a comma between two, such as public.users; or all.');
}

function noneOf(text: string): MovedTables {
  if (text === 'none') return text;
  throw new InvalidArgumentError('Write none, or leave it out: what was moved is known.');
}

function idsOf(text: string): string[] {
  const ids = text.split(',');
  if (ids.every((id) => /^[a-z][a-z-]*$/.test(id))) return ids;
  throw new InvalidArgumentError('Write ids of findings, a comma between two, such as collation,default-privileges.');
}

function say(line: string): void {
  endProgress();
  process.stderr.write(`${harmless(line)}\n`);
}
