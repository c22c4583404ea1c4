import { describe, expect, test } from 'vitest';
import { LOAD_SCRIPT, limiting, type NodeLoad, type NodeSays } from '../../../lib/commands/boundary/node-load';
import { instanceType } from '../../../lib/facts/instance-type';
import { nodeSize } from '../../../lib/node/size';
import { machine } from '../../node/machine';

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

test.each([
  ['on a box that has not rolled out yet', '1', 2],
  ['on one whose second slot serves', '2', 3],
])('a node tells it in a line of JSON, by the sh of its system: %s', (_, slot, connections) => {
  const node = machine();
  node.write('var/lib/beamstalk/slot', `${slot}\n`);
  node.answer('ss', 'case "$*" in *:4001*) echo one; echo two; echo three ;; *:4000*) echo one; echo two ;; esac');
  node.write(
    'load',
    LOAD_SCRIPT.replace('/opt/beamstalk/boot/', `${node.path('opt/beamstalk/boot')}/`).replace('sleep 2', 'sleep 0.2'),
  );
  node.write('by-sh', 'exec sh "$BEAMSTALK_ROOT/load"\n');
  const { status, output } = node.bash(['by-sh']);
  expect([status, output]).toEqual([0, expect.stringMatching(/^\{.*\}\n$/)]);
  const told = JSON.parse(output) as NodeLoad;
  expect(told).toMatchObject({ connections, budget: nodeSize(instanceType('t3.medium')).connectionBudget });
  for (const percent of [told.cpu, told.memory]) expect(percent >= 0 && percent <= 100).toBe(true);
});
