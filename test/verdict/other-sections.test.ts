import { expect, test } from 'vitest';
import type { Template } from '../../lib/template/template';
import { otherSections } from '../../lib/verdict/rules/deployment/non-resource-sections';

const Database = { Type: 'AWS::RDS::DBInstance', Properties: {} };
const plain: Template = { Resources: { Database } };
const judged = (was: Template, is: Template): unknown[] =>
  otherSections({ data: was }, { data: is }).map(({ severity, stack, id }) => [severity, stack, id]);

test.each([
  ['a condition that flips', { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } }],
  ['a mapping', { Mappings: { Sizes: { small: { Class: 'db.t4g.micro' } } } }],
  ['a macro', { Transform: ['Macro'] }],
  ['the default of a parameter', { Parameters: { Name: { Type: 'String', Default: 'other' } } }],
])('%s is refused', (_name, section) => {
  expect(judged(plain, { ...plain, ...section })).toEqual([['refused', 'data', undefined]]);
  expect(judged({ ...plain, ...section }, plain)).toEqual([['refused', 'data', undefined]]);
});

test('a resource under a condition is refused', () => {
  const under = { Resources: { Database: { ...Database, Condition: 'Never' } } };
  expect(judged(plain, under)).toEqual([['refused', 'data', 'Database']]);
});

test('the version of the bootstrap stack says nothing', () => {
  expect(judged(plain, { ...plain, Parameters: { BootstrapVersion: { Type: 'String' } } })).toEqual([]);
});
