import { expect, test } from 'vitest';
import { architectureOf } from '../../lib/architecture/phases';
import { asymmetriesOf } from '../../lib/capacity/asymmetry/asymmetries';
import { capacityOf, carries } from '../../lib/capacity/capacity';
import { type Plan, sizesFor } from '../../lib/capacity/size/search';
import { readConfiguration } from '../../lib/config/configuration';
import { synthesise } from '../../lib/synthesis';
import { AXIS_NAMES, grid, PLACE, type Workload, wantedFor } from './workloads';

const HEADROOM = 0.3;
const WORKLOADS = grid();
const ANSWERS = new Map<string, { readonly workload: Workload; readonly best?: Plan }>();

test('the grid is large enough', () => expect(WORKLOADS.length).toBeGreaterThanOrEqual(200));

test('every plan carries its workload, by the configuration that it is written as', { timeout: 600_000 }, () => {
  let carried = 0;
  for (const { workload, at } of WORKLOADS) {
    const best = sizesFor(wantedFor('dev', workload, { headroom: HEADROOM })).plans[0];
    ANSWERS.set(at.join(), { workload, ...(best && { best }) });
    if (best === undefined) continue;
    carried += 1;
    const context = { env: 'dev', ...workload, ...best.choice };
    const configuration = readConfiguration({ context, directory: PLACE.directory });
    const capacity = capacityOf(architectureOf(configuration), configuration.traffic);
    expect(carries(capacity, HEADROOM), JSON.stringify(context)).toBe(true);
  }
  // Workloads that no phase carries are told: they are not most of the grid.
  expect(carried).toBeGreaterThan(200);
});

test('cost never falls when load rises', () => {
  const costAt = (at: readonly number[]): number | undefined => {
    const answer = ANSWERS.get(at.join());
    return answer && (answer.best?.usd ?? Number.POSITIVE_INFINITY);
  };
  const falls = WORKLOADS.flatMap(({ at }) =>
    AXIS_NAMES.flatMap((axis, place) => {
      const next = at.map((value, index) => (index === place ? value + 1 : value));
      const [lower, higher] = [costAt(at), costAt(next)];
      return lower !== undefined && higher !== undefined && higher < lower - 0.005
        ? [`${axis} ${at}: ${lower} -> ${higher}`]
        : [];
    }),
  );
  expect(falls).toEqual([]);
});

test('every plan synthesises, and nothing in it outgrows what it depends on', { timeout: 900_000 }, () => {
  const distinct = new Map(
    [...ANSWERS.values()].flatMap(({ best }) => (best ? [[JSON.stringify(best.choice), best] as const] : [])),
  );
  expect(distinct.size).toBeGreaterThan(20);
  for (const { choice } of distinct.values()) {
    const { templates } = synthesise({ context: { env: 'dev', ...choice }, ...PLACE });
    expect(asymmetriesOf(templates), JSON.stringify(choice)).toEqual([]);
  }
});
