import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LOAD_SCRIPT, limiting, type NodeLoad, type NodeSays } from '../../../lib/commands/boundary/node-load';

const node = (id: string, load: Partial<NodeLoad>): NodeSays => ({
  id,
  load: { answer: { cpu: 10, memory: 20, connections: 10, budget: 1_000, ...load } },
});

describe('what gives way first', () => {
  test.each([
    [[node('i-1', {}), node('i-2', { cpu: 97 })], 'CPU of i-2, 97 %'],
    [[node('i-1', { cpu: 91, connections: 990 })], 'connections of i-1, 99 %'],
    [[node('i-1', { memory: 89 })], 'none of a node, the most is 89 % of memory on i-1: the release itself'],
    [[{ id: 'i-1', load: { unknown: 'it is gone' } }], 'not known: no node says'],
    [[], 'not known: no node says'],
  ])('%#', (says, words) => {
    expect(limiting(says)).toContain(words);
  });
});

test('a node tells it in a line of JSON', () => {
  const boot = mkdtempSync(join(tmpdir(), 'beamstalk-node-load-'));
  writeFileSync(join(boot, 'node.conf'), "APP_PORT='4000'\nTLS_PORT='4443'\nCONNECTION_BUDGET='52428'\n");
  // Stands for `ss` where there is none, as in the images of some builds.
  writeFileSync(join(boot, 'ss'), '#!/bin/sh\necho one; echo two\n', { mode: 0o755 });
  const script = LOAD_SCRIPT.replace('boot=/opt/beamstalk/boot', `boot=${boot}; PATH=${boot}:$PATH`);
  const { stdout, stderr } = spawnSync('bash', ['-euc', script], { encoding: 'utf8' });
  rmSync(boot, { recursive: true });
  expect(stderr).toBe('');
  const told = JSON.parse(stdout) as NodeLoad;
  expect(told).toMatchObject({ connections: 2, budget: 52_428 });
  for (const percent of [told.cpu, told.memory]) expect(percent >= 0 && percent <= 100).toBe(true);
});
