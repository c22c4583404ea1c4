import { describe, expect, test } from 'vitest';
import { charts } from '../../lib/commands/charts';
import { withoutParts } from '../../lib/commands/cost/in-words';
import { wholeDollars } from '../../lib/commands/cost/money';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { billOf } from '../../lib/cost/bill';
import { outlineOf } from '../../lib/cost/outline/outline';
import { built, configured } from '../capacity/environment';
import { BOOK } from '../cost/book';

const drawn = (settings: Readonly<Record<string, string>> = {}, environment = 'prod'): string[] =>
  charts({ environment, settings, width: 100, directory: CONFIGURATION_DIRECTORY }).split('\n');

describe('the charts of every phase', () => {
  test('have a bar of each bill, the longest for the dearest', () => {
    const lines = drawn().slice(1, 8);
    const lengths = lines.map((line) => [...line].filter((sign) => sign === '█' || sign === '▒').length);
    expect(Math.max(...lengths)).toBe(lengths[6]);
    lines.forEach((line, phase) => {
      const { total, notPriced } = billOf(outlineOf(built('prod', phase)), configured('prod', phase).traffic, BOOK);
      expect(line.endsWith(`${wholeDollars(total)}${withoutParts(notPriced.length)}`)).toBe(true);
    });
  });

  test('show what is passed beyond its ceiling, and when the others are', () => {
    const [passed = '', ...others] = drawn({ 'box.dataVolumeGiB': '100', 'traffic.writesPerMonth': '3000000' }).slice(
      10,
      17,
    );
    expect(passed).toMatch(/▓{38} +134 % {2}single server storage, now$/);
    for (const line of others) expect(line).toMatch(/% {2}.+, in month \d+$/);
  });

  test('say which bill lacks a price, of that phase alone', () => {
    const lacking = drawn({ 'data.sharding.engine': 'limitless' }, 'dev').filter((line) => line.includes('without'));
    expect(lacking).toEqual([expect.stringMatching(/^ {2}6 extreme data .* without 1 part that has no price$/)]);
    expect(drawn({}, 'dev').join('\n')).not.toContain('without');
  });

  test('have the stores of documents in the bill', () => {
    const bill = (lines: readonly string[]) => Number(/\$([\d,]+)/.exec(lines[7] ?? '')?.[1]?.replace(',', ''));
    const documents = { 'data.documents.enabled': 'true', 'data.documents.class': 'db.r5.large' };
    expect(bill(drawn(documents, 'dev'))).toBeGreaterThan(bill(drawn({}, 'dev')));
  });

  test('name the setting of a region without prices', () => {
    expect(() => drawn({ region: 'eu-west-1' }, 'dev')).toThrow(/region/);
  });
});
