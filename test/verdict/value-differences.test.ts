import { describe, expect, test } from 'vitest';
import { valueDifferences } from '../../lib/verdict/changes/value-differences';

describe('a value that differs', () => {
  test.each([
    ['a text', 'a', 'b', [{ path: 'P', before: 'a', after: 'b' }]],
    ['one inside', { A: 1, B: { C: 2 } }, { A: 1, B: { C: 3 } }, [{ path: 'P.B.C', before: '2', after: '3' }]],
    ['one that comes', {}, { A: true }, [{ path: 'P.A', after: 'true' }]],
    ['one that goes', { A: 0 }, {}, [{ path: 'P.A', before: '0' }]],
    ['an empty text', { A: '' }, { A: 'x' }, [{ path: 'P.A', before: "''", after: 'x' }]],
    ['a reference', { Ref: 'A' }, { Ref: 'B' }, [{ path: 'P', before: '${A}', after: '${B}' }]],
    ['the same', { A: [1] }, { A: [1] }, []],
  ])('%s', (_, before, after, wanted) => {
    expect(valueDifferences('P', before, after)).toEqual(wanted);
  });

  test('in a list of keys and values is named by its key, wherever it stands', () => {
    const before = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ];
    const after = [
      { Key: 'b', Value: '3' },
      { Key: 'a', Value: '1' },
    ];
    expect(valueDifferences('P', before, after)).toEqual([{ path: 'P[b]', before: '2', after: '3' }]);
  });

  test('in another list is what only one of them has', () => {
    expect(valueDifferences('P', ['a', 'b'], ['b', 'c', 'd'])).toEqual([
      { path: 'P[]', before: 'a' },
      { path: 'P[]', after: 'c' },
      { path: 'P[]', after: 'd' },
    ]);
    expect(valueDifferences('P', [{ A: 1, B: 1 }], [{ A: 1, B: 2 }])).toEqual([
      { path: 'P[].B', before: '1', after: '2' },
    ]);
    expect(valueDifferences('P', ['a', 'b'], ['b', 'a'])).toEqual([
      { path: 'P', before: '["a","b"]', after: '["b","a"]' },
    ]);
  });

  test('that is long loses its middle', () => {
    const [one] = valueDifferences('P', undefined, `begin${'x'.repeat(500)}end`);
    expect(one?.after).toMatch(/^beginx+ \.\.\. x+end$/);
    expect(one?.after?.length).toBeLessThanOrEqual(60);
  });
});

describe('a secret is never shown', () => {
  const SECRET = 'hunter2-and-nothing-else';
  test.each([
    ['itself', 'MasterUserPassword', SECRET],
    ['inside', 'P', { Environment: { Variables: { DB_PASSWORD: SECRET, A: 1 } } }],
    [
      'in a new list entry',
      'P',
      [
        { Name: 'API_KEY', Value: SECRET, More: 1 },
        { SecretString: SECRET, A: 1 },
      ],
    ],
    ['by key and value', 'Environment', [{ Name: 'STRIPE_SECRET', Value: SECRET }]],
    ['in a join', 'SecretString', { 'Fn::Join': ['', ['{"password":"', SECRET, '"}']] }],
    ['as a token', 'AuthToken', SECRET],
    ['as a key', 'PrivateKey', SECRET],
  ])('%s', (_, property, value) => {
    for (const [before, after] of [
      [undefined, value],
      [value, undefined],
      [JSON.parse(JSON.stringify(value).replaceAll('hunter2', 'hunter1')) as unknown, value],
    ]) {
      const found = valueDifferences(property, before, after);
      expect(found).not.toEqual([]);
      expect(JSON.stringify(found)).not.toContain('and-nothing-else');
    }
  });

  test.each([
    ['a reference', 'MasterUserPassword', { Ref: 'Secret' }, '${Secret}'],
    [
      'where it is fetched',
      'AuthToken',
      '{{resolve:secretsmanager:a:SecretString:b}}',
      '{{resolve:secretsmanager:a:SecretString:b}}',
    ],
    ['a switch', 'ManageMasterUserPassword', true, 'true'],
    ['the name of a secret', 'SecretName', 'prod/database', 'prod/database'],
  ])('%s is shown', (_, property, value, text) => {
    expect(valueDifferences(property, undefined, value)).toEqual([{ path: property, after: text }]);
  });
});
