import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diff } from '../../lib/commands/diff';
import { parseSide, type SideName } from '../../lib/commands/diff/side';
import { ASKED } from '../commands/diff-folders';

const root = join(import.meta.dirname, '..', '..');
const README = readFileSync(join(root, 'README.md'), 'utf8');

/** A block of the README that shows a command and what it prints. */
const SHOWN = /```console\n\$ npm run --silent beamstalk -- diff (?<words>.+)\n[\s\S]*?```/g;

/** Runs the diff that a block shows: `A [B] --env ENV [--set KEY=VALUE]`, as bin/beamstalk.ts reads it. */
async function run(words: string): Promise<{ readonly output: string; readonly exitCode: number }> {
  const parsed =
    /^(?<a>\S+)(?: (?<b>[^-\s]\S*))? --env (?<environment>\S+)(?: --set (?<key>[^=\s]+)=(?<value>\S+))?$/.exec(
      words,
    )?.groups;
  if (parsed === undefined) throw new Error(`The test does not understand: diff ${words}`);
  const { a = '', b = a, environment, key, value = '' } = parsed;
  const side = (text: string): SideName => parseSide(text) ?? { kind: 'configured' };
  const set = key === undefined ? {} : { [key]: value };
  return await diff({ ...ASKED, environment, before: side(a), after: side(b), setAfter: set });
}

test('shows what the command prints for a safe and for a refused diff (vitest -u writes it)', async () => {
  const shown = [...README.matchAll(SHOWN)].map((block) => ({ block: block[0], words: block.groups?.['words'] ?? '' }));
  const codes = new Map<string, number>();
  let written = README;
  for (const { block, words } of shown) {
    const { output, exitCode } = await run(words);
    codes.set(words, exitCode);
    written = written.replace(
      block,
      () => `\`\`\`console\n$ npm run --silent beamstalk -- diff ${words}\n${output.trimEnd()}\n\`\`\``,
    );
  }
  expect([...codes.values()]).toEqual([0, 4]);
  await expect(written).toMatchFileSnapshot(join(root, 'README.md'));
  // Where this file is the first of its worker, it loads the constructs library too.
}, 60_000);

test('tells a newcomer to run what CI runs', () => {
  const [first] = /npm ci && [^']+/.exec(readFileSync(join(root, '.ci', 'run'), 'utf8')) ?? [''];
  expect(first).not.toBe('');
  expect(README).toContain(`\n    ${first}\n`);
  expect(README).toContain('\n    npm ci && npm run phases\n');
});
