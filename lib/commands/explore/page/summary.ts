import { inOneLine } from '../../../capacity/size/in-one-line';
import { dollars } from '../../cost/money';
import type { View } from '../model';
import { givesWay } from '../months';
import { fill, found } from './elements';

/** The answer in two lines, which stay in sight. */
export function showSummary({ phase, bill, first }: View, contradiction: string | undefined): void {
  fill('phase-name', `Phase ${phase.number}, ${phase.name}:`);
  fill('total', dollars(bill.total));
  const bottleneck = found('bottleneck');
  bottleneck.textContent = first === undefined ? 'Nothing gives way.' : `Gives way first: ${bottleneckInWords(first)}`;
  bottleneck.classList.toggle('passed', first !== undefined && first.headroom < 0);
  const warning = found('contradiction');
  warning.hidden = contradiction === undefined;
  warning.textContent = contradiction === undefined ? '' : `The commands refuse this traffic: ${contradiction}.`;
}

/** The same, told once the sliders rest. */
export function announce({ phase, bill, first }: View): void {
  const words = first === undefined ? '' : ` Gives way first: ${bottleneckInWords(first)}`;
  fill('announcement', `Phase ${phase.number}: ${dollars(bill.total)} a month.${words}`);
}

export function bottleneckInWords({ ceiling, headroom, months }: NonNullable<View['first']>): string {
  const state = headroom < 0 ? 'passed already' : `${Math.floor(headroom * 100)} % free; ${givesWay(months)}`;
  return `${inOneLine(ceiling)}, ${state}.`;
}
