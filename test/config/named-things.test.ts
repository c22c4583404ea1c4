import { describe, expect, test } from 'vitest';
import { complaint, problem, read } from './configuration-folder';

const KINDS = ['queues', 'schedules', 'data.functions', 'data.tables', 'data.readModels'] as const;

/** A file that holds one thing of a kind: `data.tables` and `x` become `{"data": {"tables": {"x": ...}}}`. */
function fileWith(kind: string, name: string, thing: unknown): string {
  return [...kind.split('.'), name].reduceRight(
    (inner, part) => `{${JSON.stringify(part)}:${inner}}`,
    JSON.stringify(thing),
  );
}

describe.each(KINDS)('%s', (kind) => {
  test.each([...Object.getOwnPropertyNames(Object.prototype), 'prototype'])(
    'has nothing named %s, which every object has',
    (name) => {
      expect(problem({}, fileWith(kind, name, {}))).toContain(
        `  ${kind}.${name}: received {}; allowed: a name in lower case, such as jobs or mail-out, of at most 30 letters`,
      );
      expect(problem({ [`${kind}.${name}`]: '{}' })).toContain(
        `  ${kind}.${name}: received {}; allowed: a name in lower`,
      );
    },
  );

  test.each(['Jobs', 'a_b', '9lives', 'a'.repeat(31), ''])('has nothing named %j, and says so once', (name) => {
    expect(problem({}, fileWith(kind, name, {}))).toContain(`  ${kind}.${name}: received {}; allowed: a name in lower`);
  });

  test('lose nothing that is not there', () => {
    expect(problem({}, fileWith(kind, 'zzzzzzzz', null))).toContain(
      `  ${kind}.zzzzzzzz: received null; allowed: null takes away what is there, `,
    );
    expect(problem({ [`${kind}.zzzzzzzz`]: 'null' })).toContain(
      `  ${kind}.zzzzzzzz: received null; allowed: null takes`,
    );
  });
});

describe('null', () => {
  test('names what it likely meant', () => {
    expect(problem({}, { queues: { meida: null } })).toContain(
      'queues.meida: received null; allowed: null takes away what is there, one of jobs, mail, media (did you mean media?);',
    );
    expect(complaint({ data: { functions: { user: null, 'NOT A NAME': null } } }).slice(1)).toEqual([
      expect.stringContaining('data.functions.NOT A NAME: received null;'),
      expect.stringContaining('(did you mean users?)'),
    ]);
  });

  test('takes away a default, also from the command line', () => {
    expect(Object.keys(read({ queues: { mail: null } }).queues)).toEqual(['jobs', 'media']);
    expect(Object.keys(read({}, { 'queues.mail': 'null' }).queues)).toEqual(['jobs', 'media']);
    expect(Object.keys(read({}, { queues: '{"mail":null}' }).queues)).toEqual(['jobs', 'media']);
  });

  test('takes away on the command line what the file brings, but not what it took away', () => {
    expect(read({ queues: { reports: {} } }, { 'queues.reports': 'null' }).queues).not.toHaveProperty('reports');
    expect(read({ queues: { mail: null } }, { 'queues.mail': 'null' }).queues).not.toHaveProperty('mail');
    expect(problem({ 'queues.reports': 'null' }, { queues: { reports: null } })).toContain('queues.reports');
  });
});
