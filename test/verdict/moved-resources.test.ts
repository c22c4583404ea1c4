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
  ])('%s', (_, sides) => {
    expect(moves(...sides)).toEqual([]);
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
