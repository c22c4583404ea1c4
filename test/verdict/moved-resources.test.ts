import { describe, expect, test } from 'vitest';
import { refactoringAsMarkdown, refactoringAsText, refactoringOf } from '../../lib/commands/diff/refactor';
import type { TemplateResource, Templates } from '../../lib/template/template';
import { verdictOf } from '../../lib/verdict/verdict';

type Resources = Readonly<Record<string, TemplateResource>>;

const templates = (stacks: Readonly<Record<string, Resources>>): Templates =>
  Object.fromEntries(Object.entries(stacks).map(([stack, Resources]) => [stack, { Resources }]));

const judged = (before: Readonly<Record<string, Resources>>, after: Readonly<Record<string, Resources>>) =>
  verdictOf(templates(before), templates(after));

const table = (properties: object = {}, path = 'a'): TemplateResource => ({
  Type: 'AWS::DynamoDB::Table',
  DeletionPolicy: 'Retain',
  Properties: { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], ...properties },
  Metadata: { 'aws:cdk:path': path },
});
const queue: TemplateResource = { Type: 'AWS::SQS::Queue', Properties: {} };
const key = (Description: string): TemplateResource => ({ Type: 'AWS::KMS::Key', Properties: { Description } });
const encrypted = (by: string) => table({ SSESpecification: { KMSMasterKeyId: { 'Fn::GetAtt': [by, 'Arn'] } } });

const moves = (...sides: Parameters<typeof judged>): string[] =>
  judged(...sides).moves.map(({ from, to }) => `${from.stack}.${from.id} -> ${to.stack}.${to.id}`);

describe('only the place changes', () => {
  test('of a resource under another logical id, with another path', () => {
    expect(moves({ s: { Old: table() } }, { s: { New: table({}, 'b') } })).toEqual(['s.Old -> s.New']);
  });

  test('of one in another stack', () => {
    const before = { s: { Old: table(), queue }, t: { queue } };
    expect(moves(before, { s: { queue }, t: { Old: table(), queue } })).toEqual(['s.Old -> t.Old']);
  });

  test('of one together with what it refers to, however the reference is written', () => {
    expect(
      moves({ s: { Key: key('a'), Old: encrypted('Key') } }, { s: { Other: key('a'), New: encrypted('Other') } }),
    ).toEqual(['s.Key -> s.Other', 's.Old -> s.New']);
    const named = (id: string) => table({ TableName: { 'Fn::Sub': `x-\${${id}.KeyId}-\${AWS::Region}` } });
    expect(
      moves({ s: { Key: key('a'), Old: named('Key') } }, { s: { Other: key('a'), New: named('Other') } }),
    ).toContain('s.Old -> s.New');
  });
});

describe('is not claimed', () => {
  test.each<[string, Parameters<typeof judged>]>([
    ['of two that are alike', [{ s: { A: table(), B: table() } }, { s: { C: table(), D: table() } }]],
    ['of one that could have gone to two places', [{ s: { A: table() } }, { s: { C: table(), D: table() } }]],
    ['with another property', [{ s: { A: table() } }, { s: { B: table({ BillingMode: 'PROVISIONED' }) } }]],
    [
      'with another policy of deletion',
      [{ s: { A: table() } }, { s: { B: { ...table(), DeletionPolicy: 'Delete' } } }],
    ],
    ['of another type', [{ s: { A: table() } }, { s: { B: { ...table(), Type: 'AWS::DynamoDB::GlobalTable' } } }]],
    [
      'when it refers to something else',
      [{ s: { K: key('a'), L: key('b'), A: encrypted('K') } }, { s: { K: key('a'), L: key('b'), B: encrypted('L') } }],
    ],
    [
      'when its value is the name of its stack, and that changes',
      [
        { s: { A: table({ TableName: { Ref: 'AWS::StackName' } }) } },
        { t: { A: table({ TableName: { Ref: 'AWS::StackName' } }) } },
      ],
    ],
    ['of what stays', [{ s: { A: table() } }, { s: { A: table(), B: table() } }]],
    [
      'when it refers to another one that is alike, and both stay',
      [{ s: { K: key('a'), L: key('a'), A: encrypted('K') } }, { s: { K: key('a'), L: key('a'), B: encrypted('L') } }],
    ],
    [
      'when one of two that are alike, to which it refers, moves too',
      [{ s: { K: key('a'), L: key('a'), A: encrypted('K') } }, { s: { M: key('a'), N: key('a'), B: encrypted('M') } }],
    ],
    ['of a whole stack under another name', [{ s: { A: table(), queue } }, { t: { A: table(), queue } }]],
    ['into a stack that is new', [{ s: { A: table(), queue } }, { s: { queue }, t: { A: table() } }]],
    [
      'out of a stack that is left empty',
      [
        { s: { A: table() }, t: { queue } },
        { s: {}, t: { A: table(), queue } },
      ],
    ],
    ['with other metadata than its path', [{ s: { A: table() } }, { s: { B: { ...table(), Metadata: { a: 'b' } } } }]],
    [
      'among more stacks than a refactoring takes',
      [
        Object.fromEntries(
          [1, 2, 3, 4, 5, 6].map((n) => [`s${n}`, { queue, [`A${n}`]: table({ TableName: `t${n}` }) }]),
        ),
        Object.fromEntries(
          [1, 2, 3, 4, 5, 6].map((n) => [`s${n}`, { queue, [`B${n}`]: table({ TableName: `t${n}` }) }]),
        ),
      ],
    ],
  ])('%s', (_, sides) => {
    expect(moves(...sides)).toEqual([]);
  });

  const named = table({ TableName: { Ref: 'Name' } });
  const section = (Resources: Resources, rest: object) => ({ Resources, ...rest });
  const across = (resource: TemplateResource, rest: object): number =>
    verdictOf(
      { s: section({ Old: resource, queue }, rest), t: section({ queue }, rest) },
      { s: section({ queue }, rest), t: section({ New: resource, queue }, rest) },
    ).moves.length;

  test.each<[string, TemplateResource, object]>([
    ['a parameter', named, { Parameters: { Name: { Type: 'String' } } }],
    ['a parameter with a default', named, { Parameters: { Name: { Type: 'String', Default: 'a' } } }],
    [
      'a condition',
      { ...table(), Condition: 'Here' },
      { Conditions: { Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] } } },
    ],
    ['a map', table({ TableName: { 'Fn::FindInMap': ['M', 'a', 'b'] } }), { Mappings: { M: { a: { b: 'c' } } } }],
  ])('across stacks when it reads %s', (_, resource, rest) => {
    expect(across(resource, rest)).toBe(0);
    expect(across(table(), rest)).toBe(1);
  });

  test('and what cannot be moved is to keep its place', () => {
    const { findings, moves: none } = judged({ s: { A: table(), queue } }, { t: { A: table(), queue } });
    expect(none).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: 'data-removed',
        remedy: expect.stringMatching(/^keep it under its logical id, in its stack/),
      }),
    );
  });
});

describe('the remedy', () => {
  const verdict = () => judged({ s: { Old: table(), Q: queue } }, { s: { New: table(), Q: queue } });

  test('is `cdk refactor`, and the verdict stays what it was', () => {
    expect(verdict().verdict).toBe('refused');
    expect(verdict().findings).toContainEqual(
      expect.objectContaining({
        rule: 'data-removed',
        message: expect.stringContaining('only its place changes: New in s is the same'),
        remedy: expect.stringContaining('`cdk refactor`'),
      }),
    );
  });

  test('comes with the mapping file in the form that the pinned command reads', () => {
    const mapping = JSON.parse(refactoringOf(verdict(), 'eu-west-1')?.mapping ?? '') as unknown;
    expect(mapping).toEqual({
      environments: [{ account: 'ACCOUNT', region: 'eu-west-1', resources: { 's.Old': 's.New' } }],
    });
    for (const printed of [refactoringAsText(verdict()), refactoringAsMarkdown(verdict())]) {
      expect(printed).toContain('"s.Old": "s.New"');
      expect(printed).toContain('--unstable=refactor --override-file=moves.json');
      expect(printed).toContain('cannot move every type');
      expect(printed).toContain('refuses a step that adds, removes or changes anything else');
    }
  });

  test('is not told of what holds no data', () => {
    const role: TemplateResource = { Type: 'AWS::IAM::Role', Properties: { Description: 'a' } };
    const moved = judged({ s: { Old: role } }, { s: { New: role } });
    expect(refactoringAsText(moved)).toBe('');
    expect(moved.moves).toHaveLength(1);
  });
});
