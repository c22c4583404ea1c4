import { inOneLine } from '../../../capacity/size/in-one-line';
import type { Answer } from '../../../capacity/size/search';
import { withoutParts } from '../../cost/in-words';
import { dollars } from '../../cost/money';
import { planName } from '../../size/plan-name';
import { HEADROOM } from '../model';
import { element, fill } from './elements';

/** The answer of `beamstalk size`, with why no smaller phase will do. */
export function showSize({ plans, refusals }: Answer): void {
  const [best, ...others] = plans;
  const refused = refusals.filter(({ phase }) => best === undefined || phase < best.phase);
  const why = refused.map((one) => element('li', {}, `${planName(one)}: ${one.why}`));
  const reasons = why.length === 0 ? [] : [element('h3', {}, 'Why no smaller phase'), element('ul', {}, ...why)];
  if (best === undefined) {
    fill('answer', element('p', {}, 'No size of any phase carries it.'), element('ul', {}, ...why));
    return;
  }
  const next = others.find(({ phase }) => phase !== best.phase);
  const settings = Object.entries(best.choice).map(([key, value]) =>
    element('li', {}, element('code', {}, `${key}: ${value}`)),
  );
  fill(
    'answer',
    element(
      'p',
      {},
      'With ',
      `${Math.round(HEADROOM * 100)} % of every ceiling kept free: `,
      element(
        'strong',
        { id: 'cheapest' },
        `${planName(best)}, ${dollars(best.usd)} a month${withoutParts(best.notPriced)}`,
      ),
      `. Gives way first: ${inOneLine(best.bottleneck.ceiling)}.`,
      next === undefined ? '' : ` Runner-up: ${planName(next)}, ${dollars(next.usd)}${withoutParts(next.notPriced)}.`,
    ),
    element('ul', { class: 'settings' }, ...settings),
    ...reasons,
  );
}
