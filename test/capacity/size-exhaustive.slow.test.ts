import { expect, test } from 'vitest';
import { sizesFor } from '../../lib/capacity/size/search';
import { COMMON, cheapestOf, FEW, SHAPES } from './exhaustive';
import { grid, wantedFor } from './workloads';

const EVERY = process.env['EVERY_WORKLOAD'] === 'true';

// Every seventh of the grid: each value of each axis comes. `npm run test:sizes` takes all of them.
const SOME = grid().filter((_, at) => EVERY || at % 7 === 3);

const inWords = ({ phase, ingress }: { readonly phase: number; readonly ingress: string }): string =>
  `${phase} ${ingress}`;

test('in no phase, nothing that carries a workload is cheaper than the plan', {
  timeout: EVERY ? 3_600_000 : 600_000,
}, () => {
  const found = new Map<string, number>();
  for (const { workload } of SOME) {
    const wanted = wantedFor('dev', { ...COMMON, ...workload }, { catalogue: FEW });
    const { plans } = sizesFor(wanted);
    for (const shape of SHAPES) {
      const cheapest = cheapestOf(shape, wanted);
      if (cheapest === undefined) continue;
      const plan = plans.find((one) => inWords(one) === inWords(shape));
      const said = JSON.stringify([workload, plan?.choice, cheapest.choice]);
      expect(plan?.usd ?? Number.POSITIVE_INFINITY, said).toBeLessThanOrEqual(cheapest.usd + 0.01);
      if (plan !== undefined && cheapest.usd - plan.usd < 0.01) {
        found.set(inWords(shape), (found.get(inWords(shape)) ?? 0) + 1);
      }
    }
  }
  // The combinations reach the plans: a plan that is cheaper than all of them would hide what they lack.
  for (const shape of SHAPES) expect(found.get(inWords(shape)) ?? 0, inWords(shape)).toBeGreaterThan(2);
});
