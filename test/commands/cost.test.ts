import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CostProps, type CostSide, cost } from '../../lib/commands/cost';
import type { CostReport } from '../../lib/commands/cost/report';
import type { SideName } from '../../lib/commands/diff/side';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import type { Templates } from '../../lib/template/template';
import { synthesise } from '../cdk-context';
import { folderSide } from './diff-folders';

const TODAY = '2026-11-30';
const place = { directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON };

const side = (name: SideName, settings: CostSide['settings'] = {}): CostSide => ({ name, settings, flag: '--set' });

let root: string;
let folders = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cost-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folderOf = (templates: Templates): SideName => folderSide(root, String(folders++), templates);

const phase = (environment: string, number: 0 | 2 | 3): SideName => folderOf(synthesise(environment, number));

async function reportOf(props: Omit<CostProps, 'format' | 'today' | 'directory' | 'cdkJson'>): Promise<CostReport> {
  return JSON.parse(await cost({ ...props, format: 'json', today: TODAY, ...place })) as CostReport;
}

describe('the report of one architecture', () => {
  let report: CostReport;
  beforeAll(async () => {
    report = await reportOf({ after: side(phase('prod', 3)) });
  });

  test('says whose it is, where, and how old the prices are', () => {
    expect(report).toMatchObject({ version: 1, environment: 'prod', region: 'us-east-1' });
    expect(report.prices).toEqual({ checked: '2026-11-20', ageDays: 10, old: false });
  });

  test('adds up: lines, tiers, fixed and usage', () => {
    const { total, fixed, usage, tiers, lines } = report.after;
    const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
    expect(fixed + usage).toBeCloseTo(total, 1);
    expect(Math.abs(sum(tiers.map((one) => one.fixed + one.usage)) - total)).toBeLessThan(0.1);
    expect(Math.abs(sum(lines.map(({ usd }) => usd)) - total)).toBeLessThan(0.01 * lines.length);
  });

  test('reckons by the traffic of its environment, and by unit of it', () => {
    const { traffic, total, perMillionRequests, perThousandConnections } = report.after;
    expect(traffic.requestsPerMonth).toBe(100_000_000);
    expect(perMillionRequests).toBeCloseTo(total / 100, 1);
    expect(perThousandConnections).toBeCloseTo(total / 10, 1);
  });

  test('names the five dearest, each with what would make it cheaper', () => {
    const { dearest } = report.after;
    expect(dearest).toHaveLength(5);
    expect(dearest.map(({ usd }) => usd)).toEqual(dearest.map(({ usd }) => usd).sort((a, b) => b - a));
    for (const { cheaper } of dearest) expect(cheaper.length).toBeGreaterThan(10);
  });
});

describe('the difference of two architectures', () => {
  test('is told by tier, and adds up to that of the totals', async () => {
    const { before, after, change } = await reportOf({ before: side(phase('dev', 2)), after: side(phase('dev', 3)) });
    expect(change?.total).toBeCloseTo((after.total ?? 0) - (before?.total ?? 0), 1);
    const changes = (change?.tiers ?? []).map((one) => one.after - one.before);
    expect(Math.abs(changes.reduce((sum, one) => sum + one, 0) - (change?.total ?? 0))).toBeLessThan(0.1);
    expect(change?.tiers.find(({ tier }) => tier === 'cache')).toMatchObject({ before: 0 });
  });

  test('of two environments is refused', async () => {
    const both = { before: side(phase('dev', 2)), after: side(phase('prod', 2)) };
    await expect(reportOf(both)).rejects.toThrow(/env: received "prod"; allowed: dev, of which the other side is/);
  });

  test('is drawn as text and as a comment', async () => {
    const both = { before: side(phase('dev', 2)), after: side(phase('dev', 3)), today: TODAY, ...place };
    const text = await cost({ ...both, format: 'text' });
    expect(text.replaceAll('\n', ' ')).toMatch(
      /^dev: .* -> .*: \$225\.\d\d -> \$362\.\d\d a month \(\+\$137, \+61 %\)/,
    );
    expect(text.replaceAll('\n', ' ')).toMatch(/ {3}cache +\$0\.00 +\$37\.\d\d +\$37\.\d\d/);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const markdown = await cost({ ...both, format: 'markdown' });
    expect(markdown).toMatch(/^### dev: /);
    expect(markdown).toMatch(/^\| cache \| \$0\.00 \| \$37\.\d\d \| \$37\.\d\d \|$/m);
  });
});

describe('a folder of somebody else', () => {
  const Resources = {
    Search: { Type: 'AWS::Kendra::Index' },
    Gateway: { Type: 'AWS::EC2::NatGateway' },
  };

  test('is billed by the traffic that is said, and lists what it does not know', async () => {
    const { after } = await reportOf({ after: side(folderOf({ theirs: { Resources } }), { 'traffic.users': '7' }) });
    expect(after.total).toBe(32.85);
    expect(after.traffic.users).toBe(7);
    expect(after.notPriced.map(({ type }) => type)).toEqual(['AWS::Kendra::Index']);
    const shown = await cost({
      after: side(folderOf({ theirs: { Resources } })),
      format: 'text',
      today: TODAY,
      ...place,
    });
    expect(shown).toContain('1 part is not');
    expect(shown).toContain('theirs/Search (AWS::Kendra::Index): no price and no rule covers this type');
  });

  test('is one that costs nothing, where nothing in it has a price', async () => {
    const vpc = { theirs: { Resources: { Vpc: { Type: 'AWS::EC2::VPC' } } } };
    expect(await cost({ after: side(folderOf(vpc)), format: 'text', today: TODAY, ...place })).toContain(
      'Nothing in it has a price.',
    );
  });
});

describe('what cannot be billed is one message', () => {
  test('a region without prices', async () => {
    const settings = { region: 'eu-west-1', 'network.availabilityZones': 'eu-west-1a,eu-west-1b,eu-west-1c' };
    const after = side({ kind: 'phase', phase: 0 }, settings);
    await expect(reportOf({ environment: 'dev', after })).rejects.toThrow(
      'region: received "eu-west-1"; allowed: a region with prices: us-east-1; set it in --set region=..., or `npm run prices -- --region eu-west-1`',
    );
  });

  test('traffic below zero, with its flag', async () => {
    const after = side({ kind: 'phase', phase: 0 }, { 'traffic.connections': '-5' });
    await expect(reportOf({ environment: 'dev', after })).rejects.toThrow(
      'traffic.connections: received -5; allowed: an integer from 0 to 100000000; set it in --set traffic.connections=...',
    );
  });

  test('traffic below zero of a folder', async () => {
    const after = side(phase('dev', 0), { 'traffic.connections': '-5' });
    await expect(reportOf({ after })).rejects.toThrow(/traffic\.connections: received -5;.* --set traffic/);
  });

  test('a folder without a template', async () => {
    await expect(reportOf({ after: side(folderOf({})) })).rejects.toThrow(/template/);
  });
});

test('prices that are old are said to be', async () => {
  const after = side(phase('dev', 0));
  const [fresh, old] = await Promise.all(
    ['2027-05-19', '2027-05-20'].map((today) => cost({ after, format: 'text', today, ...place })),
  );
  expect(fresh).not.toContain('they are old');
  expect(old?.replaceAll(/\s+/g, ' ')).toContain('181 days ago: they are old, `npm run prices` reads new ones');
});
