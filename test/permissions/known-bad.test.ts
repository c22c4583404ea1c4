import { describe, expect, test } from 'vitest';
import type { Template } from '../../lib/template/template';
import { type Caller, callsInSource, callsOf, scriptOf } from './calls';
import { deadStatements } from './dead-statements';
import { unexplained } from './exceptions';
import { type Role, rolesOf } from './grants';
import { handlerCalls } from './handler-calls';
import { parameterFindings } from './parameter-access';
import { Account } from './physical';
import { refusedCalls } from './refused-calls';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** A role with these statements, in a stack of its own. */
function roleWith(...statements: readonly Statement[]): Role {
  const template: Template = {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'ec2.amazonaws.com' } }] },
          Policies: [
            { PolicyDocument: { Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })) } },
          ],
        },
      },
      Bucket: { Type: 'AWS::S3::Bucket' },
      Queue: { Type: 'AWS::SQS::Queue' },
    },
  };
  const templates = { bad: template };
  const [role] = rolesOf(templates, new Account(templates, { bad: 'eu-west-1' }));
  if (role === undefined) throw new Error('the template has no role');
  return role;
}

const BUCKET = { 'Fn::GetAtt': ['Bucket', 'Arn'] };
const OBJECTS = { 'Fn::Join': ['', [BUCKET, '/*']] };

describe('a statement that grants nothing is found', () => {
  test.each([
    ['an action that does not exist', { Action: 's3:ReadObject', Resource: OBJECTS }, 's3:ReadObject is no action'],
    ['a wildcard that means no action', { Action: 'sqs:Reeive*', Resource: '*' }, 'sqs:Reeive* is no action'],
    ['a service that does not exist', { Action: 'simplestorage:GetObject', Resource: '*' }, 'is no action of AWS'],
    [
      'an action that takes no resource',
      { Action: 'codedeploy:ListDeploymentTargets', Resource: 'arn:aws:codedeploy:eu-west-1:1:deploymentgroup:a/b' },
      'codedeploy:ListDeploymentTargets takes no resource',
    ],
    ['objects for an action on buckets', { Action: 's3:ListBucket', Resource: OBJECTS }, 's3:ListBucket is granted on'],
    ['a bucket for an action on objects', { Action: 's3:GetObject', Resource: BUCKET }, 's3:GetObject is granted on'],
    [
      'a resource that none of its actions knows',
      { Action: ['sqs:SendMessage'], Resource: [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, BUCKET] },
      'none of its actions can be granted on arn:aws:s3:::',
    ],
    [
      'a condition that no request meets',
      {
        Action: 's3:GetObject',
        Resource: OBJECTS,
        Condition: { StringEquals: { 'autoscaling:ResourceTag/team': 'a' } },
      },
      'a request for s3:GetObject does not carry autoscaling:ResourceTag/team',
    ],
    [
      'a volume without the instance that it is attached to',
      { Action: 'ec2:AttachVolume', Resource: 'arn:aws:ec2:eu-west-1:1:volume/*' },
      'ec2:AttachVolume needs a resource of the kind instance too',
    ],
  ])('%s', async (_, statement, finding) => {
    expect(await deadStatements(roleWith(statement))).toContainEqual(expect.stringContaining(finding));
  });

  test('and one that grants what it says is not', async () => {
    const statements: readonly Statement[] = [
      { Action: ['s3:GetObject', 's3:ListBucket'], Resource: [BUCKET, OBJECTS] },
      { Action: 'codedeploy:ListDeploymentTargets', Resource: '*' },
      {
        Action: 'secretsmanager:GetSecretValue',
        Resource: 'arn:aws:secretsmanager:eu-west-1:1:secret:rds!cluster-*',
        Condition: { StringLike: { 'secretsmanager:ResourceTag/aws:rds:primaryDBClusterArn': 'arn:*' } },
      },
    ];
    expect(await deadStatements(roleWith(...statements))).toEqual([]);
  });
});

describe('a call that its role does not allow is found', () => {
  const library = scriptOf(
    'lib.sh',
    ['ask() {', '  aws ssm get-parameter --name "/beamstalk/$ENVIRONMENT/$1" \\', '    --output text', '}'].join('\n'),
  );
  const script = scriptOf(
    'step.sh',
    ['# aws sqs purge-queue', 'path="/beamstalk/$ENVIRONMENT/release"', 'ask a'].join('\n'),
  );
  const calling = (...calls: Caller['calls']): Caller[] => [{ role: 'bad/Role', calls }];
  const parameters = (name: string) => `arn:aws:ssm:eu-west-1:111122223333:parameter${name}`;

  test('a call within a function of a library', async () => {
    const callers = calling(...callsOf(script, [library]));
    const may = roleWith({ Action: 'ssm:GetParameter', Resource: parameters('/beamstalk/dev/*') });
    const mayNot = roleWith({ Action: 'ssm:GetParameters', Resource: parameters('/beamstalk/dev/*') });
    expect(await refusedCalls(callers, [may], 'dev')).toEqual([]);
    expect(await refusedCalls(callers, [mayNot], 'dev')).toEqual([
      expect.stringMatching(/^bad\/Role: may not ssm:GetParameter \(lib\.sh: /),
    ]);
  });

  test('a parameter that it may not read', async () => {
    const callers = calling(
      ...callsOf(scriptOf('a.sh', 'aws ssm put-parameter --name "/beamstalk/$ENVIRONMENT/a/b" -')),
    );
    const role = roleWith({ Action: 'ssm:PutParameter', Resource: parameters('/beamstalk/dev/c/*') });
    expect(await refusedCalls(callers, [role], 'dev')).toEqual([
      expect.stringContaining('may not ssm:PutParameter /beamstalk/<environment>/a/b'),
    ]);
  });

  test('a call of another name, and one of a handler', async () => {
    const text = ['elbv2() {', '  aws elbv2 "$@"', '}', 'elbv2 wait target-in-service --targets a'].join('\n');
    const source =
      "import { SendMessageCommand } from '@aws-sdk/client-sqs';\nclient.send(new SendMessageCommand({}));";
    const callers = calling(...callsOf(scriptOf('a.sh', text)), ...callsInSource('handler.ts', source));
    expect(await refusedCalls(callers, [roleWith()], 'dev')).toEqual([
      expect.stringContaining('may not elasticloadbalancing:DescribeTargetHealth'),
      expect.stringContaining('may not sqs:SendMessage'),
    ]);
  });

  test('a permission that is there and grants nothing', async () => {
    const callers = calling(...callsOf(scriptOf('a.sh', 'aws deploy list-deployment-targets --deployment-id a')));
    const dead = roleWith({
      Action: 'codedeploy:ListDeploymentTargets',
      Resource: 'arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:a/b',
    });
    expect(await refusedCalls(callers, [dead], 'dev')).toHaveLength(1);
  });

  test('copies go one way or the other', () => {
    const actions = (text: string) => callsOf(scriptOf('a.sh', text)).flatMap((call) => call.actions);
    expect(actions('aws s3 cp --only-show-errors "s3://$bucket/a" "$file"')).toEqual(['s3:GetObject']);
    expect(actions('aws s3 cp "$file" "s3://$bucket/a"')).toEqual(['s3:PutObject']);
    expect(actions('aws s3 cp --no-sign-request "s3://public/a" "$file"')).toEqual([]);
    expect(() => actions('aws s3 cp "$one" "$other"')).toThrow('which way');
  });

  test('handlers make the calls that they are known to make', () => {
    const actions = handlerCalls('back-pressure').flatMap((call) => call.actions);
    expect(new Set(actions)).toEqual(new Set(['ssm:PutParameter', 'ssm:GetParameter', 'cloudwatch:DescribeAlarms']));
  });
});

describe('a parameter that a role may read without need is found', () => {
  const fleet = { stack: 'bad', roleId: 'Role', role: 'web', steps: ['kernel', 'pressure', 'proxy'] } as const;
  const arn = (name: string) => `arn:aws:ssm:eu-west-1:111122223333:parameter${name}`;
  const read = (action: string, ...names: string[]) => ({ Action: `ssm:${action}`, Resource: names.map(arn) });
  const NEEDED = [
    read('GetParameters', '/beamstalk/dev/ingress/*'),
    read('GetParameter', '/beamstalk/dev/pressure/*'),
  ] as const;
  const found = (...statements: readonly Statement[]) => parameterFindings([roleWith(...statements)], [fleet], 'dev');

  test('and what its steps read is not', async () => {
    expect(
      await found(...NEEDED, read('GetParameters', '/other/*'), { Action: 's3:GetObject', Resource: OBJECTS }),
    ).toEqual([]);
  });

  test.each([
    [
      'the topic of another role',
      read('GetParameters', '/beamstalk/dev/database/*'),
      'database/* by ssm:GetParameters',
    ],
    ['a single parameter', read('GetParameter', '/beamstalk/dev/climb/state'), 'climb/state by ssm:GetParameter'],
    ['all of the environment', read('GetParametersByPath', '/beamstalk/dev'), '* by ssm:GetParametersByPath'],
    ['what is below it', read('GetParameters', '/beamstalk/dev/*'), '* by ssm:GetParameters'],
    ['a part of a topic', read('GetParameters', '/beamstalk/dev/cac*'), '* by ssm:GetParameters'],
    ['everything', { Action: 'ssm:GetParameters', Resource: '*' }, '* by ssm:GetParameters'],
    [
      'its own topic by another action',
      read('GetParameterHistory', '/beamstalk/dev/ingress/*'),
      'ingress/* by ssm:GetParameterHistory',
    ],
  ])('%s', async (_, statement, what) => {
    expect(await found(...NEEDED, statement)).toEqual([`bad/Role reads needlessly ${what}`]);
  });

  test('a topic that its steps read and it may not', async () => {
    expect(await found(NEEDED[0])).toEqual(['bad/Role cannot read pressure/* by ssm:GetParameter']);
  });

  test('by who is no node', async () => {
    expect(await parameterFindings([roleWith(...NEEDED)], [], 'dev')).toEqual([
      'bad/Role reads ingress/* by ssm:GetParameters',
      'bad/Role reads pressure/* by ssm:GetParameter',
    ]);
  });
});

test('an exception that explains nothing is a finding', () => {
  expect(unexplained(['a is wrong'], [{ finding: /^b/, because: 'a reason' }])).toEqual([
    'a is wrong',
    'the exception /^b/ finds nothing: take it away',
  ]);
});
