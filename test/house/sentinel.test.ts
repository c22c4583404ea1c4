import { expect, test } from 'vitest';
import type { Finding } from '../../scripts/kept-findings';
import { Sentinel } from '../../scripts/sentinel';

// A template that a linter has not judged to its end is no template without findings.

const sentinel = new Sentinel({ Resources: { Bad: { Type: 'Bad' } } }, { 'cfn-lint': 'E1', checkov: 'C1' });

const finding = (linter: Finding['linter'], rule: string, file: string, resource = 'Bad'): Finding => {
  return { linter, rule, message: 'bad', file, resource };
};

test('known-bad resources stand beside those of the template, and in the place of none', () => {
  const template = { Conditions: { C: true }, Resources: { Mine: { Type: 'Mine' } } };
  expect(JSON.parse(sentinel.beside(JSON.stringify(template)))).toEqual({
    Conditions: { C: true },
    Resources: { Mine: { Type: 'Mine' }, Bad: { Type: 'Bad' } },
  });
  expect(() => sentinel.beside('{"Resources":{"Bad":{}}}')).toThrow('a template has a resource that is called Bad');
});

test('a linter has judged a file when it complains about them, in that file and by that rule', () => {
  const both = [finding('cfn-lint', 'E1', 'a'), finding('checkov', 'C1', 'a')];
  expect(sentinel.missedBy('a', both)).toEqual([]);
  expect(sentinel.missedBy('b', both)).toEqual(['cfn-lint', 'checkov']);
  expect(sentinel.missedBy('a', both.slice(1))).toEqual(['cfn-lint']);
  expect(sentinel.missedBy('a', [finding('cfn-lint', 'E1', 'a'), finding('checkov', 'C2', 'a')])).toEqual(['checkov']);
  const others = [finding('cfn-lint', 'E1', 'a', 'Mine'), finding('checkov', 'C1', 'a')];
  expect(sentinel.missedBy('a', others)).toEqual(['cfn-lint']);
});

test('what is said of them is no finding', () => {
  const mine = finding('checkov', 'C1', 'a', 'Mine');
  expect(sentinel.without([finding('checkov', 'C9', 'a'), mine])).toEqual([mine]);
});
