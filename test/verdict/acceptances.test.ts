import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { markdown } from '../../lib/commands/diff/markdown';
import { text } from '../../lib/commands/diff/text';
import { ACCEPTABLE_RULES } from '../../lib/facts/acceptance';
import type { TemplateResource, Templates } from '../../lib/template/template';
import { withAcceptances } from '../../lib/verdict/acceptances';
import { RULES } from '../../lib/verdict/rules';
import { verdictOf } from '../../lib/verdict/verdict';
import type { Verdict } from '../../lib/verdict/verdict-schema';

const TODAY = '2026-11-29';
const ENTRY = {
  rule: 'data-removed',
  resource: 'prod-tables/Carts',
  reason: 'carts live in the cache since October',
  until: TODAY,
};

const TABLE: TemplateResource = { Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Retain', Properties: {} };
const KEPT = { Kept: { Type: 'AWS::SQS::Queue', Properties: {} } };

interface Shape {
  readonly accepted?: readonly unknown[];
  readonly tables?: Readonly<Record<string, TemplateResource>>;
}

/** An environment of a gate, which records what is accepted, and a stack of tables. */
function environment({ accepted, tables = {} }: Shape): Templates {
  const Properties = { Environment: 'prod', Phase: '6', ServiceToken: { 'Fn::GetAtt': ['Handler', 'Arn'] } };
  return {
    'prod-gate': {
      Resources: {
        Climb: { Type: 'Custom::PhaseGate', Properties: { ...Properties, ...(accepted && { Accepted: accepted }) } },
        Handler: {
          Type: 'AWS::Lambda::Function',
          Properties: { Code: { S3Bucket: 'cdk-hnb659fds-assets-1-x', S3Key: `${'a'.repeat(64)}.zip` } },
        },
      },
    },
    'prod-tables': { Resources: { ...KEPT, ...tables } },
  };
}

interface Judged {
  readonly recorded?: boolean;
  readonly today?: string;
  readonly phases?: readonly [number, number];
}

function judged(before: Shape, after: Shape, { recorded = true, today = TODAY, phases }: Judged = {}): Verdict {
  const [was, is] = [environment(before), environment(after)];
  const climb = phases && {
    environment: 'prod',
    before: { phase: phases[0] },
    after: { phase: phases[1] },
    phases: PHASES,
  };
  return withAcceptances(verdictOf(was, is, climb), {
    after: is,
    ...(recorded && { recordedBefore: was }),
    today,
  });
}

const refusals = ({ findings }: Verdict): string[] =>
  findings.filter(({ severity }) => severity !== 'note').map(({ rule, message }) => `${rule}: ${message}`);

const statuses = ({ accepted }: Verdict): string[] => accepted.map(({ status }) => status);

describe('a removal that is accepted', () => {
  const step = () => judged({ tables: { Carts: TABLE } }, { accepted: [ENTRY] });

  test('passes, on its last day too, and only for what it names', () => {
    expect(judged({ tables: { Carts: TABLE } }, {}).verdict).toBe('refused');
    expect(step().verdict).toBe('safe');
    expect(step().accepted).toEqual([{ ...ENTRY, status: 'in force' }]);
    expect(step().findings).toContainEqual(
      expect.objectContaining({ rule: 'data-removed', severity: 'note', accepted: expect.anything() }),
    );
    expect(step().changes.find(({ id }) => id === 'Carts')?.verdict).toBe('safe');
    const two = judged({ tables: { Carts: TABLE, Orders: TABLE } }, { accepted: [ENTRY] });
    expect(refusals(two)).toEqual([expect.stringMatching(/^data-removed: holds items and is removed/)]);
  });

  test('is printed, with its reason and its last day', () => {
    const printed = [text('x', step(), { colour: false, all: false }), markdown('x', step())];
    for (const words of printed) {
      expect(words).toContain('Accepted by the configuration');
      expect(words.replace(/\s+/g, ' ')).toContain(`until ${TODAY}: ${ENTRY.reason}`);
      expect(words.replace(/\s+/g, ' ')).toContain('What is accepted below is not counted.');
      expect(words).toMatch(/prod-tables\/Carts: holds items and is removed/);
    }
    expect(
      text('x', step(), { colour: false, all: false })
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  test('passes again when a deployment has recorded it and failed before the removal', () => {
    const again = judged({ accepted: [ENTRY], tables: { Carts: TABLE } }, { accepted: [ENTRY] });
    expect([again.verdict, ...statuses(again)]).toEqual(['safe', 'in force']);
  });

  test('is spent once it is carried out, and says so', () => {
    const later = judged({ accepted: [ENTRY] }, { accepted: [ENTRY] });
    expect([later.verdict, ...statuses(later)]).toEqual(['safe', 'spent']);
    expect(text('x', later, { colour: false, all: false })).toContain('it is gone: take the entry out');
  });

  test('is no longer there once the entry is taken out', () => {
    expect(judged({ accepted: [ENTRY] }, {})).toMatchObject({ verdict: 'safe', accepted: [] });
  });
});

describe('an entry is refused', () => {
  test.each<[string, Verdict['verdict'], string, () => Verdict]>([
    [
      'after its last day',
      'refused',
      'was accepted until 2026-11-29, which has passed',
      () => judged({ tables: { Carts: TABLE } }, { accepted: [ENTRY] }, { today: '2026-11-30' }),
    ],
    [
      'after its last day, though it is spent',
      'refused',
      'was accepted until 2026-11-29, which has passed',
      () => judged({ accepted: [ENTRY] }, { accepted: [ENTRY] }, { today: '2026-11-30' }),
    ],
    [
      'when nothing is where it points',
      'refused',
      'is accepted, and data-removed finds nothing there in this step',
      () => judged({}, { accepted: [ENTRY] }),
    ],
    [
      'when nothing is recorded of the side before',
      'refused',
      'is accepted, and data-removed finds nothing there in this step',
      () => judged({ accepted: [ENTRY] }, { accepted: [ENTRY] }, { recorded: false }),
    ],
    [
      'when another rule would find something',
      'refused',
      'is accepted, and protector-removed finds nothing there in this step',
      () => judged({ tables: { Carts: TABLE } }, { accepted: [{ ...ENTRY, rule: 'protector-removed' }] }),
    ],
    [
      'while what it names stays',
      'refused',
      'is accepted as removed, and stands afterwards',
      () => judged({ tables: { Carts: TABLE } }, { accepted: [ENTRY], tables: { Carts: TABLE } }),
    ],
    [
      'when what it named comes back',
      'refused',
      'is accepted as removed, and stands afterwards',
      () => judged({ accepted: [ENTRY] }, { accepted: [ENTRY], tables: { Carts: TABLE } }),
    ],
    [
      'when it would cover the resources of another template',
      'refused',
      'the entry would cover more than it names: all that this',
      () => judged({ tables: { Carts: { ...TABLE, Type: 'AWS::CloudFormation::Stack' } } }, { accepted: [ENTRY] }),
    ],
    [
      'when it is written with a wildcard into a template by hand',
      'refused',
      'an entry of accepted is none: resource: allowed: one resource',
      () => judged({ tables: { Carts: TABLE } }, { accepted: [{ ...ENTRY, resource: 'prod-tables/*' }] }),
    ],
    [
      'when it names a rule of the gate',
      'refused',
      'an entry of accepted is none: rule: allowed: one of data-removed, protector-removed; what the gate refuses',
      () => judged({ tables: { Carts: TABLE } }, { accepted: [{ ...ENTRY, rule: 'climb-step' }] }),
    ],
    [
      'in a step that the gate refuses',
      'refused',
      'is accepted, but nothing is in a step that the gate stops (climb-step)',
      () => judged({ tables: { Carts: TABLE } }, { accepted: [ENTRY] }, { phases: [6, 4] }),
    ],
  ])('%s', (_, verdict, says, judge) => {
    const found = judge();
    expect(found.verdict).toBe(verdict);
    expect(refusals(found)).toContainEqual(expect.stringContaining(`acceptance-void: `));
    expect(refusals(found).join('\n')).toContain(says);
    expect(text('x', found, { colour: false, all: false })).toContain('acceptance-void');
  });

  test('when it would cover two findings', () => {
    const verdict = verdictOf(environment({ tables: { Carts: TABLE } }), environment({ accepted: [ENTRY] }));
    const [first] = verdict.findings.filter(({ rule }) => rule === 'data-removed');
    if (first === undefined) throw new Error('nothing is refused');
    const twice = { ...verdict, findings: [first, { ...first, message: 'if IsProd: the same' }] };
    const found = withAcceptances(twice, { after: environment({ accepted: [ENTRY] }), today: TODAY });
    expect(refusals(found).join('\n')).toContain('is accepted once, and the entry would cover 2 findings');
  });
});

test('what can be accepted are rules of the registry, of a removal, and none of the gate', () => {
  for (const id of ACCEPTABLE_RULES) expect(RULES.get(id)?.severity).toBe('refused');
  expect(ACCEPTABLE_RULES.every((id) => id.endsWith('-removed') && id !== ('gate-removed' as string))).toBe(true);
});

describe('an acceptance is offered where it would let the removal through, and nowhere else', () => {
  const offered = ({ findings }: Verdict): boolean =>
    findings.some(
      ({ remedy = '' }) => remedy.includes('docs/accepting.md') && !remedy.startsWith('take the entry out'),
    );
  const NESTED: TemplateResource = { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://a/1' } };
  const PLAN: TemplateResource = { Type: 'AWS::Backup::BackupPlan', Properties: {} };
  const protector = { ...ENTRY, rule: 'protector-removed' };

  test.each<[string, TemplateResource, object, Judged, boolean]>([
    ['a table', TABLE, ENTRY, {}, true],
    ['a table in a step within a phase', TABLE, ENTRY, { phases: [6, 6] }, true],
    ['a table in a step that the gate stops', TABLE, ENTRY, { phases: [6, 5] }, false],
    ['a backup plan', PLAN, protector, {}, true],
    ['a backup plan in a step that the gate stops', PLAN, protector, { phases: [6, 5] }, false],
    ['a nested stack, whose resources nobody names', NESTED, ENTRY, {}, false],
  ])('of %s', (_, resource, entry, how, expected) => {
    const before = { tables: { Carts: resource, Others: TABLE } };
    const after = { tables: { Others: TABLE } };
    expect(offered(judged(before, after, how))).toBe(expected);
    const accepted = judged(before, { ...after, accepted: [entry] }, how);
    expect(statuses(accepted)).toEqual([expected ? 'in force' : 'void']);
  });
});
