import { counted } from '../../template/counted';
import type { Verdict } from '../../verdict/verdict-schema';
import { grouped } from './grouped';

type Change = Verdict['changes'][number];

type ValueDifference = NonNullable<Change['effects'][number]['values']>[number];

/** Values of one resource that are shown; more than that are counted. */
const MOST_VALUES = 4;

/** Policies and rules of networks: what they come to is told under who may do what. */
export const TOLD_ELSEWHERE = /Policy$|SecurityGroup(Ingress|Egress)?$/;

/** True when both values of something that differs can be shown with the resource. */
export function showsValues({ type, effects }: Change): boolean {
  return !TOLD_ELSEWHERE.test(type) && effects.some(({ values = [] }) => values.length > 0);
}

/** `LaunchTemplateData.InstanceType c7i.xlarge -> c7i.4xlarge` */
function arrow({ path, before, after }: ValueDifference): string {
  const entry = path.endsWith('[]');
  if (before === undefined) return `${path} ${entry ? 'with' : 'set to'} ${after}`;
  if (after === undefined) return `${path} ${entry ? 'without' : 'no longer'} ${before}`;
  // A launch template has nothing else, and the tags of what it makes.
  const short = path.replace(/^LaunchTemplateData\./, '').replace(/^TagSpecifications\[\]\.(?=Tags\[)/, '');
  return `${short} ${before} -> ${after}`;
}

/** A text of which only parts could be shown: its name says as much. */
export function isLong({ before, after }: ValueDifference): boolean {
  return before !== undefined && after !== undefined && isCut(before) && isCut(after);
}

function isCut(text: string): boolean {
  return / \.\.\.( |$)|^\.\.\. /.test(text);
}

/** Entries of lists are counted when there are several; what is too long to be read is named only. */
export function shownValues(values: readonly ValueDifference[]): string[] {
  const entries = grouped(
    values.filter(({ path }) => path.endsWith('[]')),
    ({ path }) => path,
  ).filter((alike) => alike.length > 2);
  const together = new Set(entries.flat());
  const lines = [
    ...values.filter((one) => !together.has(one)).map(arrow),
    ...entries.map((alike) => {
      const come = alike.filter(({ before }) => before === undefined).length;
      return `${alike[0].path} ${[`${come} more`, `${alike.length - come} fewer`].filter((part) => !part.startsWith('0')).join(', ')}`;
    }),
  ];
  if (lines.length <= MOST_VALUES) return lines;
  return [...lines.slice(0, MOST_VALUES - 1), `and ${counted(lines.length - MOST_VALUES + 1, 'more value')}`];
}
