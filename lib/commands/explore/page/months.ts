import { monthsLeft } from '../../../capacity/ceiling';
import type { Traffic } from '../../../config/traffic-settings';
import { dollars } from '../../cost/money';
import { type Model, tightest, type View } from '../model';
import { givesWay, grown, MONTHS_AHEAD, takenIn } from '../months';
import { billsChart, type Series, tiersChart } from './charts';
import { element, fill, found } from './elements';
import { saveButton } from './save';

const MONTHS = Array.from({ length: MONTHS_AHEAD + 1 }, (_, month) => month);

/** Shows what growth does to the tiers and to the bill, when nothing is changed. */
export function showMonths({ phase, capacity }: View, traffic: Traffic, model: Model): void {
  const tiers = tightest(capacity).filter(({ fixed }) => !fixed);
  const series = tiers.map((ceiling): Series => {
    const points = MONTHS.map((month) => ({ month, value: takenIn(ceiling, traffic, month) }));
    return { name: ceiling.tier, points };
  });
  const first = [...tiers]
    .map((ceiling) => ({
      name: `${ceiling.tier} ${ceiling.resource}`,
      months: monthsLeft(ceiling, capacity.load.growth),
    }))
    .sort((a, b) => a.months - b.months)
    .slice(0, 3)
    .map(({ name, months }) => `${name} ${givesWay(months)}`);
  const rate = traffic.growthPercentPerMonth;
  fill(
    'growth',
    rate === 0
      ? 'Without growth everything stays as it is.'
      : `At ${rate} % a month, when nothing is changed, these give way first: ${first.join(', ')}.`,
  );
  const width = found('months-chart').clientWidth;
  const tiersDrawn = tiersChart(series, width);
  fill(
    'months-chart',
    element('figcaption', {}, 'Taken of the tightest ceiling of each tier'),
    tiersDrawn,
    saveButton(tiersDrawn, 'headroom over the months'),
  );
  const bills = MONTHS.map((month) => ({ month, value: model.bill(phase, grown(traffic, month)).total }));
  const billsDrawn = billsChart(bills, width);
  const [now, last] = [bills[0]?.value ?? 0, bills.at(-1)?.value ?? 0];
  fill(
    'bills-chart',
    element(
      'figcaption',
      {},
      `Bill of phase ${phase.number}: ${dollars(now)} now, ${dollars(last)} in month ${MONTHS_AHEAD}`,
    ),
    billsDrawn,
    saveButton(billsDrawn, 'bill over the months'),
  );
}
