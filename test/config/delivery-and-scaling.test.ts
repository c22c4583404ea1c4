import { describe, expect, test } from 'vitest';
import { survivingZoneLoss } from '../../lib/config/zone-loss';
import { complaint, read } from './configuration-folder';

/** The one problem of a context over an empty file. */
function problem(context: Readonly<Record<string, unknown>>): string {
  const [, line, ...rest] = complaint({}, context);
  expect(rest).toEqual([]);
  return line ?? '';
}

const size = (changes: object): string =>
  JSON.stringify([{ name: 'evening', cron: '0 18 * * *', minNodes: 2, ...changes }]);

test.each([1, 2, 3, 4, 5, 7, 12, 333])('of the nodes that survive the loss of a zone, %i are left', (wanted) => {
  const nodes = survivingZoneLoss(wanted);
  const left = (count: number): number => count - Math.ceil(count / 3);
  expect(left(nodes)).toBeGreaterThanOrEqual(wanted);
  expect(left(nodes - 1)).toBeLessThan(wanted);
});

describe('a fleet that cannot hold what survives the loss of a zone is refused from phase 4 on', () => {
  test.each(['app', 'web'])('%s', (fleet) => {
    const context = { [`${fleet}.minNodes`]: '4', [`${fleet}.maxNodes`]: '5' };
    expect(problem({ ...context, phase: '4' })).toContain(
      `${fleet}.maxNodes: received 5; allowed: at least 6: from phase 4 on, ${fleet}.minNodes, which is 4, counts half as many again`,
    );
    expect(read({}, { ...context, phase: '3' })[fleet as 'app'].maxNodes).toBe(5);
  });

  test('but not a web tier that is not there', () => {
    const context = { 'web.minNodes': '4', 'web.maxNodes': '5', 'web.enabled': 'false', phase: '4' };
    expect(read({}, context).web.enabled).toBe(false);
  });
});

describe('a scheduled size is refused', () => {
  test.each([
    [
      'below the least of the fleet',
      size({ minNodes: 1 }),
      '0.minNodes: received 1',
      'at least app.minNodes, which is 2',
    ],
    ['above its greatest', size({ maxNodes: 5 }), '0.maxNodes: received 5', 'at most app.maxNodes, which is 4'],
    ['without room for what survives', size({ minNodes: 3 }), '0.minNodes: received 3', 'room for 5 nodes below its'],
    [
      'under the name of another',
      `[${size({}).slice(1, -1)},${size({}).slice(1, -1)}]`,
      '1.name: received "evening"',
      'a name of its own, because scaling.schedule.0 has that one',
    ],
  ])('%s', (_case, schedule, received, expected) => {
    const line = problem({ 'scaling.schedule': schedule });
    expect(line).toContain(`scaling.schedule.${received}; allowed: in the size named evening, `);
    expect(line).toContain(expected);
  });

  test.each([
    ['with too few fields', size({ cron: '* *' }), '0.cron: received "* *"', 'it has 5 fields (minute, hour, '],
    ['with a field that is none', size({ cron: 'A 18 * * *' }), '0.cron: received "A 18 * * *"', 'minute goes from 0'],
    ['with the cron of another service', size({ cron: '0 18 ? * 2' }), '0.cron: received', 'day of month goes from 1'],
    ['with no cron', size({ cron: undefined }), '0.cron: allowed', 'a cron expression of five fields'],
    ['in no zone', size({ timeZone: 'Europe/Berln' }), '0.timeZone: received', '(did you mean Europe/Berlin?)'],
    ['with what it does not have', size({ days: 1 }), '0.days: received 1', 'one of name, cron, timeZone, minNodes,'],
    ['with a misspelt key', size({ minNodes: undefined, minNode: 2 }), '0.minNode: received 2', '.minNodes?)'],
    ['that is no size', '["evening"]', '0: received "evening"', 'an object'],
  ])('%s', (_case, schedule, received, expected) => {
    const line = problem({ 'scaling.schedule': schedule });
    expect(line).toContain(`  scaling.schedule.${received}`);
    expect(line).toContain(expected);
  });

  test.each(['0 18 * * MON-FRI', '*/15 6-9,18 1,15 JAN *', '0 0 * * sun', '0  0 * * 7'])('not at %s', (cron) => {
    expect(read({}, { 'scaling.schedule': size({ cron }) }).scaling.schedule[0]?.cron).toBe(cron);
  });

  test('when there are more than a group takes', () => {
    const sizes = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ name: `size-${at}`, cron: '0 18 * * *', minNodes: 2 }));
    expect(problem({ 'scaling.schedule': sizes(101) })).toContain('a list of at most 100 scheduled sizes;');
    expect(read({}, { 'scaling.schedule': sizes(100) }).scaling.schedule).toHaveLength(100);
  });

  test('only when it is wrong', () => {
    expect(read({}, { 'scaling.schedule': size({ maxNodes: 4 }) }).scaling.schedule[0]?.timeZone).toBe('Etc/UTC');
  });
});

describe('delivery', () => {
  const git = {
    'delivery.source': 'git',
    'delivery.connectionArn':
      'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef',
    'delivery.repository': 'example/app',
  };

  test.each(['delivery.connectionArn', 'delivery.repository'] as const)('from Git needs %s', (key) => {
    const { [key]: _, ...context } = git;
    expect(problem(context)).toMatch(new RegExp(`${key}: allowed: .*, because delivery.source is git`));
    expect(read({}, git).delivery.source).toBe('git');
  });

  test.each([
    ['an image for which there is no agent', { 'node.image': 'debian-13' }, 'AWS makes no CodeDeploy agent'],
    ['no way out for the agent', { 'network.egress': 'none' }, 'the CodeDeploy agent has no way out'],
  ])('into running nodes is refused with %s', (_case, context, because) => {
    for (const mode of ['rolling', 'hot']) {
      // Others have something to say of the same choice.
      const lines = complaint({}, { ...context, phase: '4', 'delivery.mode': mode });
      const line = lines.find((text) => text.includes('delivery.'));
      expect(line).toContain(`delivery.mode: received "${mode}"; allowed: blue-green, because `);
      expect(line).toContain(because);
    }
    const lines = complaint({}, { ...context, phase: '4', 'delivery.mode': 'blue-green', 'web.maxNodes': '1' });
    expect(lines.filter((text) => text.includes('delivery.'))).toEqual([]);
    expect(read({}, { ...context, phase: '3' }).phase).toBe(3);
  });
});
