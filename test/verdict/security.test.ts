import { expect, test } from 'vitest';
import { permissionChanges } from '../../lib/template/permissions';
import { policyStatements } from '../../lib/template/policy-statements';
import type { Template, TemplateResource } from '../../lib/template/template';
import { legible } from '../../lib/template/text';
import { exposures } from '../../lib/verdict/rules/access/exposures';
import { securityChanges } from '../../lib/verdict/rules/access/security-changes';

const stack = (Resources: Record<string, TemplateResource>): Template => ({ Resources });

const policy = (...Statement: object[]) => ({
  Type: 'AWS::IAM::Policy',
  Properties: { PolicyDocument: { Statement }, Roles: [{ Ref: 'Role' }] },
});
const may = (...Resource: string[]) => ({ Effect: 'Allow', Action: 's3:GetObject', Resource });
const between = (before: Record<string, TemplateResource>, after: Record<string, TemplateResource>) => {
  const sides = [{ s: stack(before) }, { s: stack(after) }] as const;
  return { changes: securityChanges(...sides), exposed: exposures(...sides) };
};

test('one more resource in a statement is one thing opened', () => {
  const { changes } = between({ P: policy(may('a')) }, { P: policy(may('a', 'b')) });
  expect(changes).toEqual([
    {
      stack: 's',
      kind: 'iam',
      direction: 'opened',
      subject: 'Role',
      what: 'Role may s3:GetObject on b',
      world: false,
    },
  ]);
});

test('a prohibition that comes closes, one that goes opens', () => {
  const deny = { Effect: 'Deny', Action: 's3:*', Resource: 'a' };
  expect(between({ P: policy() }, { P: policy(deny) }).changes).toMatchObject([{ direction: 'closed' }]);
  expect(between({ P: policy(deny) }, { P: policy() }).changes).toMatchObject([{ direction: 'opened' }]);
});

test('everybody, under a condition, is not everybody', () => {
  const queue = (Condition?: object) => ({
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: ['q'],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: '*',
            Action: 'sqs:SendMessage',
            Resource: '*',
            ...(Condition && { Condition }),
          },
        ],
      },
    },
  });
  expect(between({}, { Q: queue() }).exposed).toMatchObject([{ rule: 'open-to-world' }]);
  expect(between({}, { Q: queue({ ArnLike: { 'aws:SourceArn': 'x' } }) }).exposed).toEqual([]);
});

test('users may come to 80 and 443 of a load balancer, to nothing else', () => {
  const rule = (port: number, GroupId: unknown = { Ref: 'Door' }) => ({
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: { GroupId, IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: '0.0.0.0/0' },
  });
  const groups = {
    Door: { Type: 'AWS::EC2::SecurityGroup' },
    Inner: { Type: 'AWS::EC2::SecurityGroup' },
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: { SecurityGroups: [{ Ref: 'Door' }] },
    },
  };
  const opening = (R: TemplateResource) => between(groups, { ...groups, R });
  expect(opening(rule(443))).toMatchObject({ changes: [{ world: true, direction: 'opened' }], exposed: [] });
  expect(opening(rule(5432)).exposed).toMatchObject([{ rule: 'open-to-world' }]);
  expect(opening(rule(443, { Ref: 'Inner' })).exposed).toMatchObject([{ rule: 'open-to-world' }]);
  expect(between({ R: rule(5432) }, {})).toMatchObject({ changes: [{ direction: 'closed' }], exposed: [] });
});

test('one more action in a statement is one thing opened, wherever the CDK puts it', () => {
  const both = { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: ['a', 'b'] };
  const { changes } = between({ P: policy(may('a', 'b')) }, { P: policy(both) });
  expect(changes.map(({ direction, what }) => [direction, what])).toEqual([
    ['opened', 'Role may s3:PutObject on a, b'],
  ]);
  const apart = [may('a'), may('b'), { Effect: 'Allow', Action: 's3:PutObject', Resource: ['b', 'a'] }];
  expect(between({ P: policy(both) }, { P: policy(...apart) }).changes).toEqual([]);
});

test('exceptions are read as exceptions', () => {
  const but = { Effect: 'Allow', NotAction: ['iam:*', 's3:*'], NotResource: 'a' };
  const { changes, exposed } = between({}, { P: policy(but) });
  expect(changes).toMatchObject([{ what: 'Role may all but iam:*, s3:* on all but a' }]);
  expect(exposed).toMatchObject([{ rule: 'broad-permission' }]);
});

test('a policy is a policy wherever it stands', () => {
  const document = { Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'q' } };
  const resources = {
    A: { Type: 'AWS::IAM::RolePolicy', Properties: { RoleName: 'r', PolicyDocument: document } },
    B: { Type: 'AWS::IAM::User', Properties: { Policies: [{ PolicyName: 'p', PolicyDocument: document }] } },
    C: { Type: 'AWS::IAM::ManagedPolicy', Properties: { Groups: [{ Ref: 'Group' }], PolicyDocument: document } },
    D: {
      Type: 'AWS::Logs::ResourcePolicy',
      Properties: { PolicyDocument: JSON.stringify({ Statement: [{ ...document.Statement, Principal: '*' }] }) },
    },
    E: { Type: 'AWS::Tomorrow::Thing', Properties: { Access: { Policy: document } } },
  };
  const read = policyStatements(stack(resources)).map(({ holder, stands, principals }) => [
    holder,
    stands,
    ...principals.values,
  ]);
  expect(read).toEqual([
    ['A', 'identity', 'r'],
    ['B', 'identity', '${B}'],
    ['C', 'identity', '${Group}'],
    ['D', 'resource', '*'],
    ['E', 'identity', '${E}'],
  ]);
});

test('the policy of an endpoint opens nothing', () => {
  const endpoint = {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
    },
  };
  expect(between({}, { E: endpoint }).exposed).toEqual([]);
});

test('what goes and comes in the same words is not mentioned', () => {
  const boot = (hash: string) =>
    may(`arn:aws:s3:::cdk-hnb659fds-assets-\${AWS::AccountId}-us-east-1/${hash.repeat(64)}.zip`);
  const sides = [{ P: policy(boot('a')) }, { P: policy(boot('b')) }] as const;
  expect(between(...sides).changes).toEqual([]);
  const { added, removed } = permissionChanges(stack(sides[0]), stack(sides[1]));
  expect([added, removed]).toMatchObject([{ length: 1 }, { length: 1 }]);
});

test('our own account reads as none, another one by its number', () => {
  expect(legible('AWS:arn:${AWS::Partition}:iam::${AWS::AccountId}:root')).toBe('iam:root');
  expect(legible('AWS:arn:aws:iam::111122223333:root')).toBe('iam:111122223333:root');
  expect(legible('arn:aws:sqs:us-east-1:111122223333:jobs')).toBe('sqs:111122223333:jobs');
});
