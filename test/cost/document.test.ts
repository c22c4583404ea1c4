import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { ASSUMED } from '../../lib/cost/assumptions';
import { type Bill, billOf } from '../../lib/cost/bill';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { synthesise } from '../cdk-context';
import { BOOK } from './book';
import { NO_TRAFFIC } from './traffic';
import { templatesOf, WORKED_EXAMPLES } from './worked-examples';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'cost.md'), 'utf8');

/** Value of products, quotients and their sum, as the page writes them: `2 x 730 / 24 + 5`. */
function reckoned(expression: string): number {
  return expression.split(' + ').reduce((sum, product) => {
    const [first = '', ...rest] = product.split(' ');
    let value = Number(first);
    for (let at = 0; at < rest.length; at += 2) {
      value = rest[at] === 'x' ? value * Number(rest[at + 1]) : value / Number(rest[at + 1]);
    }
    return sum + value;
  }, 0);
}

const cents = (usd: number): string => (Math.round(usd * 100 + 1e-6) / 100).toFixed(2);

describe.each(WORKED_EXAMPLES.map((example, index) => [`${index + 1}. ${example.name}`, example] as const))(
  'worked example %s',
  (heading, example) => {
    const [, section = ''] = PAGE.split(`### ${heading}\n`);
    const lines = [...(section.split('\n### ')[0] ?? '').matchAll(/^ {4}(.+?) {2,}(.*?) ?= ([\d.]+)$/gm)].map(
      ([, what = '', expression = '', value = '']) => ({ what, expression, value }),
    );
    const items = lines.filter(({ what }) => what !== 'total');

    test('is reckoned right on the page', () => {
      expect(items.length).toBeGreaterThan(1);
      expect(items.map(({ expression }) => cents(reckoned(expression)))).toEqual(items.map(({ value }) => value));
      const total = items.reduce((sum, { expression }) => sum + reckoned(expression), 0);
      expect(lines.at(-1)).toEqual({ what: 'total', expression: '', value: cents(total) });
    });

    test('is the bill of its template, to the cent, and all of it is priced', () => {
      const bill = billOf(templatesOf(example), { ...NO_TRAFFIC, ...example.traffic }, BOOK);
      expect(cents(bill.total)).toBe(lines.at(-1)?.value);
      expect(bill.notPriced).toEqual([]);
    });
  },
);

test('every assumption is on the page with its value, and no other', () => {
  const rows = [...PAGE.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, key, value = '']) => [key, reckoned(value)]);
  expect(Object.fromEntries(rows)).toEqual(ASSUMED);
});

describe('the reckoning by hand', () => {
  const bill = (environment: string, phase: PhaseNumber): Bill => {
    const { traffic } = readConfiguration({ context: { env: environment }, directory: CONFIGURATION_DIRECTORY });
    return billOf(synthesise(environment, phase), traffic, BOOK);
  };
  const rows = [
    ...PAGE.matchAll(/^\| (\w+) (\d) \| \$([\d,]+) \| \$([\d,.]+) \| \$([\d,.]+) \| \$([\d,.]+) \| (.*) \|$/gm),
  ];

  test('has a row for each of the four', () => {
    expect(rows.map(([, environment, phase, byHand]) => `${environment} ${phase} ${byHand}`)).toEqual([
      'dev 0 40',
      'prod 2 1,200',
      'prod 4 2,480',
      'prod 6 6,100',
    ]);
  });

  test.each(
    rows.map(([, environment = '', phase, hand = '', fixed, usage, total, why]) => ({
      environment,
      phase: Number(phase) as PhaseNumber,
      hand: Number(hand.replace(',', '')),
      said: [fixed, usage, total].map((text = '') => text.replace(',', '')),
      why,
    })),
  )(
    '$environment at phase $phase is as the page says, and a difference of more than a tenth is explained',
    ({ environment, phase, hand, said, why }) => {
      const { fixed, usage, total } = bill(environment, phase);
      expect([fixed, usage, total].map(cents)).toEqual(said);
      if (Math.abs(total / hand - 1) > 0.1) expect((why ?? '').length).toBeGreaterThan(30);
      // What was reckoned by hand is the fixed part: a total that agrees by chance explains nothing.
      const percent = Math.round((fixed / hand - 1) * 100);
      if (Math.abs(percent) > 10)
        expect(why).toContain(`Fixed is ${Math.abs(percent)} % ${percent < 0 ? 'less' : 'more'}`);
    },
  );
});
