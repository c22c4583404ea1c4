import { describe, expect, test } from 'vitest';
import { ageInDays, amountOf, PRICE_ROWS, priceBook } from '../../lib/cost/price-book';
import { INSTANCE_TYPE_NAMES } from '../../lib/facts/instance-type';
import { REGIONS } from '../../lib/facts/regions';
import { BOOK } from './book';

const QUANTITIES = [1000, 100_000_000];

describe('the price book', () => {
  // A price that changes shows in this file, whatever bill it is part of: `npx vitest -u` writes it.
  test('prices a little and a lot of everything as it did', async () => {
    const ids = [...PRICE_ROWS.map(({ id }) => id), ...INSTANCE_TYPE_NAMES.map((type) => `ec2.${type}`)];
    const lines = ids.map((id) => {
      const price = BOOK.price(id);
      if (price === undefined) return `${id}: no price`;
      const amounts = QUANTITIES.map((quantity) => `$${Number(amountOf(price, quantity).toPrecision(10))}`);
      return `${id}: ${amounts.join(', ')} for ${QUANTITIES.join(', ')} ${price.unit}; ${price.confidence}, ${price.date}`;
    });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('price-rows.txt');
  });

  test('has each id once in a region, a known region, sources, a confidence and a price that is none below zero', () => {
    const keys = PRICE_ROWS.map(({ id, region }) => `${region} ${id}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const row of PRICE_ROWS) {
      expect(REGIONS).toContain(row.region);
      expect(['high', 'medium', 'low']).toContain(row.confidence);
      expect(row.sources.length, row.id).toBeGreaterThan(0);
      const tiers = row.tiers ?? [{ from: 0, usd: row.usd ?? Number.NaN }];
      expect(tiers[0]?.from).toBe(0);
      for (const { usd } of tiers) expect(usd, row.id).toBeGreaterThan(0);
      expect(tiers.map(({ from }) => from)).toEqual(tiers.map(({ from }) => from).sort((a, b) => a - b));
    }
  });

  test('has a standby at the price of a second instance, and storage in two zones at twice that in one', () => {
    const pairs = PRICE_ROWS.filter(({ id }) => id.endsWith('.multi')).map(
      ({ id, usd }) =>
        [id, usd ?? 0, PRICE_ROWS.find((row) => row.id === id.replace('.multi', '.single'))?.usd ?? 0] as const,
    );
    expect(pairs.length).toBeGreaterThan(15);
    // AWS rounds each price to a tenth of a cent.
    expect(pairs.filter(([, both, single]) => Math.abs(both - 2 * single) > 0.0011)).toEqual([]);
  });

  test('has no book where it has no price', () => {
    expect(priceBook('eu-west-1')).toBeUndefined();
    expect(BOOK.price('ec2.c99.large')).toBeUndefined();
    expect(BOOK.price('vpc.nothing')).toBeUndefined();
  });

  test('counts its age in days from the day on which it was compared', () => {
    const book = priceBook('us-east-1', PRICE_ROWS, '2026-06-01');
    expect(book && ageInDays(book, '2026-06-01')).toBe(0);
    expect(book && ageInDays(book, '2026-11-28')).toBe(180);
    expect(book && ageInDays(book, '2026-05-01')).toBe(0);
  });

  test('bills each part of a quantity at its own price', () => {
    const price = BOOK.price('cloudfront.out');
    expect(price && amountOf(price, 10_240)).toBeCloseTo(10_240 * 0.085, 9);
    expect(price && amountOf(price, 51_200)).toBeCloseTo(10_240 * 0.085 + 40_960 * 0.08, 9);
  });
});
