import { confidenceInWords, partsInWords, perUnitInWords } from '../../cost/in-words';
import { dollars } from '../../cost/money';
import type { PhaseCost, View } from '../model';
import { phasesChart } from './charts';
import { element, fill, found, table } from './elements';
import { saveButton } from './save';

/** The bill of the phase by tier, and beside the other phases. */
export function showBill({ bill, phase }: View, phases: readonly PhaseCost[]): void {
  const drawing = phasesChart(phases, phase.number, found('phases-chart').clientWidth);
  const title = 'What every phase would cost with this traffic';
  fill(
    'phases-chart',
    element('figcaption', {}, title),
    drawing,
    element(
      'ul',
      { class: 'key' },
      legend('fixed', 'fixed'),
      legend('usage', 'by usage'),
      element('li', {}, '✗ does not carry this traffic'),
    ),
    saveButton(drawing, 'bill of every phase'),
  );
  const rows = bill.tiers.map(({ tier, fixed, usage }) => [tier, dollars(fixed), dollars(usage)]);
  const columns = [{ title: 'Tier' }, { title: 'Fixed', figures: true }, { title: 'Usage', figures: true }] as const;
  fill(
    'tiers',
    table('Bill by tier', columns, [...rows, ['in all', dollars(bill.fixed), dollars(bill.usage)]]),
    element('p', {}, [partsInWords(bill), perUnitInWords(bill)].filter((words) => words !== '').join(' ')),
  );
  fill(
    'dearest',
    ...bill.dearest.map(({ what, usd, cheaper }) =>
      element('li', {}, element('strong', {}, dollars(usd)), ` ${what}: `, ...withCode(cheaper)),
    ),
  );
  fill('sure', ...withCode(confidenceInWords(bill)));
  fill('notes', ...bill.notes.map(({ stack, type, note }) => element('li', {}, `${stack} (${type}): ${note}`)));
  fill('not-priced', ...bill.notPriced.map(({ stack, type, why }) => element('li', {}, `${stack} (${type}): ${why}`)));
}

/** Text in which backticks stand around what is code. */
function withCode(text: string): (Node | string)[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? element('code', {}, part) : part));
}

function legend(name: string, words: string): HTMLElement {
  return element('li', {}, element('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }), words);
}
