import { describe, expect, test } from 'vitest';
import { text } from '../../lib/commands/diff/text';
import type { TemplateResource } from '../../lib/template/template';
import { verdictOf } from '../../lib/verdict/verdict';

// Faults that random templates found (random-templates.slow.test.ts): each kind once, in the smallest form.

const one = (resource: TemplateResource) => ({ s: { Resources: { Thing: resource } } });
const printed = (before: TemplateResource, after: TemplateResource): string =>
  text('x', verdictOf(one(before), one(after)), { colour: false, all: true }).replace(/\s+/g, ' ');

describe('lists that are left to an intrinsic', () => {
  const role = (ManagedPolicyArns: unknown): TemplateResource => ({
    Type: 'AWS::IAM::Role',
    Properties: { ManagedPolicyArns },
  });

  test.each<[string, unknown]>([
    ['a split parameter', { 'Fn::Split': [',', { Ref: 'Arns' }] }],
    ['a choice', { 'Fn::If': ['Open', ['arn:aws:iam::aws:policy/ReadOnlyAccess'], { Ref: 'AWS::NoValue' }] }],
    ['a map', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'x'] }],
  ])('%s', (_, arns) => {
    expect(printed(role(['arn:aws:iam::aws:policy/ReadOnlyAccess']), role(arns))).toContain('ManagedPolicyArns');
  });
});

describe('a rule of a security group that leaves out', () => {
  const rule = (Properties: object): TemplateResource => ({
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: { ...Properties },
  });
  const whole = { GroupId: 'sg-1', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/16' };

  test.each<[string, object, string]>([
    ['its last port', { ...whole, ToPort: undefined }, 'sg-1 lets in tcp 443 and above from 10.0.0.0/16'],
    ['its first port', { ...whole, FromPort: undefined }, 'sg-1 lets in tcp up to 443 from 10.0.0.0/16'],
    ['its group', { ...whole, GroupId: undefined }, 'a group that is not named lets in tcp 443 from 10.0.0.0/16'],
  ])('%s', (_, after, says) => {
    const plain = JSON.parse(JSON.stringify(after)) as object;
    expect(printed(rule({ ...whole, FromPort: 80, ToPort: 80 }), rule(plain))).toContain(says);
  });
});

test('an export without a stack before its colon is told by its name alone', () => {
  const policy = (by: unknown): TemplateResource => ({
    Type: 'AWS::IAM::Policy',
    Properties: {
      Roles: ['r'],
      PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: by }] },
    },
  });
  const words = printed(policy('arn:aws:s3:::a'), policy({ 'Fn::ImportValue': ':name' }));
  expect(words).toContain('s3:GetObject on name');
  expect(words).not.toMatch(/ of [,.]?\s*$| of (opened|closed)/);
});
