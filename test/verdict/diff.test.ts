import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { markdown } from '../../lib/commands/diff/markdown';
import { text } from '../../lib/commands/diff/text';
import { verdictOf } from '../../lib/verdict/verdict';
import { verdictJsonSchema } from '../../lib/verdict/verdict-schema';
import { synthesise } from '../cdk-context';

const climb = (before: number, after: number) => ({
  environment: 'prod',
  before: { phase: before },
  after: { phase: after },
  phases: PHASES,
});

const readHeavy = () => verdictOf(synthesise('prod', 2), synthesise('prod', 3), climb(2, 3));
const extreme = () => verdictOf(synthesise('prod', 3), synthesise('prod', 6), climb(3, 6));
const direct = () => verdictOf(synthesise('prod', 1), synthesise('prod', 2), climb(1, 2));
const down = () => verdictOf(synthesise('prod', 3), synthesise('prod', 1), climb(3, 1));

/** JSON as the formatter of this project leaves it: lists of words on one line. */
function asFormatted(value: unknown): string {
  const json = JSON.stringify(value, null, 2);
  return `${json.replace(/\[\s+("[^[\]{}]*")\s+\]/g, (whole, words: string) => {
    const line = `[${words.replace(/\s*\n\s*/g, ' ')}]`;
    return line.length <= 100 ? line : whole;
  })}\n`;
}

describe('for people', () => {
  test('phase 2 to 3 of production', async () => {
    await expect(text('prod: phase 2 -> phase 3', readHeavy(), { colour: false, all: false })).toMatchFileSnapshot(
      'diff-2-3-prod.txt',
    );
  });

  test('phase 3 to 6 of production', async () => {
    await expect(text('prod: phase 3 -> phase 6', extreme(), { colour: false, all: false })).toMatchFileSnapshot(
      'diff-3-6-prod.txt',
    );
  });

  test.each([
    ['2 to 3', readHeavy],
    ['3 to 6', extreme],
    ['1 to 2', direct],
    ['3 to 1', down],
  ])('%s fits into 80 columns', (title, verdict) => {
    const lines = text(title, verdict(), { colour: false, all: false }).split('\n');
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test('colour changes nothing but the colour', () => {
    const coloured = text('x', direct(), { colour: true, all: false });
    const code = String.fromCharCode(27);
    expect(coloured).toContain(`${code}[33mNEEDS A MIGRATION${code}[0m`);
    expect(coloured.replaceAll(new RegExp(`${code}\\[\\d+m`, 'g'), '')).toBe(
      text('x', direct(), { colour: false, all: false }),
    );
    expect(text('x', direct(), { colour: false, all: false })).not.toContain(code);
  });

  test('nothing that differs reads as nothing', () => {
    const verdict = verdictOf(synthesise('prod', 2), synthesise('prod', 2), climb(2, 2));
    expect(text('x', verdict, { colour: false, all: false })).toBe('x\n  SAFE\n  No resource changes.\n');
    expect(text('x', verdict, { colour: false, all: true })).toMatch(/kept when removed[\s\S]*leaves alone/);
  });
});

test('phase 5 to 6, the greatest step, is told in at most 140 lines; the rest is there for who asks', () => {
  const verdict = verdictOf(synthesise('prod', 5), synthesise('prod', 6), climb(5, 6));
  const [short, whole] = [false, true].map(
    (all) => text('x', verdict, { colour: false, all }).trimEnd().split('\n').length,
  );
  expect(short).toBeLessThanOrEqual(140);
  expect(whole).toBeGreaterThan(300);
});

describe('of one setting', () => {
  const bigger = (env: Readonly<Record<string, string>>) =>
    text('x', verdictOf(synthesise('prod', 3), synthesise('prod', 3, env), climb(3, 3)), { colour: false, all: false });

  test('both values are told, and those that follow from them', () => {
    const told = bigger({ 'app.instanceType': 'c7i.4xlarge' });
    expect(told).toContain('InstanceType c7i.xlarge -> c7i.4xlarge');
    expect(told).toMatch(/HeartbeatTimeout \d+ -> \d+|deregistration_delay\.timeout_seconds\] \d+ -> \d+/);
    expect(told.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
  });
});

describe('for machines', () => {
  const validate = new Ajv2020({ strict: false }).compile(verdictJsonSchema());

  test.each([
    ['2 to 3', readHeavy],
    ['1 to 2', direct],
    ['3 to 1', down],
  ])('the JSON of %s follows the published schema', (_, verdict) => {
    // What the command adds to a verdict is tested in test/capacity/diff.test.ts.
    const added = { bill: { region: 'us-east-1' }, outgrown: [] };
    validate(JSON.parse(JSON.stringify({ ...verdict(), ...added })));
    expect(validate.errors).toBeNull();
  });

  test('what does not follow it is noticed', () => {
    const whole = { ...readHeavy(), bill: { region: 'us-east-1' }, outgrown: [] };
    expect(validate(whole)).toBe(true);
    expect(validate({ ...whole, verdict: 'perhaps' })).toBe(false);
    expect(validate({ ...whole, more: 1 })).toBe(false);
    expect(validate({ ...whole, bill: {} })).toBe(false);
  });

  test('the schema in docs is up to date', async () => {
    await expect(asFormatted(verdictJsonSchema())).toMatchFileSnapshot('../../docs/verdict.schema.json');
  });
});

describe('for a pull request', () => {
  test('the verdict stands first, the long lists are folded, and it fits into a comment', () => {
    const comment = markdown('prod: phase 1 -> phase 2', direct());
    expect(comment.split('\n')[0]).toBe('### ⚠️ NEEDS A MIGRATION: prod: phase 1 -&gt; phase 2');
    expect(comment.match(/<details>/g)?.length).toBe(comment.match(/<\/details>/g)?.length);
    expect(comment).toContain('**needs a migration** phase 2 moves traffic');
    expect(comment.length).toBeLessThan(65_536);
  });

  test('what stands in a template is not taken for markup', () => {
    const before = { s: { Resources: {} } };
    const after = {
      s: {
        Resources: {
          R: {
            Type: 'AWS::IAM::Policy',
            Properties: {
              Roles: ['<img>'],
              PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
            },
          },
        },
      },
    };
    const comment = markdown('<b>', verdictOf(before, after));
    expect(comment).not.toMatch(/<b>|<img>/);
    expect(comment).toContain('&lt;img&gt;');
  });

  test('one that is too long is cut where GitHub would refuse it', () => {
    const verdict = readHeavy();
    const many = Array.from({ length: 3000 }, () => verdict.interruptions).flat();
    const long = {
      ...verdict,
      interruptions: [
        ...many,
        ...Array.from({ length: 3000 }, () => ({ stack: 's', id: 'i', name: 'n', what: 'w'.repeat(30), because: 'b' })),
      ],
    };
    expect(markdown('x', long).length).toBeLessThan(65_536);
  });
});
