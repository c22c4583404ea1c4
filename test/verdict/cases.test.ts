import { describe, expect, test } from 'vitest';
import type { Template, Templates } from '../../lib/template/template';
import { verdictOf } from '../../lib/verdict/verdict';
import type { Verdict } from '../../lib/verdict/verdict-schema';

const bucket = { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
const topic = { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'news' } };
const database = (Properties: object) => ({
  Type: 'AWS::RDS::DBInstance',
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: { Engine: 'postgres', DeletionProtection: true, ...Properties },
});

function judged(before: object, after: object): Verdict {
  const templates = (template: object) => ({ stack: template as Template }) satisfies Templates;
  return verdictOf(templates(before), templates(after));
}

function decisive({ findings }: Verdict): string[] {
  return findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ rule, id = '', message }) => `${rule} ${id} ${message}`);
}

const PLAIN = { Resources: { Bucket: bucket, Topic: topic } };
const ENVIRONMENT = { Parameters: { Env: { Type: 'String' } } };
const IS_PROD = { Conditions: { IsProd: { 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] } } };

describe('what nothing reads that was there before refuses nothing', () => {
  test.each<[string, object]>([
    ['a condition', { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } }],
    ['a mapping', { Mappings: { Sizes: { small: { Class: 'db.t4g.micro' } } } }],
    ['a parameter', { Parameters: { Name: { Type: 'String', Default: 'other' } } }],
    ['a description of a parameter', { Parameters: { Name: { Type: 'String', Default: 'other', Description: 'x' } } }],
    ['a rule about parameters', { Rules: { One: { Assertions: [] } } }],
    ['loops', { Transform: 'AWS::LanguageExtensions' }],
    ['types of SAM', { Transform: ['AWS::Serverless-2016-10-31'] }],
    [
      'what reads a map, and is new itself',
      {
        Mappings: { Zones: { aws: { zone: 'a' }, 'aws-cn': { zone: 'b' } } },
        Resources: {
          ...PLAIN.Resources,
          New: {
            Type: 'AWS::SNS::Topic',
            Properties: { TopicName: { 'Fn::FindInMap': ['Zones', { Ref: 'AWS::Partition' }, 'zone'] } },
          },
        },
      },
    ],
  ])('%s', (_, sections) => {
    expect(decisive(judged(PLAIN, { ...PLAIN, ...sections }))).toEqual([]);
    expect(decisive(judged({ ...PLAIN, ...sections }, PLAIN))).toEqual([]);
  });
});

describe('what is the same in another form changes nothing', () => {
  const name = (DBName: unknown, sections: object = {}) => ({
    ...sections,
    Resources: { Database: database({ DBName }) },
  });
  const parameters = { Parameters: { Name: { Type: 'String', Default: 'shop' } } };
  test.each<[string, object]>([
    ['the default of a parameter', name({ Ref: 'Name' }, parameters)],
    ['a text put together', name({ 'Fn::Join': ['', ['sh', { 'Fn::Select': ['1', ['x', 'op']] }]] })],
    ['a text with a parameter', name({ 'Fn::Sub': ['${A}${Name}', { A: '' }] }, parameters)],
    [
      'a row of a map',
      name({ 'Fn::FindInMap': ['Names', 'live', 'db'] }, { Mappings: { Names: { live: { db: 'shop' } } } }),
    ],
    [
      'a value that all rows have',
      name(
        { 'Fn::FindInMap': ['Names', { Ref: 'AWS::Region' }, 'db'] },
        { Mappings: { Names: { a: { db: 'shop' }, b: { db: 'shop' } } } },
      ),
    ],
    [
      'a branch that is always taken',
      name(
        { 'Fn::If': ['Always', 'shop', 'other'] },
        { Conditions: { Always: { 'Fn::Not': [{ 'Fn::Equals': ['a', 'b'] }] } } },
      ),
    ],
    [
      'a value that is left out',
      { Resources: { Database: database({ DBName: 'shop', Port: { Ref: 'AWS::NoValue' } }) } },
    ],
    [
      'a condition that always holds',
      {
        Conditions: { Always: { 'Fn::Equals': ['a', 'a'] } },
        Resources: { Database: { ...database({ DBName: 'shop' }), Condition: 'Always' } },
      },
    ],
    [
      'a loop over one name',
      {
        Transform: 'AWS::LanguageExtensions',
        Resources: {
          'Fn::ForEach::All': [
            'Kind',
            ['base'],
            { 'Data${Kind}': database({ DBName: 'shop' }), Database: database({ DBName: 'shop' }) },
          ],
        },
      },
    ],
  ])('%s', (_, after) => {
    const { changes, verdict } = judged(name('shop'), after);
    expect(changes.filter(({ change }) => change !== 'adds')).toEqual([]);
    expect(verdict).toBe('safe');
  });
});

describe('what is decided in a template is judged by what it comes to', () => {
  test.each<[string, object, object, RegExp]>([
    [
      'the default of a parameter that replaces',
      {
        Parameters: { Name: { Type: 'String', Default: 'a' } },
        Resources: { Database: database({ DBName: { Ref: 'Name' } }) },
      },
      {
        Parameters: { Name: { Type: 'String', Default: 'b' } },
        Resources: { Database: database({ DBName: { Ref: 'Name' } }) },
      },
      /^data-replaced Database/,
    ],
    [
      'a row of a map under a region',
      {
        Mappings: { M: { r: { n: 'a' }, s: { n: 'b' } } },
        Resources: { Database: database({ DBName: { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'n'] } }) },
      },
      {
        Mappings: { M: { r: { n: 'a' }, s: { n: 'c' } } },
        Resources: { Database: database({ DBName: { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'n'] } }) },
      },
      /^data-replaced Database/,
    ],
    [
      'a condition that never holds',
      PLAIN,
      {
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Resources: { Topic: topic, Bucket: { ...bucket, Condition: 'Never' } },
      },
      /^data-removed Bucket/,
    ],
    [
      'a condition on what holds data',
      { ...ENVIRONMENT, ...IS_PROD, ...PLAIN },
      { ...ENVIRONMENT, ...IS_PROD, Resources: { Topic: topic, Bucket: { ...bucket, Condition: 'IsProd' } } },
      /^data-removed Bucket when Env is none of prod: /,
    ],
    [
      'a condition that is another now',
      { ...ENVIRONMENT, ...IS_PROD, Resources: { Bucket: { ...bucket, Condition: 'IsProd' }, Topic: topic } },
      {
        ...ENVIRONMENT,
        Conditions: { IsProd: { 'Fn::Equals': [{ Ref: 'Env' }, 'live'] } },
        Resources: { Bucket: { ...bucket, Condition: 'IsProd' }, Topic: topic },
      },
      /^data-removed Bucket when Env is prod: /,
    ],
    [
      'a guard in one branch, whatever the default',
      {
        Parameters: { Env: { Type: 'String', Default: 'dev' } },
        ...IS_PROD,
        Resources: { Database: database({ DeletionProtection: { 'Fn::If': ['IsProd', true, false] } }) },
      },
      {
        Parameters: { Env: { Type: 'String', Default: 'dev' } },
        ...IS_PROD,
        Resources: { Database: database({ DeletionProtection: false }) },
      },
      /^guard-dropped Database when Env is prod: loses deletion protection/,
    ],
    [
      'a statement in one branch',
      { ...ENVIRONMENT, ...IS_PROD, Resources: { Role: role([]) } },
      {
        ...ENVIRONMENT,
        ...IS_PROD,
        Resources: {
          Role: role([
            { 'Fn::If': ['IsProd', { Effect: 'Allow', Action: '*', Resource: '*' }, { Ref: 'AWS::NoValue' }] },
          ]),
        },
      },
      /^broad-permission .*when Env is prod: allows privilege escalation/,
    ],
    [
      'all statements in one branch, by a condition that nobody can tell',
      { Conditions: { C: { 'Fn::Equals': [{ Ref: 'A' }, { Ref: 'B' }] } }, Resources: { Role: role([]) } },
      {
        Conditions: { C: { 'Fn::Equals': [{ Ref: 'A' }, { Ref: 'B' }] } },
        Resources: { Role: role({ 'Fn::If': ['C', [], [{ Effect: 'Allow', Action: '*', Resource: '*' }]] }) },
      },
      /^broad-permission .*when C does not hold: allows privilege escalation/,
    ],
    ['a macro of others', PLAIN, { ...PLAIN, Transform: ['Macro'] }, /^not-understood /],
    [
      'a macro among the properties',
      { Resources: { Bucket: bucket } },
      { Resources: { Bucket: { ...bucket, Properties: { ...macro('Housekeeping') } } } },
      /^not-understood Bucket another macro writes it/,
    ],
    [
      'another macro deep inside the properties',
      { Resources: { Topic: { ...topic, Properties: { Tags: [macro('A')] } } } },
      { Resources: { Topic: { ...topic, Properties: { Tags: [macro('B')] } } } },
      /^not-understood Topic another macro writes it/,
    ],
    [
      'a macro beside the resources',
      PLAIN,
      { Resources: { ...PLAIN.Resources, ...macro('AWS::Include') } },
      /^not-understood .*another macro writes the template/,
    ],
    [
      'a macro that writes the maps',
      { ...PLAIN, Mappings: macro('A') },
      { ...PLAIN, Mappings: macro('B') },
      /^not-understood .*another macro writes the template/,
    ],
    [
      'a loop over a list that is not said',
      { ...PLAIN, Parameters: { Names: { Type: 'CommaDelimitedList' } } },
      {
        Parameters: { Names: { Type: 'CommaDelimitedList' } },
        Resources: { ...PLAIN.Resources, 'Fn::ForEach::Many': ['N', { Ref: 'Names' }, { 'B${N}': bucket }] },
      },
      /^not-understood .*Fn::ForEach::Many/,
    ],
    [
      'a name less in a loop',
      {
        Transform: 'AWS::LanguageExtensions',
        Resources: { 'Fn::ForEach::Many': ['N', ['A', 'B'], { 'Bucket${N}': bucket }] },
      },
      {
        Transform: 'AWS::LanguageExtensions',
        Resources: { 'Fn::ForEach::Many': ['N', ['A'], { 'Bucket${N}': bucket }] },
      },
      /^data-removed BucketB/,
    ],
  ])('%s', (_, before, after, finding) => {
    expect(decisive(judged(before, after))).toContainEqual(expect.stringMatching(finding));
  });

  function role(Statement: unknown) {
    return { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyName: 'p', PolicyDocument: { Statement } }] } };
  }
});

describe('a condition refuses nothing', () => {
  const conditions = { ...ENVIRONMENT, ...IS_PROD };
  test.each<[string, object, object]>([
    [
      'on what holds nothing',
      { ...conditions, Resources: { Topic: topic } },
      { ...conditions, Resources: { Topic: { ...topic, Condition: 'IsProd' } } },
    ],
    [
      'that is written in another way',
      { ...conditions, Resources: { Bucket: { ...bucket, Condition: 'IsProd' } } },
      {
        ...ENVIRONMENT,
        Conditions: {
          Live: { 'Fn::Or': [{ Condition: 'IsProd' }, { 'Fn::Equals': ['prod', { Ref: 'Env' }] }] },
          ...IS_PROD.Conditions,
        },
        Resources: { Bucket: { ...bucket, Condition: 'Live' } },
      },
    ],
    [
      'beside macros that stay as they are, and one that leaves with its resource',
      {
        ...conditions,
        Resources: {
          ...macro('A'),
          Bucket: { ...bucket, Properties: macro('B') },
          Topic: { ...topic, Properties: macro('C') },
          Other: { ...topic, Condition: 'IsProd' },
        },
      },
      {
        ...conditions,
        Resources: { ...macro('A'), Bucket: { ...bucket, Properties: macro('B') }, Other: topic },
      },
    ],
    [
      'whose other use changes',
      { ...conditions, Resources: { Bucket: { ...bucket, Condition: 'IsProd' }, Topic: topic } },
      {
        ...conditions,
        Resources: {
          Bucket: { ...bucket, Condition: 'IsProd' },
          Topic: { ...topic, Properties: { DisplayName: { 'Fn::If': ['IsProd', 'a', 'b'] } } },
        },
      },
    ],
    [
      'a prohibition that stands in both branches',
      { ...conditions, Resources: { Bucket: bucket, Policy: policy([deny]) } },
      { ...conditions, Resources: { Bucket: bucket, Policy: policy([{ 'Fn::If': ['IsProd', deny, deny] }]) } },
    ],
  ])('%s', (_, before, after) => {
    const verdict = judged(before, after);
    expect(decisive(verdict)).toEqual([]);
    expect(verdict.verdict).toBe('safe');
  });
});

function macro(Name: string) {
  return { 'Fn::Transform': { Name, Parameters: { Location: 's3://a/b.json' } } };
}

const deny = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': false } },
};

function policy(Statement: unknown) {
  return { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: { Statement } } };
}

test('many conditions are tried one by one, each in both ways', () => {
  const names = Array.from({ length: 8 }, (_, index) => `P${index}`);
  const Parameters = Object.fromEntries(names.map((name) => [name, { Type: 'String' }]));
  const Conditions = Object.fromEntries(names.map((name) => [`Is${name}`, { 'Fn::Equals': [{ Ref: name }, 'yes'] }]));
  const buckets = Object.fromEntries(
    names.map((name) => [name.replace('P', 'B'), { ...bucket, Condition: `Is${name}` }]),
  );
  const found = decisive(
    judged({ Parameters, Conditions, Resources: buckets }, { Parameters, Conditions, Resources: {} }),
  );
  expect(new Set(found.map((one) => one.split(' ')[1]))).toEqual(new Set(Object.keys(buckets)));
});
