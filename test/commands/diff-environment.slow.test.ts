import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diff } from '../../lib/commands/diff';
import type { SideName } from '../../lib/commands/diff/side';
import { synthesise } from '../cdk-context';
import { ASKED, folderSide } from './diff-folders';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'diff-environment-'));
  for (const environment of ['prod', 'staging'] as const) {
    folderSide(root, environment, synthesise(environment, 0));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = (name: string): SideName => ({ kind: 'directory', path: join(root, name) });

describe('nobody is asked for an environment that a folder says', () => {
  const others: readonly SideName[] = [{ kind: 'phase', phase: 0 }, { kind: 'configured' }];

  test.each(
    others.flatMap((other) => [
      { other, first: true },
      { other, first: false },
    ]),
  )('beside $other.kind, folder first: $first', async ({ other, first }) => {
    const sides = first ? { before: folder('prod'), after: other } : { before: other, after: folder('prod') };
    const { output, exitCode } = await diff({ ...ASKED, ...sides });
    expect(output).toMatch(/^prod:\s/);
    expect(output).toContain('  No resource changes.');
    expect(exitCode).toBe(0);
  });

  test('two folders of two environments are a slip all the same', async () => {
    await expect(diff({ ...ASKED, before: folder('prod'), after: folder('staging') })).rejects.toThrow(
      'env: received "staging"; allowed: prod, of which the other side is',
    );
  });

  test('and so is another environment that somebody asks for', async () => {
    const sides = { before: folder('prod'), after: { kind: 'phase', phase: 0 } } as const;
    await expect(diff({ ...ASKED, ...sides, environment: 'dev' })).rejects.toThrow(
      'env: received "dev"; allowed: prod',
    );
  });

  test('without a folder it is dev', async () => {
    const sides = { before: { kind: 'phase', phase: 0 }, after: { kind: 'phase', phase: 0 } } as const;
    expect((await diff({ ...ASKED, ...sides })).output).toMatch(/^dev: /);
  });
});

describe('what is configured has a phase that somebody wrote down', () => {
  const directory = (): string => {
    const place = mkdtempSync(join(root, 'config-'));
    writeFileSync(join(place, 'test.json'), '{ "logDays": 30 }');
    writeFileSync(join(place, 'at-two.json'), '{ "phase": 2 }');
    return place;
  };

  test.each([
    [{ kind: 'configured' }, { kind: 'phase', phase: 3 }],
    [{ kind: 'phase', phase: 3 }, { kind: 'configured' }],
  ] as const)('%j beside %j', async (before, after) => {
    await expect(diff({ ...ASKED, before, after, environment: 'test', directory: directory() })).rejects.toThrow(
      /^1 error in config\/test\.json\n {2}phase: allowed: an integer from 0 to 6: how far the environment has grown; set it in config\/test\.json or by A or B, such as 2$/,
    );
  });

  test('what is asked for by its number needs none', async () => {
    const sides = { before: { kind: 'phase', phase: 0 }, after: { kind: 'phase', phase: 0 } } as const;
    expect((await diff({ ...ASKED, ...sides, environment: 'test', directory: directory() })).exitCode).toBe(0);
  });

  test('and is taken by it', async () => {
    const sides = { before: { kind: 'configured' }, after: { kind: 'phase', phase: 2 } } as const;
    const { output } = await diff({ ...ASKED, ...sides, environment: 'at-two', directory: directory() });
    expect(output).toMatch(/^at-two: phase 2 -> phase 2\n/);
  });
});
