import type { Hazard } from './hazard';
import type { Planted } from './planted';

const allow = (Action: string | string[], more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more });

/** One more statement for what the app fleet may do. */
const app = (statement: object) => (after: Planted) =>
  void after.find('app', 'TiersAppRoleDefaultPolicy').Properties['PolicyDocument'].Statement.push(statement);

/** One more statement in the policy of the bucket of uploads. */
const uploads = (statement: object) => (after: Planted) =>
  void after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.push(statement);

const tls = (after: Planted) => after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement;

const url = (AuthType: string) => (both: Planted) =>
  both.add('app', 'Url', { Type: 'AWS::Lambda::Url', Properties: { AuthType, TargetFunctionArn: 'f' } });

/** What one statement makes of its holder, in whatever words it says so. */
const MASTERS: readonly (readonly [name: string, statement: object])[] = [
  ['a whole service: iam', allow('iam:*')],
  ['a whole service: s3', allow('s3:*')],
  ['a whole service: rds', allow('rds:*', { Resource: 'arn:aws:rds:*:*:*' })],
  ['a whole service, by ARN', allow('s3:*', { Resource: 'arn:aws:s3:::*' })],
  ['part of a service', allow('iam:Pass*')],
  ['everything, in two stars', allow('**')],
  ['everything, in two words', allow('*:*')],
  ['everything, on two stars', allow('*', { Resource: '**' })],
  ['everything but', { Effect: 'Allow', NotAction: 'sqs:SendMessage', Resource: '*' }],
  ['everything on all but', { Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::other' }],
  ['any role', allow('sts:AssumeRole', { Resource: 'arn:aws:iam::*:role/*' })],
  ['any secret', allow('secretsmanager:Get*')],
  ['any database deleted', allow('rds:DeleteDBInstance')],
  [
    'with a condition that everybody fulfils',
    allow('iam:*', { Condition: { StringLike: { 'aws:PrincipalArn': '*' } } }),
  ],
  ['with TLS', allow('kms:*', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } })],
];

/** Everybody, behind a condition that keeps nobody out. */
const EVERYBODY: readonly (readonly [name: string, Condition: object])[] = [
  ['an empty condition', {}],
  ['any principal', { StringLike: { 'aws:PrincipalArn': '*' } }],
  ['any role of any account', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }],
  ['any address', { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }],
  ['everybody but one', { StringNotEquals: { 'aws:PrincipalAccount': '111122223333' } }],
  ['an organisation, if there is one', { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } }],
  ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }],
];

/** Who may do what. */
export const PERMISSIONS: readonly Hazard[] = [
  ...MASTERS.map(
    ([name, statement]): Hazard => ({ name: `role: ${name}`, plant: app(statement), rule: 'broad-permission' }),
  ),
  ...EVERYBODY.map(
    ([name, Condition]): Hazard => ({
      name: `bucket: everybody, behind ${name}`,
      plant: uploads({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*', Condition }),
      rule: 'open-to-world',
    }),
  ),
  {
    name: 'bucket: all but one',
    plant: uploads({ Effect: 'Allow', NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 's3:*' }),
    rule: 'open-to-world',
  },
  ...['AWS::IAM::RolePolicy', 'AWS::IAM::UserPolicy', 'AWS::IAM::GroupPolicy'].map(
    (Type): Hazard => ({
      name: `${Type}: everything`,
      plant: (after) =>
        after.add('app', 'Inline', {
          Type,
          Properties: {
            PolicyName: 'p',
            [Type.replace(/.*::(\w+)Policy/, '$1Name')]: { Ref: after.idOf('app', 'TiersAppRole9') },
            PolicyDocument: { Statement: [allow('*')] },
          },
        }),
      rule: 'broad-permission',
    }),
  ),
  {
    name: 'role: all of a service by a managed policy',
    plant: (after) =>
      void after
        .find('app', 'TiersAppRole9')
        .Properties['ManagedPolicyArns'].push('arn:aws:iam::aws:policy/AmazonRDSFullAccess'),
    rule: 'broad-permission',
  },
  {
    name: 'role: boundary gone',
    given: (both) =>
      both.set('app', 'TiersAppRole9', { PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }),
    plant: (after) => after.unset('app', 'TiersAppRole9', 'PermissionsBoundary'),
    rule: 'guard-dropped',
  },
  {
    name: 'role: taken on by another account',
    plant: (after) =>
      void after.find('app', 'TiersAppRole9').Properties['AssumeRolePolicyDocument'].Statement.push({
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'sts:AssumeRole',
      }),
    rule: 'another-account',
  },
  {
    name: 'bucket: read by another account',
    plant: uploads({ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 's3:GetObject', Resource: '*' }),
    rule: 'another-account',
  },
  {
    name: 'bucket: plain HTTP forbidden to nobody',
    plant: (after) => {
      tls(after)[0].Condition = {
        Bool: { 'aws:SecureTransport': 'false' },
        StringEquals: { 'aws:PrincipalAccount': '1' },
      };
    },
    rule: 'deny-removed',
  },
  {
    name: 'bucket: plain HTTP forbidden the other way round',
    plant: (after) => {
      tls(after)[0].Condition = { Bool: { 'aws:SecureTransport': 'true' } };
    },
    rule: 'deny-removed',
  },
  {
    name: 'bucket: old TLS allowed again',
    plant: (after) => {
      tls(after)[1].Condition = { NumericLessThan: { 's3:TlsVersion': 1 } };
    },
    rule: 'deny-removed',
  },
  {
    name: 'bucket: plain HTTP forbidden for reading only',
    plant: (after) => {
      tls(after)[0].Action = 's3:GetObject';
    },
    rule: 'deny-removed',
  },
  {
    name: 'bucket: policy gone',
    plant: (after) => after.remove('data', 'BucketsUploadsBucketPolicy'),
    rule: 'deny-removed',
  },
  { name: 'function: answers everybody', plant: url('NONE'), rule: 'open-to-world' },
  {
    name: 'function: no longer asks who calls',
    given: url('AWS_IAM'),
    plant: (after) => after.set('app', 'Url', { AuthType: 'NONE' }),
    rule: 'open-to-world',
  },
  {
    name: 'function: called by everybody',
    plant: (after) =>
      after.add('app', 'Permission', {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Principal: '*',
          Action: 'lambda:InvokeFunctionUrl',
          FunctionName: 'f',
          FunctionUrlAuthType: 'NONE',
        },
      }),
    rule: 'open-to-world',
  },
];
