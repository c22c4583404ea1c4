import { needsOf } from '../account/needs';
import { type Asymmetry, newAsymmetries } from '../capacity/asymmetry/asymmetries';
import type { Climb } from '../climb/climb';
import { ConfigurationError } from '../config/configuration-error';
import { DEFAULT_ENVIRONMENT } from '../config/environment-file';
import type { SynthesisProps } from '../synthesis';
import type { Templates } from '../template/template';
import { STILL_SERVED } from '../verdict/changes/rolling-update';
import type { Verdict } from '../verdict/verdict-schema';
import { isRecorded } from './arguments';
import { billInWords, billOfStep } from './diff/bill-change';
import { asCloudFormationReturns } from './diff/deployed';
import { markdown } from './diff/markdown';
import { outgrownAsMarkdown, outgrownAsText } from './diff/outgrown';
import { folderSide, madeSide, sameEnvironment, sameRegion } from './diff/read-side';
import { refactoringAsMarkdown, refactoringAsText } from './diff/refactor';
import type { Side, SideName } from './diff/side';
import { text } from './diff/text';
import { nearDefaults } from './needs-in-words';

export interface DiffProps extends Pick<SynthesisProps, 'directory' | 'cdkJson'> {
  /** Left out, the one that a folder says it is of, otherwise the default. */
  readonly environment?: string;
  readonly before: SideName;
  readonly after: SideName;
  /** Settings by their dotted path, for each side. */
  readonly setBefore: Readonly<Record<string, string>>;
  readonly setAfter: Readonly<Record<string, string>>;
  readonly format: 'text' | 'json' | 'markdown';
  /** True when text may carry colours. */
  readonly colour: boolean;
  /** True to describe unchanged parts too. */
  readonly all: boolean;
  /** Date on which an accepted removal is judged: ISO 8601, UTC. */
  readonly today: string;
  /** Kinds of change that fail a step that is otherwise safe. */
  readonly failOn: readonly FailOn[];
}

export interface DiffResult {
  readonly output: string;
  readonly verdict: Verdict;
  /** 0 safe, 3 needs a migration, 4 refused, 5 safe but a change of the kinds in `failOn`. */
  readonly exitCode: number;
}

const EXIT_CODES: Readonly<Record<Verdict['verdict'], number>> = { safe: 0, 'needs-migration': 3, refused: 4 };

/** Exit code of a safe step that brings a kind of change that the caller does not want. */
export const UNWANTED = 5;

const FAILS = {
  downtime: ({ interruptions }: Verdict) => interruptions.some(({ what }) => !STILL_SERVED.test(what)),
  replacement: ({ summary }: Verdict) => summary.replaces > 0,
  exposure: ({ security }: Verdict) => security.some(({ direction }) => direction === 'opened'),
} as const;

/** A kind of change that may fail a step: users are interrupted, a resource is replaced, a permission or a way is opened. */
export type FailOn = keyof typeof FAILS;

/**
 * Compares two architectures and says what the step from one to the other means.
 *
 * @throws ConfigurationError when a side cannot be read or its configuration is not sound.
 */
export async function diff(props: DiffProps): Promise<DiffResult> {
  const { format, colour, all, failOn } = props;
  // Folders come first: they need neither the constructs library nor the account, and say whose they are.
  const [folderBefore, folderAfter] = [folderSide(props.before), folderSide(props.after)];
  const told = props.environment ?? folderBefore?.environment ?? folderAfter?.environment ?? DEFAULT_ENVIRONMENT;
  const before = folderBefore ?? (await madeSide(props.before, props.setBefore, '--set-a', told, props));
  const after = folderAfter ?? (await madeSide(props.after, props.setAfter, '--set', told, props));
  const environment = sameEnvironment(before, after) ?? told;
  sameRegion(before, after);
  sameShards(before, after);
  const { verdictOf } = await import('../verdict/verdict');
  const { withAcceptances } = await import('../verdict/acceptances');
  const { PHASES } = await import('../architecture/phases');

  const climb: Climb | undefined = before.state &&
    after.state && { environment, before: before.state, after: after.state, phases: PHASES };
  const either = [props.before, props.after].some(({ kind }) => kind === 'deployed');
  const comparable = ({ templates }: Side) => (either ? asCloudFormationReturns(templates) : templates);
  const judged = verdictOf(comparable(before), comparable(after), climb);
  // Two sides that one file makes say the same of both: nothing is recorded there.
  const recorded = isRecorded(props.before) ? { recordedBefore: before.templates } : {};
  const verdict = withAcceptances(judged, { after: after.templates, ...recorded, today: props.today });

  const region = after.region ?? before.region;
  const headline = `${environment}: ${before.title} -> ${after.title}`;
  const needs = newNeeds(before.templates, after);
  const outgrown = newAsymmetries(before.templates, after.templates);
  const billed = await billOfStep({ before, after, environment, directory: props.directory });
  const bill = billInWords(billed, { before, after });
  const render = {
    text: () =>
      `${text(headline, verdict, { colour, all })}${refactoringAsText(verdict, region)}${section('\nWhat the account must have\n', '  ', needs)}${outgrownAsText(outgrown)}${bill === undefined ? '' : `\n${bill}\n`}`,
    json: () => `${JSON.stringify({ ...verdict, bill: billed, outgrown: outgrown.map(asPlaces) }, null, 2)}\n`,
    markdown: () =>
      `${markdown(headline, verdict)}${refactoringAsMarkdown(verdict, region)}${section('\n**What the account must have**\n\n', '- ', needs)}${outgrownAsMarkdown(outgrown)}${bill === undefined ? '' : `\n${bill}\n`}`,
  };
  return { output: render[format](), verdict, exitCode: exitCodeOf(verdict, failOn) };
}

/** An asymmetry whose consumers are told by their places alone: `why` has the rest. */
function asPlaces(one: Asymmetry): Asymmetry {
  return { ...one, consumers: one.consumers.map(({ stack, id }) => ({ stack, id })) };
}

/** A refusal counts more than what a caller does not want to see. */
function exitCodeOf(verdict: Verdict, failOn: readonly FailOn[]): number {
  const code = EXIT_CODES[verdict.verdict];
  return code === 0 && failOn.some((kind) => FAILS[kind](verdict)) ? UNWANTED : code;
}

/** Needs of the step that are new and near or beyond the defaults of AWS. */
function newNeeds(before: Templates, { templates, region }: Side): ReturnType<typeof nearDefaults> {
  const known = new Set(needsOf(before).map(({ quota, peak }) => `${quota} ${peak}`));
  const needs = needsOf(templates, before).filter(({ quota, peak }) => !known.has(`${quota} ${peak}`));
  return nearDefaults(needs, region);
}

function section(title: string, mark: string, lines: ReturnType<typeof nearDefaults>): string {
  const words = lines.map(({ what, why }) => `${mark}${what}${why === undefined ? '' : `\n      ${why}`}\n`);
  return lines.length === 0 ? '' : `${title}${words.join('')}`;
}

/** The number of logical shards is written into the shard map once, and into no template. */
function sameShards(before: Side, after: Side): void {
  if (before.shards === undefined || after.shards === undefined || before.shards === after.shards) return;
  const allowed = `${before.shards}: it is chosen once, since the place of every row follows from it`;
  const where = '--set data.sharding.logicalShards=... or the file';
  throw new ConfigurationError('what is compared', [
    { key: 'data.sharding.logicalShards', received: after.shards, allowed, where },
  ]);
}
