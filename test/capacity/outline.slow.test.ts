import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { architectureOf } from '../../lib/architecture/phases';
import { COEFFICIENTS } from '../../lib/capacity/coefficients';
import { ASSUMED } from '../../lib/cost/assumptions';
import { type Bill, billOf } from '../../lib/cost/bill';
import { outlineOf } from '../../lib/cost/outline/outline';
import { type PriceBook, priceBook } from '../../lib/cost/price-book';
import { synthesise } from '../../lib/synthesis';
import { ENVIRONMENTS, WITH_DOMAIN } from '../variants';

const root = join(import.meta.dirname, '..', '..');

function book(): PriceBook {
  const found = priceBook('us-east-1');
  if (found === undefined) throw new Error('no prices');
  return found;
}

/** Quantities by price: the same lines may be split otherwise. */
function quantities({ lines }: Bill): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { price, kind, quantity } of lines)
    sums[`${price.id} ${kind}`] = (sums[`${price.id} ${kind}`] ?? 0) + quantity;
  return Object.fromEntries(Object.entries(sums).map(([id, sum]) => [id, Number(sum.toPrecision(9))]));
}

/** Reasons for which parts are not in a bill. */
function lacking({ notPriced }: Bill): string[] {
  return notPriced.map(({ type, why }) => `${type}: ${why}`).sort();
}

const phases = [0, 1, 2, 3, 4, 5, 6];
const ALL: readonly (readonly [string, number, Readonly<Record<string, string>>])[] = [
  ...ENVIRONMENTS.flatMap((env) => phases.map((phase) => [env, phase, {}] as const)),
  ['dev', 2, { ingress: 'sockets' }],
  ['prod', 4, { ingress: 'sockets' }],
  ['prod', 5, { ingress: 'sockets', 'web.enabled': 'false' }],
  ['dev', 4, { 'web.enabled': 'false' }],
  ['dev', 4, WITH_DOMAIN],
  ['dev', 3, { 'database.replicas': '3', 'database.storageGiB': '400', 'database.maxStorageGiB': '1000' }],
  ['dev', 4, { 'database.replicas': '0', 'database.class': 'db.r7g.large' }],
  ['dev', 4, { 'cache.class': 'cache.r7g.large', 'cache.replicas': '2' }],
  ['dev', 4, { 'app.minNodes': '20', 'app.maxNodes': '40', 'app.instanceType': 'c7i.xlarge' }],
  ['dev', 4, { 'network.egress': 'gateway', 'network.natGateways': '2' }],
  ['dev', 4, { 'delivery.mode': 'blue-green' }],
  ['dev', 4, { 'delivery.source': 'none', 'operations.goldenImages': 'none' }],
  ['dev', 4, { 'scaling.warmNodes': '2' }],
  ['dev', 5, { queues: '{"mail":null}' }],
  ['dev', 5, { queues: '{"more":{},"short":{"worker":"lambda"}}', 'workers.instanceType': 'c7i.large' }],
  ['dev', 6, { 'data.functions': '{"forum":null}', 'data.functions.users.replicas': '2' }],
  ['prod', 6, { 'data.sharding.engine': 'none' }],
  ['dev', 6, { 'data.sharding.clusters': '20', 'data.sharding.maxCapacity': '64' }],
  ['prod', 6, { 'data.warehouse.enabled': 'false' }],
  ['prod', 6, { 'data.sharding.engine': 'dsql' }],
  ['prod', 6, { 'data.sharding.engine': 'limitless' }],
  ['prod', 6, { 'data.documents.enabled': 'true', 'data.documents.class': 'db.r5.large' }],
  ['prod', 6, { 'data.graph.enabled': 'true', 'data.wideColumns.enabled': 'true' }],
];

describe('the outline of an architecture', () => {
  test.each(ALL)('bills to what the templates of %s at phase %i do: %j', (env, phase, settings) => {
    const place = { directory: join(root, 'config'), cdkJson: join(root, 'cdk.json') };
    const { configuration, templates } = synthesise({ context: { env, phase, ...settings }, ...place });
    const { traffic } = configuration;
    const outline = billOf(outlineOf(architectureOf(configuration)), traffic, book());
    const bill = billOf(templates, traffic, book());
    expect(quantities(outline)).toEqual(quantities(bill));
    expect(lacking(outline)).toEqual(lacking(bill));
    expect(outline.notes.map(({ note }) => note).sort()).toEqual(bill.notes.map(({ note }) => note).sort());
  });
});

test('bill and capacity reckon with the same rows', () => {
  expect(COEFFICIENTS.storedOverWritten.value).toBe(ASSUMED.storedOverWritten);
  expect(COEFFICIENTS.iopsPerWrite.value).toBe(ASSUMED.ioPerWrite);
});
