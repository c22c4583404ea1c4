import { describe, expect, test } from 'vitest';
import { instanceType } from '../../lib/facts/instance-type';
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

describe('app nodes close together', () => {
  const cluster = { 'app.placement': 'cluster', 'app.instanceType': 'c7i.large' };

  test.each(['t3.medium', 't3.2xlarge', 't4g.large'])(
    'are refused as %s, which EC2 places in no such group',
    (type) => {
      const family = type.split('.')[0];
      const said = problem({
        ...cluster,
        phase: '2',
        'app.instanceType': type,
        'release.architecture': instanceType(type).architecture,
      });
      expect(said).toContain(
        `app.placement: received "cluster"; allowed: zones, because app.instanceType is ${type}, and EC2 places no ${family} in a cluster placement group; set it in `,
      );
    },
  );

  test('are taken as others, and wherever there is no fleet yet', () => {
    expect(read({}, { ...cluster, phase: '2' }).app.placement).toBe('cluster');
    for (const phase of ['0', '1']) {
      expect(read({}, { ...cluster, phase, 'app.instanceType': 't3.medium' }).app.placement).toBe('cluster');
    }
    expect(read({}, { phase: '2' }).app.placement).toBe('zones');
  });

  test('are named by a word that there is', () => {
    expect(problem({ phase: '2', 'app.placement': 'spread' })).toContain(
      'app.placement: received "spread"; allowed: one of zones, cluster; set it in ',
    );
  });

  test('have half as many again in reserve, for another reason than a zone', () => {
    const few = { phase: '4', 'app.minNodes': '4', 'app.maxNodes': '5', 'web.enabled': 'false' };
    expect(problem(few)).toContain('half as many again, so that as many are left when one of three zones is lost');
    expect(problem({ ...few, ...cluster })).toContain(
      'half as many again, so that as many are left while a lost one finds no room in its placement group',
    );
    const proxies = { ...cluster, phase: '4', 'web.minNodes': '4', 'web.maxNodes': '5' };
    expect(problem(proxies)).toContain('when one of three zones is lost');
  });
});
