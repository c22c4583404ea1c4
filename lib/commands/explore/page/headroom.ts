import { type Ceiling, monthsLeft, taken } from '../../../capacity/ceiling';
import { amount } from '../../../capacity/size/in-one-line';
import { reliefInWords } from '../../capacity/relief-in-words';
import { tightest, type View } from '../model';
import { givesWay } from '../months';
import { element, fill, table } from './elements';

const COLUMNS = [
  { title: 'Tier' },
  { title: 'Tightest' },
  { title: 'Load of ceiling' },
  { title: 'Taken' },
  { title: 'Gives way' },
] as const;

/** Shows what is taken of each tier, and what would relieve the first bottleneck. */
export function showHeadroom({ capacity, first, relief }: View): void {
  const { growth } = capacity.load;
  const row = (ceiling: Ceiling): (Node | string)[] => [
    ceiling.tier,
    ceiling.event === undefined ? ceiling.resource : `${ceiling.resource}, ${ceiling.event}`,
    loadOf(ceiling),
    bar(ceiling),
    givesWay(monthsLeft(ceiling, growth)),
  ];
  fill('headroom-table', table('The tightest ceilings', COLUMNS, tightest(capacity).map(row)));
  fill('ceilings', table('Every ceiling', COLUMNS, capacity.ceilings.map(row)));
  if (first === undefined) {
    fill('relief', '');
    return;
  }
  const { ceiling } = first;
  const choice = relief && Object.entries(relief.choice).map(([key, value]) => `${key}=${value}`);
  fill(
    'relief',
    element('strong', {}, `${ceiling.tier} ${ceiling.resource}`),
    `: ${ceiling.why} (${ceiling.basis}). Cheapest relief: `,
    choice === undefined ? 'none that one change would bring.' : element('code', {}, choice.join(' ')),
    relief === undefined ? '' : `, ${reliefInWords(relief)}.`,
  );
}

function loadOf({ load, most, unit }: Ceiling): string {
  return `${amount(load)} of ${amount(most)}${unit === '' ? '' : ` ${unit}`}`;
}

function bar(ceiling: Ceiling): HTMLElement {
  const share = taken(ceiling);
  const words = Number.isFinite(share) ? `${Math.round(share * 100)} %` : 'all';
  const state = share > 1 ? 'over' : share > 0.7 ? 'near' : 'well';
  const filled = element('span', { class: `filled ${state}` });
  filled.style.width = `${Math.min(100, share * 100)}%`;
  return element('span', { class: 'taken' }, element('span', { class: 'bar', 'aria-hidden': 'true' }, filled), words);
}
