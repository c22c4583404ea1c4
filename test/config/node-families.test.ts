import { expect, test } from 'vitest';
import { problem, read } from './configuration-folder';

test.each(['app', 'web'])('a fixed fleet of one %s node is refused, with the reason', (fleet) => {
  const context = { phase: '2', [`${fleet}.minNodes`]: '1' };
  expect(problem(context)).toContain(
    `${fleet}.minNodes: received 1; allowed: at least 2 from phase 2 on: one node may always be replaced, or lost`,
  );
});

test('one node is no fleet yet, counts as two where it scales, and is nobody where there are none', () => {
  for (const phase of ['1', '4']) expect(read({}, { phase, 'app.minNodes': '1' }).app.minNodes).toBe(1);
  expect(read({}, { phase: '2', 'web.enabled': 'false', 'web.minNodes': '1' }).web.minNodes).toBe(1);
});

test('workers may be few while there is little to do, and not one at their most', () => {
  const one = { phase: '5', 'workers.minNodes': '1', 'workers.maxNodes': '1' };
  expect(problem(one)).toContain('workers.maxNodes: received 1; allowed: at least 2: one node may always');
  expect(read({}, { ...one, phase: '4' }).workers.maxNodes).toBe(1);
  expect(read({}, { ...one, 'workers.minNodes': '0', 'workers.maxNodes': '2' }).workers.minNodes).toBe(0);
});
