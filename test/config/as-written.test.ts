import { describe, expect, test } from 'vitest';
import { readJson } from '../../lib/config/json-text';
import { complaint, problem, read } from './configuration-folder';

describe('a key that is said twice', () => {
  test.each([
    ['at the top', '{ "phase": 1,\n"phase": 2 }', 'phase: received 2 times, in lines 1 and 2;'],
    ['below', '{ "app": { "port": 4000, "port": 4000 } }', 'app.port: received 2 times, in line 1;'],
    ['a branch', '{ "app": {},\n\n"app": {} }', 'app: received 2 times, in lines 1 and 3;'],
    ['thrice', '{ "logDays": 1, "logDays": 3,\n"logDays": 5 }', 'logDays: received 3 times, in lines 1 and 2;'],
    ['by another spelling', '{ "app": { "port": 1, "p\\u006frt": 4000 } }', 'app.port: received 2 times'],
    [
      'in a list',
      '{ "scaling": { "schedule": [{ "name": "a", "name": "b" }] } }',
      'scaling.schedule.0.name: received 2 times',
    ],
    ['by another name for itself', '{ "__proto__": 1, "__proto__": 2 }', '__proto__: received 2 times'],
  ])('%s', (_where, content, says) => {
    const lines = complaint(content);
    expect(lines[0]).toBe('1 error in config/test.json');
    expect(lines[1]).toContain(says);
    expect(lines[1]).toContain('allowed: each key once; set it in config/test.json');
  });

  test('is told of beside what does not belong into a file', () => {
    expect(complaint('{ "from": 1, "logDays": 1, "logDays": 3 }')[0]).toBe('2 errors in config/test.json');
  });

  test('once in each of two branches is no repetition', () => {
    expect(read('{ "app": { "minNodes": 2 }, "web": { "minNodes": 2 } }').app.minNodes).toBe(2);
  });

  test('by one flag', () => {
    expect(problem({ app: '{"port":5000,"port":5001}' })).toBe(
      '  app.port: received 2 times; allowed: each key once; set it in --context app=...',
    );
  });

  test('by two flags', () => {
    expect(problem({ app: '{"port":5000}', 'app.port': '5001' })).toBe(
      '  app.port: received 2 times; allowed: each key once; set it in --context app=... or --context app.port=...',
    );
    expect(problem({ queues: '{"jobs":{"jobSeconds":5}}', 'queues.jobs': '{"jobSeconds":6}' })).toContain(
      'queues.jobs.jobSeconds: received 2 times',
    );
  });

  test('is found in any text: random JSON with a seed', () => {
    let state = 20_261_129;
    const below = (limit: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * limit);
    };
    const expected: string[] = [];
    const made = (path: string, depth: number): string => {
      if (depth === 0 || below(3) === 0) return ['1', '"x"', 'true', 'null', '[]', '1e999'][below(6)] ?? '0';
      if (below(4) === 0) return `[${[0, 1].map((index) => made(`${path}${index}.`, depth - 1)).join(', ')}]`;
      const names = ['a', 'b', 'c'].slice(0, 1 + below(3));
      const entries = names.map((name) => `"${name}": ${made(`${path}${name}.`, depth - 1)}`);
      const again = below(5) === 0 ? names[below(names.length)] : undefined;
      if (again !== undefined) {
        expected.push(`${path}${again}`);
        entries.push(`\n"${again}": 1`);
      }
      return `{${entries.join(',')}}`;
    };
    for (let round = 0; round < 300; round++) {
      expected.length = 0;
      const { repeated } = readJson(made('', 4));
      expect(repeated.map(({ path }) => path.join('.')).sort()).toEqual([...expected].sort());
    }
  });
});

describe('a number is shown as it is written', () => {
  test.each(['1e999', '-1e999', '1e3', '-0', '4000.0', '12345678901234567890'])('%s in a file', (number) => {
    const lines = complaint(`{ "database": { "backupDays": ${number} } }`);
    expect(lines[1]).toContain(`database.backupDays: received ${number}; allowed: an integer from 7 to 35;`);
  });

  test.each(['1e999', '-1e999', '1e3', '12345678901234567890'])('%s in a flag of JSON', (number) => {
    expect(problem({ database: `{"backupDays":${number}}` })).toContain(`database.backupDays: received ${number};`);
  });

  test('in a list', () => {
    expect(complaint('{ "box": { "sshFrom": [1e999] } }')[1]).toContain('box.sshFrom.0: received 1e999;');
  });

  test.each(['0080', `1${'0'.repeat(400)}`])('%s as a flag', (text) => {
    expect(problem({ 'app.port': text })).toContain(`app.port: received ${text.slice(0, 60)}`);
  });

  test('also where the whole of a branch is shown', () => {
    expect(complaint('{ "app": [1e999] }')[1]).not.toContain('null');
  });
});

describe('a value that nobody gave is called the default', () => {
  test('with both places to set it', () => {
    expect(problem({ 'app.minNodes': '5' })).toBe(
      '  app.maxNodes: received 4, the default; allowed: at least app.minNodes, which is 5; set it in config/test.json or by --context app.maxNodes=...',
    );
  });

  test('not when the file says it, be it the same', () => {
    expect(problem({ 'app.minNodes': '5' }, { app: { maxNodes: 4 } })).toContain('received 4; allowed');
  });

  test('nor when a flag does', () => {
    expect(problem({ app: '{"minNodes":5,"maxNodes":4}' })).toContain('received 4; allowed');
  });

  test('what is missing can be given in either place too', () => {
    expect(problem({ 'domain.hostedZoneId': 'Z0123456789' })).toContain(
      'domain.name: allowed: the public name, because other keys of domain are set; set it in config/test.json or by --context domain.name=...',
    );
  });

  test('inside of named things as well', () => {
    expect(problem({}, { data: { functions: { users: { storageGiB: 5000 } } } })).toMatch(
      /data\.functions\.users\.maxStorageGiB: received 200, the default; .* set it in config\/test\.json or by --context data\.functions\.users\.maxStorageGiB=\.\.\.$/,
    );
  });
});
