import { describe, expect, test } from 'vitest';
import { producersOf, referencesIn } from '../../lib/template/references';
import type { Template, TemplateResource, Templates } from '../../lib/template/template';
import { compare } from '../../lib/verdict/changes/comparison';
import { brokenReferences, followed } from '../../lib/verdict/changes/propagation';

describe('references in a value', () => {
  test.each([
    ['Ref', { Ref: 'A' }, [{ kind: 'resource', id: 'A' }]],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['A', 'B.C'] }, [{ kind: 'resource', id: 'A', attribute: 'B.C' }]],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'A.B' }, [{ kind: 'resource', id: 'A', attribute: 'B' }]],
    ['inside Fn::Join', { 'Fn::Join': ['', ['arn:', { Ref: 'A' }]] }, [{ kind: 'resource', id: 'A' }]],
    [
      'inside Fn::Sub',
      { 'Fn::Sub': 'x ${A} ${B.C} ${!D}' },
      [
        { kind: 'resource', id: 'A' },
        { kind: 'resource', id: 'B', attribute: 'C' },
      ],
    ],
    ['a variable of Fn::Sub', { 'Fn::Sub': ['${x}', { x: { Ref: 'A' } }] }, [{ kind: 'resource', id: 'A' }]],
    ['Fn::ImportValue', { 'Fn::ImportValue': 'stack:Out' }, [{ kind: 'export', name: 'stack:Out' }]],
    [
      'Fn::GetStackOutput',
      { 'Fn::GetStackOutput': { StackName: 's', OutputName: 'o', Region: 'r' } },
      [{ kind: 'stack-output', stack: 's', output: 'o', region: 'r' }],
    ],
    ['deep in lists and maps', { a: [{ b: { Ref: 'A' } }] }, [{ kind: 'resource', id: 'A' }]],
    ['none', { a: 'Ref', b: 1 }, []],
    ['Fn::GetAtt of a number', { 'Fn::GetAtt': 5 }, []],
    ['Fn::GetAtt of an object', { 'Fn::GetAtt': { Ref: 'A' } }, [{ kind: 'resource', id: 'A' }]],
  ])('%s', (_, value, references) => {
    expect(referencesIn(value)).toEqual(references);
  });
});

const stack = (Resources: Record<string, TemplateResource>, Outputs = {}): Template => ({ Resources, Outputs });
const GROUP = { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'old' } };
const NEW_GROUP = { ...GROUP, Properties: { GroupDescription: 'new' } };
const groupId = { 'Fn::GetAtt': ['Group', 'GroupId'] };
const weak = { 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'GroupId' } };
const strong = { 'Fn::ImportValue': 'data:GroupId' };
const rule = (GroupId: unknown) => ({
  Type: 'AWS::EC2::SecurityGroupIngress',
  Properties: { GroupId, IpProtocol: '-1' },
});
const outputs = { GroupId: { Value: groupId, Export: { Name: 'data:GroupId' } } };

function brokenBetween(before: Templates, after: Templates) {
  return brokenReferences(before, after, followed(compare(before, after), after));
}

test('an output leads to the resources in its value', () => {
  const templates = { data: stack({ Group: GROUP }, outputs) };
  expect(producersOf({ kind: 'stack-output', stack: 'data', output: 'GroupId' }, templates)).toEqual([
    { stack: 'data', id: 'Group' },
  ]);
  expect(producersOf({ kind: 'export', name: 'data:GroupId' }, templates)).toEqual([{ stack: 'data', id: 'Group' }]);
  expect(producersOf({ kind: 'export', name: 'other' }, templates)).toBeUndefined();
});

describe('references across stacks', () => {
  test.each([
    ['weak', weak],
    ['strong', strong],
  ])('%s, to what is replaced', (kind, reference) => {
    const app = stack({ Rule: rule(reference) });
    const before = { data: stack({ Group: GROUP }, outputs), app };
    const after = { data: stack({ Group: NEW_GROUP }, outputs), app };
    expect(brokenBetween(before, after)).toEqual([
      { consumer: { stack: 'app', id: 'Rule' }, producer: { stack: 'data', id: 'Group' }, kind },
    ]);
  });

  test('one that comes new with the replacement is resolved then', () => {
    const before = { data: stack({ Group: GROUP }, outputs), app: stack({}) };
    const after = { data: stack({ Group: NEW_GROUP }, outputs), app: stack({ Rule: rule(weak) }) };
    expect(brokenBetween(before, after)).toEqual([]);
  });

  test('another resource behind the same output is as bad as a replaced one', () => {
    const app = stack({ Rule: rule(weak) });
    const other = { GroupId: { Value: { Ref: 'Other' } } };
    const before = { data: stack({ Group: GROUP }, outputs), app };
    const after = { data: stack({ Group: GROUP, Other: GROUP }, other), app };
    expect(brokenBetween(before, after)).toMatchObject([{ producer: { id: 'Other' }, kind: 'weak' }]);
  });

  test('to an output that is gone', () => {
    const app = stack({ Rule: rule(weak) });
    const before = { data: stack({ Group: GROUP }, outputs), app };
    expect(brokenBetween(before, { data: stack({ Group: GROUP }), app })).toMatchObject([{ kind: 'dangling' }]);
  });

  test('to a stack that is not part of the comparison', () => {
    const app = stack({ Rule: rule(weak), Other: rule(strong) });
    expect(brokenBetween({ app }, { app: stack({ ...app.Resources, More: GROUP }) })).toEqual([]);
  });

  test('what goes with its weak user is gone before the user learns of it; an export cannot go', () => {
    const after = { data: stack({}), app: stack({}) };
    const gone = (reference: unknown) =>
      brokenBetween({ data: stack({ Group: GROUP }, outputs), app: stack({ Rule: rule(reference) }) }, after);
    expect(gone(weak)).toMatchObject([{ consumer: { id: 'Rule' }, producer: { id: 'Group' }, kind: 'early' }]);
    expect(gone(strong)).toMatchObject([{ kind: 'imported' }]);
  });
});

describe('what follows within a stack', () => {
  const changesBetween = (before: Record<string, TemplateResource>, after: Record<string, TemplateResource>) =>
    Object.fromEntries(
      [...followed(compare({ s: stack(before) }, { s: stack(after) }), { s: stack(after) }).values()].map((one) => [
        one.id,
        one.change,
      ]),
    );

  test('who refers by a property that replaces is replaced, through Fn::Join and from one to the next', () => {
    const replica = {
      Type: 'AWS::RDS::DBInstance',
      Properties: { SourceDBInstanceIdentifier: { 'Fn::Join': [':', ['db', { Ref: 'Db' }]] } },
    };
    const record = {
      Type: 'AWS::Route53::RecordSet',
      Properties: { ResourceRecords: [{ 'Fn::GetAtt': ['Replica', 'Endpoint.Address'] }] },
    };
    const database = (DBName: string) => ({ Type: 'AWS::RDS::DBInstance', Properties: { DBName } });
    expect(
      changesBetween(
        { Db: database('a'), Replica: replica, Record: record },
        { Db: database('b'), Replica: replica, Record: record },
      ),
    ).toEqual({ Db: 'replaces', Replica: 'replaces', Record: 'updates' });
  });

  test('a changed launch template rolls its group only when the group takes the latest version', () => {
    const template = (InstanceType: string) => ({
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: { LaunchTemplateData: { InstanceType } },
    });
    const group = (Version: unknown) => ({
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: { LaunchTemplate: { LaunchTemplateId: { Ref: 'Lt' }, Version } },
    });
    const latest = { 'Fn::GetAtt': ['Lt', 'LatestVersionNumber'] };
    const change = (Version: unknown) =>
      changesBetween({ Lt: template('a'), Group: group(Version) }, { Lt: template('b'), Group: group(Version) });
    expect(change(latest)).toEqual({ Lt: 'updates', Group: 'restarts' });
    expect(change('1')).toEqual({ Lt: 'updates' });
  });

  test('an untouched stack has no change', () => {
    expect(changesBetween({ Group: GROUP }, { Group: structuredClone(GROUP) })).toEqual({});
  });
});
