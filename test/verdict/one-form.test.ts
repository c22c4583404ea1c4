import { describe, expect, test } from 'vitest';
import { counted } from '../../lib/template/counted';
import { inOneForm } from '../../lib/template/one-form';
import { rendered } from '../../lib/template/render-value';
import type { Template } from '../../lib/template/template';
import { verdictOf } from '../../lib/verdict/verdict';
import { brokenWords } from './broken-words';

const PARAMETERS = { Env: { Type: 'String' }, Names: { Type: 'CommaDelimitedList' } };
const Key = { Type: 'AWS::KMS::Key', Properties: {} };

const judged = (was: unknown, is: unknown, rest: object = {}) => {
  const side = (value: unknown): Template => ({
    Parameters: PARAMETERS,
    ...rest,
    Resources: { Key, Thing: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: value } } },
  });
  return verdictOf({ s: side(was) }, { s: side(is) });
};

describe('is the same, written in another way', () => {
  test.each<[string, unknown, unknown]>([
    ['a join without a separator', { 'Fn::Sub': 'a-${Env}' }, { 'Fn::Join': ['', ['a-', { Ref: 'Env' }]] }],
    ['a join with one', { 'Fn::Sub': 'a-${Env}-b' }, { 'Fn::Join': ['-', ['a', { Ref: 'Env' }, 'b']] }],
    ['an attribute', { 'Fn::Sub': '${Key.Arn}/*' }, { 'Fn::Join': ['/', [{ 'Fn::GetAtt': ['Key', 'Arn'] }, '*']] }],
    ['an attribute by its name', { 'Fn::GetAtt': 'Key.Arn' }, { 'Fn::GetAtt': ['Key', 'Arn'] }],
    ['an attribute alone', { 'Fn::Sub': '${Key.Arn}' }, { 'Fn::GetAtt': ['Key', 'Arn'] }],
    ['variables of its own', { 'Fn::Sub': ['${V}-${Env}', { V: { Ref: 'Key' } }] }, { 'Fn::Sub': '${Key}-${Env}' }],
    [
      'a text in a text',
      { 'Fn::Join': ['', ['a', { 'Fn::Join': ['-', ['b', { 'Fn::Sub': '${Env}c' }]] }]] },
      { 'Fn::Sub': 'ab-${Env}c' },
    ],
    ['a number in a text', { 'Fn::Join': ['', ['a', 5, { Ref: 'Env' }]] }, { 'Fn::Sub': 'a5${Env}' }],
    [
      'what only looks like a reference',
      { 'Fn::Sub': '${!Env}-${Env}' },
      { 'Fn::Join': ['', ['${Env}-', { Ref: 'Env' }]] },
    ],
  ])('%s', (_, was, is) => {
    expect(judged(was, is)).toMatchObject({ verdict: 'safe', changes: [], findings: [] });
    expect(rendered(inOneForm(was))).toBe(rendered(inOneForm(is)));
  });

  test('as an operand of a condition too', () => {
    const conditions = (operand: unknown) => ({ Conditions: { Prod: { 'Fn::Equals': [operand, 'prod'] } } });
    const value = { 'Fn::If': ['Prod', 'a', 'b'] };
    const sides = [{ Ref: 'Env' }, { 'Fn::Sub': '${Env}' }].map((operand) => ({
      s: {
        Parameters: PARAMETERS,
        ...conditions(operand),
        Resources: { Thing: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: value } } },
      },
    }));
    const [was = {}, is = {}] = sides;
    expect(verdictOf(was, is)).toMatchObject({ verdict: 'safe', changes: [] });
  });
});

describe('is another value', () => {
  test.each<[string, unknown, unknown]>([
    [
      'with another separator',
      { 'Fn::Join': ['-', ['a', { Ref: 'Env' }]] },
      { 'Fn::Join': [':', ['a', { Ref: 'Env' }]] },
    ],
    ['of another reference', { 'Fn::Sub': '${Env}' }, { Ref: 'Key' }],
    ['of another attribute', { 'Fn::Sub': '${Key.Arn}' }, { 'Fn::GetAtt': ['Key', 'KeyId'] }],
    ['when a list is joined', { 'Fn::Join': [',', { Ref: 'Names' }] }, { 'Fn::Join': ['', { Ref: 'Names' }] }],
    ['that is a reference, not its name', { 'Fn::Sub': '${Env}' }, '${Env}'],
  ])('%s', (_, was, is) => {
    expect(judged(was, is).changes).toContainEqual(expect.objectContaining({ id: 'Thing', change: 'updates' }));
  });

  test('where an item may be left out with its separator', () => {
    const item = { 'Fn::If': ['Open', 'b', { Ref: 'AWS::NoValue' }] };
    const join = { 'Fn::Join': ['-', ['a', item]] };
    expect(inOneForm(join)).toBe(join);
  });
});

describe('a reference that is put together', () => {
  test('leads where it leads once it is', () => {
    const put = { Ref: { 'Fn::Sub': 'K${AWS::NoValue}' } };
    expect(rendered(put)).toBe('${K${AWS::NoValue}}');
    const known = { Ref: { 'Fn::Join': ['', ['K', 'ey']] } };
    expect(judged(known, { Ref: 'Key' }).changes).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['a reference', { Ref: { 'Fn::Sub': '${Env}' } }],
    ['an attribute', { 'Fn::GetAtt': [{ 'Fn::Sub': '${Env}' }, { Ref: 'Env' }] }],
    ['an attribute that is put together whole', { 'Fn::GetAtt': { 'Fn::Sub': '${Env}.Arn' } }],
    ['an export', { 'Fn::ImportValue': { 'Fn::Sub': '${Env}-x' } }],
    ['a map', { 'Fn::FindInMap': [{ Ref: 'Env' }, { Ref: 'Env' }, 'x'] }],
  ])('of %s reads as what it is made of', (_, value) => {
    const verdict = judged('a', value, { Transform: 'AWS::LanguageExtensions' });
    expect(brokenWords(verdict)).toEqual([]);
    expect(JSON.stringify(verdict)).toContain('Env');
  });
});

test.each([
  [1, 'day', '1 day'],
  [2, 'day', '2 days'],
  [0, 'policy', '0 policies'],
  [1, 'other', '1 other'],
  [3, 'set of database roles', '3 sets of database roles'],
  [2, 'subnet with access', '2 subnets with access'],
  ['${Days}', 'day', '${Days} days'],
])('%s %s', (count, noun, says) => {
  expect(counted(count, noun)).toBe(says);
});
