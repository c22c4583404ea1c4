import { describe, expect, test } from 'vitest';
import { complaint, problem } from './configuration-folder';

describe('unknown keys', () => {
  test.each([
    ['databse.class', 'databse.class: received "x"; allowed: one of database,', '(did you mean database.class?)'],
    ['databse.clas', 'databse.clas: received "x"; allowed: one of database,', '(did you mean database.class?)'],
    ['databse.zzzzzz', 'databse.zzzzzz: received "x"; allowed: one of database,', '(did you mean database?)'],
    [
      'app.instancetype',
      'app.instancetype: received "x"; allowed: one of instanceType,',
      '(did you mean app.instanceType?)',
    ],
    ['phse', 'phse: received "x"; allowed:', '(did you mean phase?)'],
    ['enviroment', 'enviroment: received "x"; allowed:', '; set it in --context enviroment=...'],
    ['network.cdir', 'network.cdir: received "x"; allowed: one of cidr,', '(did you mean network.cidr?)'],
  ])('%s in context', (key, ...parts) => {
    const line = problem({ [key]: 'x' });
    for (const part of parts) expect(line).toContain(part);
  });

  test('in a file', () => {
    const line = problem({}, { cache: { replica: 2 } });
    expect(line).toContain(
      'cache.replica: received 2; allowed: one of class, replicas, snapshotDays (did you mean cache.replicas?)',
    );
    expect(line).toContain('set it in config/test.json');
  });

  test('unlike any that there is: no guess', () => {
    expect(problem({ zzzzzzzz: 'x' })).not.toContain('did you mean');
    expect(problem({ 'app.zzzzzzzz': 'x' })).not.toContain('did you mean');
  });

  test('several flags under one of them, each by its whole name', () => {
    const [, ...lines] = complaint({}, { 'databse.class': 'x', 'databse.name': 'y' });
    expect(lines.map((line) => line.trim().split(';')[0])).toEqual([
      'databse.class: received "x"',
      'databse.name: received "y"',
    ]);
  });

  test.each([
    '__proto__.x',
    '__proto__',
    'constructor.x',
    'constructor',
    'toString',
    'app.__proto__.port',
    'app.constructor',
    'app.hasOwnProperty',
    '',
    'app.',
  ])('%j, which every object seems to have, in context', (key) => {
    const context = Object.fromEntries([[key, '1']]);
    expect(problem(context)).toContain(`  ${key}: received "1"; allowed: one of `);
  });

  test.each(['{"__proto__": {"phase": 3}}', '{"app": {"__proto__": {"port": 5}}}', '{"constructor": {}}'])(
    '%s in a file',
    (content) => {
      expect(problem({}, content)).toMatch(/^ {2}(app\.)?(__proto__|constructor): received .*; allowed: one of /);
    },
  );

  test('do not reach other objects', () => {
    complaint('{"__proto__": {"polluted": true}}', {
      '__proto__.polluted': '1',
      'constructor.prototype.polluted': '1',
    });
    expect('polluted' in {}).toBe(false);
  });
});
