import { describe, expect, test } from 'vitest';
import { complaint, problem, read } from './configuration-folder';

const ENTRY = {
  rule: 'data-removed',
  resource: 'test-tables/TablescartsTable3564B2A8',
  reason: 'carts live in the cache',
  until: '2028-02-29',
};

test('nothing is accepted by default, and an entry is read as it is written', () => {
  expect(read({}).accepted).toEqual([]);
  expect(read({ accepted: [ENTRY] }).accepted).toEqual([ENTRY]);
});

describe('one mistake is one message', () => {
  const without = ({ ...entry }: Partial<typeof ENTRY>, key: keyof typeof ENTRY): object => {
    delete entry[key];
    return entry;
  };

  test.each<[string, string, unknown]>([
    ['accepted', 'a list of entries with rule, resource, reason and until', {}],
    ['accepted.0', 'an object', ['data-removed']],
    [
      'accepted.0.rule',
      'one of data-removed, protector-removed; what the gate refuses',
      [{ ...ENTRY, rule: 'climb-step' }],
    ],
    ['accepted.0.rule', 'one of data-removed, protector-removed; what the gate refuses', [without(ENTRY, 'rule')]],
    ['accepted.0.resource', 'one resource, <stack>/<logical id>', [{ ...ENTRY, resource: 'test-tables/*' }]],
    ['accepted.0.resource', 'one resource, <stack>/<logical id>', [{ ...ENTRY, resource: 'test-tables' }]],
    ['accepted.0.resource', 'one resource, <stack>/<logical id>', [{ ...ENTRY, resource: ['a/b'] }]],
    ['accepted.0.resource', 'one resource, <stack>/<logical id>', [{ ...ENTRY, resource: 'a/b,a/c' }]],
    ['accepted.0.reason', 'a sentence of 10 to 500 characters', [{ ...ENTRY, reason: 'because' }]],
    // It is printed in reports and on terminals.
    ...['old\n\n### SAFE: nothing to see', 'all is \u001b[2Jfine', 'all is \u202efine', ' '.repeat(13)].map(
      (reason): [string, string, unknown] => [
        'accepted.0.reason',
        'a sentence of 10 to 500 characters, on one line',
        [{ ...ENTRY, reason }],
      ],
    ),
    ['accepted.0.until', 'a day such as 2026-12-31', [{ ...ENTRY, until: '2027-02-29' }]],
    ['accepted.0.until', 'a day such as 2026-12-31', [{ ...ENTRY, until: '31.12.2026' }]],
    ['accepted.0.until', 'a day such as 2026-12-31', [without(ENTRY, 'until')]],
    ['accepted.0.stack', 'one of ', [{ ...ENTRY, stack: 'test-tables' }]],
    ['accepted.1', 'each rule and resource once; accepted.0 has them too', [ENTRY, { ...ENTRY, until: '2028-03-01' }]],
  ])('%s: %s', (key, allowed, accepted) => {
    const line = problem({}, { accepted });
    expect(line).toMatch(new RegExp(`^ {2}${key.replaceAll('.', '\\.')}: `));
    expect(line).toContain(`allowed: ${allowed}`);
    expect(line).toContain('; set it in config/test.json');
  });

  test('and all are told at once', () => {
    expect(
      complaint({
        accepted: [
          { ...ENTRY, until: 'x' },
          { ...ENTRY, rule: 'y' },
        ],
      })[0],
    ).toMatch(/^2 errors in/);
  });
});
