import { expect, test } from 'vitest';
import type { Catalogue } from '../../lib/capacity/size/catalogue';
import type { Prices } from '../../lib/capacity/size/prices';
import { sizesFor } from '../../lib/capacity/size/search';
import { instanceType } from '../../lib/facts/instance-type';
import { wantedFor } from './workloads';

const SMALL = instanceType('c7i.xlarge');
const LARGE = instanceType('c7i.2xlarge');
const REST = {
  databaseLadders: [['db.t4g.medium']],
  cacheLadders: [['cache.t4g.small']],
  mostReplicas: 0,
} as const satisfies Omit<Catalogue, 'nodeTypes'>;

/** The box that is found when both cost as much as is said. */
function boxOf(nodeTypes: Catalogue['nodeTypes'], usdOfSmall: number, usdOfLarge: number): unknown {
  // Connections give way first, of which the larger type takes twice as many.
  const wanted = wantedFor('dev', { 'traffic.connections': 50_000 }, { catalogue: { ...REST, nodeTypes } });
  const prices: Prices = {
    ...wanted.prices,
    node: () => 100,
    of: ({ box }) => ({ usd: box?.instanceType === SMALL ? usdOfSmall : usdOfLarge, notPriced: 0 }),
  };
  const plan = sizesFor({ ...wanted, prices }).plans.find(({ phase }) => phase === 0);
  return plan?.choice['box.instanceType'];
}

test.each([
  ['one order', [SMALL, LARGE]],
  ['the other', [LARGE, SMALL]],
])('of two sizes whose bills are the same to a cent, the one with more headroom is found, in %s', (_, nodeTypes) => {
  expect(boxOf(nodeTypes, 100, 100)).toBe(LARGE.name);
  expect(boxOf(nodeTypes, 100, 100.004)).toBe(LARGE.name);
});

test('a cent decides before headroom does', () => {
  expect(boxOf([LARGE, SMALL], 100, 100.01)).toBe(SMALL.name);
});

test('a bill that lacks a price is not cheaper than one that lacks none', () => {
  const wanted = wantedFor('dev', {}, { catalogue: { ...REST, nodeTypes: [SMALL, LARGE] } });
  const prices: Prices = {
    ...wanted.prices,
    node: () => 100,
    of: ({ box }) => (box?.instanceType === SMALL ? { usd: 10, notPriced: 1 } : { usd: 100, notPriced: 0 }),
  };
  const { plans } = sizesFor({ ...wanted, prices });
  expect(plans.find(({ phase }) => phase === 0)?.choice['box.instanceType']).toBe(LARGE.name);
});

test('phases are ranked by dollars, and say what they lack', () => {
  const wanted = wantedFor('dev', {}, { catalogue: { ...REST, nodeTypes: [LARGE] } });
  const prices: Prices = {
    ...wanted.prices,
    of: ({ box }) => (box === undefined ? { usd: 50, notPriced: 1 } : { usd: 100, notPriced: 0 }),
  };
  const [first, ...others] = sizesFor({ ...wanted, prices }).plans;
  expect(first).toMatchObject({ usd: 50, notPriced: 1 });
  expect(others.at(-1)).toMatchObject({ usd: 100, notPriced: 0 });
});

test('of two phases with the same bill, the one with more headroom comes first, and then the smaller', () => {
  const wanted = wantedFor('dev', {}, { catalogue: { ...REST, nodeTypes: [LARGE] } });
  const { plans } = sizesFor({ ...wanted, prices: { ...wanted.prices, of: () => ({ usd: 100, notPriced: 0 }) } });
  const headroom = plans.map(({ bottleneck }) => bottleneck.headroom);
  expect(plans.length).toBeGreaterThan(3);
  expect(headroom).toEqual([...headroom].sort((a, b) => b - a));
  expect(new Set(headroom).size).toBeGreaterThan(1);
});
