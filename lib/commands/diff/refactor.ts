import type { Verdict } from '../../verdict/verdict-schema';

/** Instructions for moving resources that only changed their place, with the mapping file that it takes. */
export interface Refactoring {
  readonly moves: readonly string[];
  /** JSON to be written into a file. */
  readonly mapping: string;
  readonly command: string;
  /** Preconditions, a sentence each. */
  readonly notes: readonly string[];
}

/** Placeholders of the mapping file for values that no template has. */
const ACCOUNT = 'ACCOUNT';
const REGION = 'REGION';

/**
 * Instructions for moving resources with `cdk refactor`; undefined when nothing that a step stands or falls by has
 * moved. The file is `{ environments: [{ account, region, resources: { "Stack.OldId": "Stack.NewId" } }] }`: the README of
 * the command line tool calls the list `mappings`, and its parser reads `environments` alone (aws-cdk 2.1148.1,
 * `parseMappingGroups`, 2026-11-29).
 *
 * @param region Where the environment is, when its configuration says so.
 */
export function refactoringOf({ moves, findings }: Verdict, region: string = REGION): Refactoring | undefined {
  const decisive = findings.filter(({ severity }) => severity !== 'note');
  const counts = moves.some(({ from, to }) =>
    decisive.some(({ stack, id }) => [from, to].some((place) => stack === place.stack && id === place.id)),
  );
  if (!counts) return undefined;
  const resources = Object.fromEntries(moves.map(({ from, to }) => [location(from), location(to)]));
  return {
    moves: moves.map(({ name, from, to }) => `${name} ${location(from)} -> ${location(to)}`),
    mapping: JSON.stringify({ environments: [{ account: ACCOUNT, region, resources }] }, null, 2),
    command: 'npx cdk refactor --unstable=refactor --override-file=moves.json --dry-run',
    notes: [
      `Write this to moves.json, with the number of your account${region === REGION ? ' and the region' : ''}, and run the command with the context of your deployment; without --dry-run it moves them.`,
      'It is a preview of the CDK. It refuses a step that adds, removes or changes anything else, makes no new stack and leaves none empty.',
      'CloudFormation cannot move every type, nor what the stack itself is part of: the dry run does not ask it, the refactor does, before it changes anything.',
      'Pages: https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-refactor.html and https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html',
    ],
  };
}

function location({ stack, id }: Verdict['moves'][number]['from']): string {
  return `${stack}.${id}`;
}

/** For a terminal: the file in lines of its own, which are never broken, so that it can be copied. */
export function refactoringAsText(verdict: Verdict, region?: string): string {
  const refactoring = refactoringOf(verdict, region);
  if (refactoring === undefined) return '';
  const { moves, mapping, command, notes } = refactoring;
  const lines = [
    ...moves.map((move) => `  ${move}`),
    ...notes.map((note) => `  ${note}`),
    '',
    mapping,
    '',
    `  ${command}`,
  ];
  return `\nMoved, and otherwise the same\n${lines.join('\n')}\n`;
}

/** For a pull request. */
export function refactoringAsMarkdown(verdict: Verdict, region?: string): string {
  const refactoring = refactoringOf(verdict, region);
  if (refactoring === undefined) return '';
  const { moves, mapping, command, notes } = refactoring;
  const list = [...moves.map((move) => `- \`${move}\``), '', ...notes.map((note) => `- ${note}`)].join('\n');
  return `\n**Moved, and otherwise the same**\n\n${list}\n\n\`\`\`json\n${mapping}\n\`\`\`\n\n    ${command}\n`;
}
