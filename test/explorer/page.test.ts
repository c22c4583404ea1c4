import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ceiling } from '../../lib/capacity/ceiling';
import { inOneLine } from '../../lib/capacity/size/in-one-line';
import { dollars } from '../../lib/commands/cost/money';
import type { CostReport } from '../../lib/commands/cost/report';
import { runCommandLine } from '../commands/command-line';
import { LOOKS, Reader, startBrowser } from './browser';

const file = join(tmpdir(), 'explore-prod.html');
const address = pathToFileURL(file).href;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
beforeAll(async () => {
  run('explore', '--env', 'prod', '--output', file);
  browser = await startBrowser();
}, 600_000);
afterAll(() => browser?.close());

/** Runs the command line as a user has it, and returns what it prints. */
function run(...words: readonly string[]): string {
  const { status, stdout, stderr } = runCommandLine(words);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

interface Sized {
  readonly plans: readonly { readonly phase: number; readonly usd: number; readonly bottleneck: Ceiling }[];
}

/** Figures of the commands, under the settings that the page says it shows. */
function figures(phase: number, settings: Readonly<Record<string, string>>) {
  const common = [
    '--env',
    'prod',
    '--json',
    ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
  ];
  const { after: bill } = JSON.parse(run('cost', String(phase), ...common)) as CostReport;
  const { bottleneck } = JSON.parse(run('capacity', String(phase), ...common)) as { readonly bottleneck: Ceiling };
  const { plans } = JSON.parse(runCommandLine(['size', ...common]).stdout) as Sized;
  return { bill, bottleneck, cheapest: plans[0] };
}

/** Settings of the command that the page offers for its bill. */
function settingsIn(commands: string): Readonly<Record<string, string>> {
  const [line = ''] = commands.split('\n');
  return Object.fromEntries(
    [...line.matchAll(/--set ([^=\s]+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]),
  );
}

describe('the page', () => {
  test('is one file of a megabyte at most, and asks for nothing else', async () => {
    expect(statSync(file).size).toBeLessThanOrEqual(1_000_000);
    const reader = await Reader.open(browser, LOOKS[0], address);
    expect(reader.requests).toEqual([address]);
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });

  test.each([
    { phase: 0, moves: [['writesPerMonth', 'ArrowLeft', 4]] },
    {
      phase: 3,
      moves: [
        ['connections', 'ArrowRight', 11],
        ['cacheHitPercent', 'ArrowLeft', 3],
      ],
    },
    {
      phase: 6,
      moves: [
        ['requestsPerMonth', 'PageUp', 2],
        ['jobsPerMonth', 'End', 1],
        ['readsPerMonth', 'ArrowRight', 8],
      ],
    },
  ] as const)('moved by keyboard says of phase $phase what cost, capacity and size say', async ({ phase, moves }) => {
    const reader = await Reader.open(browser, LOOKS[0], address);
    const before = await reader.text('total');
    await reader.press('phase', 'ArrowRight', phase);
    for (const [slider, key, times] of moves) await reader.press(slider, key, times);
    const settings = settingsIn(await reader.text('command-lines'));
    expect(Object.keys(settings)).toEqual(expect.arrayContaining(moves.map(([slider]) => `traffic.${slider}`)));

    const { bill, bottleneck, cheapest } = figures(phase, settings);
    const total = await reader.text('total');
    expect(total).toBe(dollars(bill.total));
    expect(total).not.toBe(before);
    expect(await reader.text('bottleneck')).toContain(`Gives way first: ${inOneLine(bottleneck)}, `);
    const tiers = await reader.text('tiers');
    for (const { tier, fixed, usage } of bill.tiers)
      expect(tiers).toContain([tier, dollars(fixed), dollars(usage)].join('\t'));
    const answer = await reader.text('answer');
    if (cheapest === undefined) expect(answer).toContain('No size of any phase carries it');
    else {
      expect(answer).toMatch(
        new RegExp(`phase ${cheapest.phase}[^,]*, ${dollars(cheapest.usd).replace('$', '\\$')} a month`),
      );
      expect(answer).toContain(inOneLine(cheapest.bottleneck));
    }
    // Told to who does not see it, too.
    expect(await reader.page.locator('#announcement').textContent()).toContain(`${dollars(bill.total)} a month`);
    expect(await reader.page.locator('#phase').getAttribute('aria-valuetext')).toMatch(new RegExp(`^${phase}, `));
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });

  test('is kept by its address, and set back by its button', async () => {
    const reader = await Reader.open(browser, LOOKS[0], address);
    const expected = await reader.text('total');
    await reader.press('users', 'ArrowRight', 9);
    const [moved, kept] = [await reader.text('total'), reader.page.url()];
    expect(moved).not.toBe(expected);
    const other = await Reader.open(browser, LOOKS[0], kept);
    expect(await other.text('total')).toBe(moved);
    await other.press('reset', 'Enter', 1);
    expect(await other.text('total')).toBe(expected);
    await Promise.all([reader.close(), other.close()]);
  });

  test('saves a chart as a file that stands by itself', async () => {
    const reader = await Reader.open(browser, LOOKS[1], address);
    const [download] = await Promise.all([
      reader.page.waitForEvent('download'),
      reader.page.getByRole('button', { name: 'Save bill of every phase as SVG' }).press('Enter'),
    ]);
    expect(download.suggestedFilename()).toBe('bill-of-every-phase.svg');
    const svg = readFileSync(await download.path(), 'utf8');
    expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toMatch(/\$[\d.]+k/);
    expect(svg).not.toMatch(/(fill|stroke)="(var\(|currentColor)/);
    await reader.close();
  });

  test.each(LOOKS)('has nothing that axe finds, in $name', async (look) => {
    const reader = await Reader.open(browser, look, address);
    await reader.page.evaluate(AXE);
    await reader.page.locator('details > summary').click();
    for (const key of ['Home', 'PageUp', 'End']) {
      await reader.press('phase', key, 1);
      const found = await reader.page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`))",
      );
      expect(found).toEqual([]);
      const wide = await reader.page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(wide).toBeLessThanOrEqual(0);
    }
    await reader.close();
  });
});
