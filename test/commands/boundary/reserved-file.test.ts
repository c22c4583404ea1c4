import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { reserved } from '../../../lib/commands/boundary/reserved-file';
import { runCommandLine } from '../command-line';

const folder = mkdtempSync(join(tmpdir(), 'beamstalk-reserved-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what was made here goes when nothing is written to it, and stays otherwise', () => {
  const [left, written] = ['left', 'written'].map((name) => join(folder, name)) as [string, string];
  const [forget, keep] = [reserved(left), reserved(written)];
  expect(existsSync(left)).toBe(true);
  writeFileSync(written, '{}');
  for (const release of [forget, keep, forget]) release();
  expect([existsSync(left), readFileSync(written, 'utf8')]).toEqual([false, '{}']);
});

test('what was there stays, empty or not, and so does what came into its place', () => {
  const [empty, full, other] = ['empty', 'full', 'other'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(empty, '');
  writeFileSync(full, 'mine');
  const releases = [empty, full, other].map(reserved);
  // Made while the first is there, so that it has a number of its own.
  writeFileSync(`${other}.new`, '');
  rmSync(other);
  symlinkSync(`${other}.new`, other);
  for (const release of releases) release();
  expect([readFileSync(empty, 'utf8'), readFileSync(full, 'utf8'), existsSync(`${other}.new`)]).toEqual([
    '',
    'mine',
    true,
  ]);
});

test('a link that leads nowhere is there, and its file is not', () => {
  const [link, target] = [join(folder, 'link'), join(folder, 'target')];
  symlinkSync(target, link);
  reserved(link)();
  expect(existsSync(target)).toBe(false);
  writeFileSync(target, 'here');
  expect(readFileSync(link, 'utf8')).toBe('here');
});

test('a load test that is not found leaves no file, and one that was there as it was', () => {
  const [made, there] = [join(folder, 'made.json'), join(folder, 'there.json')];
  writeFileSync(there, '');
  for (const file of [made, there]) {
    const { status } = runCommandLine(['boundary', '--url', 'http://x.example/', '--write', file]);
    expect(status).toBe(1);
  }
  expect([existsSync(made), existsSync(there)]).toEqual([false, true]);
});

test('users are whole, milliseconds and seconds need not be', () => {
  const of = (...words: string[]) => runCommandLine(['boundary', '--url', 'http://x.example/', ...words]);
  const { status, stderr } = of('--most', '100.5');
  expect({ status, stderr }).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("'100.5' is invalid. Write a whole number from 16 to 15000."),
  });
  // Past the options, AWS does not answer.
  expect(of('--most', '100', '--p99', '99.5', '--failures', '0.5', '--seconds', '1.5').status).toBe(1);
});
