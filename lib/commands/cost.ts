import { DEFAULT_ENVIRONMENT } from '../config/environment-file';
import { billOf } from '../cost/bill';
import { ageInDays, OLD_AFTER_DAYS, type PriceBook } from '../cost/price-book';
import type { SynthesisProps } from '../synthesis';
import { bookOf } from './cost/book-of';
import { type Expected, expectedOf, type SaidBySide } from './cost/expected';
import { markdown } from './cost/markdown';
import { cents } from './cost/money';
import { type CostReport, type SideReport, sideReport, tierChanges } from './cost/report';
import { text } from './cost/text';
import { folderSide, madeSide, sameEnvironment, sameRegion } from './diff/read-side';
import type { Side, SideName } from './diff/side';

/** One architecture, as the user asked for it. Of a folder or of what is deployed, traffic alone can be set. */
export interface CostSide extends SaidBySide {
  readonly name: SideName;
}

export interface CostProps extends Pick<SynthesisProps, 'directory' | 'cdkJson'> {
  /** Left out, the one that a folder says it is of, otherwise the default. */
  readonly environment?: string;
  /** The architecture that another is compared with. */
  readonly before?: CostSide;
  readonly after: CostSide;
  readonly format: 'text' | 'json' | 'markdown';
  /** Date by which the age of prices is told: ISO 8601, UTC. */
  readonly today: string;
}

/**
 * Says what an architecture costs in a month, or what the difference of two comes to.
 *
 * @throws ConfigurationError when a side cannot be read, its configuration is not sound, or there are no prices of its
 * region.
 */
export async function cost(props: CostProps): Promise<string> {
  const sides = [...(props.before === undefined ? [] : [props.before]), props.after];
  const folders = sides.map(({ name }) => folderSide(name));
  const told = props.environment ?? folders.find((side) => side?.environment)?.environment ?? DEFAULT_ENVIRONMENT;
  const read: Side[] = [];
  for (const [index, { name, settings, flag }] of sides.entries()) {
    read.push(folders[index] ?? (await madeSide(name, settings, flag, told, props)));
  }
  const [first, last] = [read[0], read.at(-1)];
  if (first === undefined || last === undefined) throw new Error('there is no side');
  const environment = sameEnvironment(first, last) ?? told;
  sameRegion(first, last);
  const expected: Expected[] = [];
  for (const [index, side] of read.entries()) {
    expected.push(await expectedOf(side, environment, sides[index] ?? props.after, props.directory));
  }
  const book = bookOf(expected.at(-1)?.region ?? '', 'the bill');
  const reports = read.map(({ title, templates }, index): SideReport => {
    const { traffic } = expected[index] ?? fail();
    return sideReport(title, billOf(templates, traffic, book), traffic);
  });
  return rendered(reportOf(environment, book, reports, props.today), props.format);
}

function fail(): never {
  throw new Error('each side has its traffic');
}

function reportOf(environment: string, book: PriceBook, reports: readonly SideReport[], today: string): CostReport {
  const [before, after] = reports.length > 1 ? reports : [undefined, reports[0]];
  const ageDays = ageInDays(book, today);
  const prices = { checked: book.checked, ageDays, old: ageDays > OLD_AFTER_DAYS };
  if (after === undefined) throw new Error('there is no side');
  const common = { version: 1 as const, environment, region: book.region, prices };
  if (before === undefined) return { ...common, after };
  const change = { total: cents(after.total - before.total), tiers: tierChanges(before, after) };
  return { ...common, before, after, change };
}

function rendered(report: CostReport, format: CostProps['format']): string {
  if (format === 'json') return `${JSON.stringify(report, null, 2)}\n`;
  return format === 'markdown' ? markdown(report) : text(report);
}
