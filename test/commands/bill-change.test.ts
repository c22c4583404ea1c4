import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { diff } from '../../lib/commands/diff';
import { billChange } from '../../lib/commands/diff/bill-change';
import type { Side } from '../../lib/commands/diff/side';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { synthesise } from '../cdk-context';
import { ASKED, folderSide } from './diff-folders';

const GATEWAY = { Type: 'AWS::EC2::NatGateway' };
const UNKNOWN = { Type: 'AWS::Kendra::Index' };

const side = (Resources: Side['templates'][string]['Resources'], more: Partial<Side> = {}): Side => ({
  title: 'a folder',
  templates: { stack: { Resources } },
  ...more,
});

const said = (before: Side, after: Side, directory = CONFIGURATION_DIRECTORY): Promise<string | undefined> =>
  billChange({ before, after, environment: 'dev', directory });

describe('the change of the bill', () => {
  test.each([
    ['from nothing', side({}), side({ a: GATEWAY }), 'Bill at list prices: $0 -> $33 a month (+$33)'],
    [
      'upwards',
      side({ a: GATEWAY }),
      side({ a: GATEWAY, b: GATEWAY }),
      'Bill at list prices: $33 -> $66 a month (+$33, +100 %)',
    ],
    [
      'downwards',
      side({ a: GATEWAY, b: GATEWAY }),
      side({ a: GATEWAY }),
      'Bill at list prices: $66 -> $33 a month (-$33, -50 %)',
    ],
    [
      'by what has no price',
      side({ a: GATEWAY }),
      side({ a: GATEWAY, b: UNKNOWN }),
      'Bill at list prices: $33 -> $33 a month (+$0, +0 %), 1 not priced',
    ],
  ])('%s', async (_, before, after, line) => {
    expect(await said(before, after)).toBe(line);
  });

  test('of nothing is not told', async () => {
    expect(await said(side({ a: GATEWAY }), side({ other: GATEWAY, vpc: { Type: 'AWS::EC2::VPC' } }))).toBeUndefined();
  });

  test('is not known in a region without prices, and not told where nothing changes', async () => {
    const there = { region: 'eu-west-1', traffic: (await import('../../lib/config/defaults')).DEFAULTS.traffic };
    const [before, after] = [side({}, there), side({ a: GATEWAY }, there)];
    expect(await said(before, after)).toBe('The bill is not known: there are no prices of eu-west-1.');
    expect(await said(after, after)).toBeUndefined();
  });

  test('of folders does not fail for a configuration that is not sound', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bill-change-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, 'dev.json'), '{ "traffic": { "users": -1 } }');
    expect(await said(side({}), side({ a: GATEWAY }), directory)).toBe('Bill at list prices: $0 -> $33 a month (+$33)');
  });
});

describe('a diff', () => {
  test('ends with it, in one line that a terminal shows whole', async () => {
    const root = mkdtempSync(join(tmpdir(), 'bill-change-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const [before, after] = ([4, 6] as const).map((phase) => folderSide(root, `${phase}`, synthesise('prod', phase)));
    if (before === undefined || after === undefined) throw new Error('there are two sides');
    const [text, markdown] = await Promise.all(
      (['text', 'markdown'] as const).map((format) => diff({ ...ASKED, before, after, format })),
    );
    const last = text?.output.trimEnd().split('\n').at(-1) ?? '';
    expect(last).toMatch(
      /^Bill at list prices: \$2,\d{3} -> \$6,\d{3} a month \(\+\$3,\d{3}, \+1\d\d %\), 1 not priced$/,
    );
    expect(last.length).toBeLessThanOrEqual(80);
    expect(markdown?.output.trimEnd().split('\n').at(-1)).toBe(last);
  });
});
