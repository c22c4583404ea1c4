import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { billOf, isCovered } from '../../lib/cost/bill';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { synthesise } from '../cdk-context';
import { VARIANTS } from '../variants';
import { BOOK } from './book';

/** Reasons for which a part of an own template has no price; each is told by the bill. */
const KNOWN = [
  /^no price of tests of a restore was found$/,
  /^no price of the capacity of Aurora Limitless was found$/,
  /^there is no price docdb\.db\.t4g\.medium for us-east-1/,
  /^there is no price neptune\.backup for us-east-1/,
  /^copies to another region are billed at its prices$/,
];

describe.each(VARIANTS.map((variant) => [variant.name, variant] as const))('%s', (_, { context }) => {
  const { env = '', phase, ...overrides } = context;

  test('has no type that the bill does not cover, and nothing without a price but what is known', () => {
    const templates = synthesise(env, Number(phase) as PhaseNumber, overrides);
    const types = Object.values(templates).flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type));
    expect([...new Set(types)].filter((type) => !isCovered(type))).toEqual([]);
    const { traffic } = readConfiguration({ context, directory: CONFIGURATION_DIRECTORY });
    const { notPriced, total } = billOf(templates, traffic, BOOK);
    expect(notPriced.filter(({ why }) => !KNOWN.some((known) => known.test(why)))).toEqual([]);
    expect(total).toBeGreaterThan(30);
  });
});
