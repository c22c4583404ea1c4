import { type Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { allow, type Permission } from '../../lib/policies/allow';
import { permissions, singleStack, templateOf } from './single-stack';

/** What a permission makes of a role: its statements, and what has been accepted of the findings about it. */
function granted(permission: (stack: Stack) => Permission) {
  const stack = singleStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  allow(role, permission(stack));
  const template = templateOf(stack);
  const accepted = role.node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .map(({ data }) => data as Record<string, string>);
  return { statements: permissions(template), accepted: Object.assign({}, ...accepted) as Record<string, string> };
}

const MINE = 'arn:aws:s3:::mine/*';
const REASON = 'Objects come and go.';

describe('a permission', () => {
  test('is one statement of the policy of the role', () => {
    const { statements } = granted(() => ({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: ['arn:aws:s3:::mine/a'],
      conditions: { StringEquals: { 'aws:ResourceTag/a': 'b' } },
    }));
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: 'arn:aws:s3:::mine/a',
        Condition: { StringEquals: { 'aws:ResourceTag/a': 'b' } },
      },
    ]);
  });
});

describe('a wildcard', () => {
  test('without a reason is accepted by nobody, so that the policies refuse it', () => {
    expect(granted(() => ({ actions: ['s3:*'], resources: [MINE] })).accepted).toEqual({});
  });

  test('with a reason is accepted by its own name, with that reason', () => {
    const { accepted } = granted(() => ({
      actions: ['s3:Get*', 's3:PutObject'],
      resources: [MINE],
      wildcardsBecause: REASON,
    }));
    expect(accepted).toEqual({
      [`Annotation::AwsSolutions-IAM5[Action::s3:Get*]`]: REASON,
      [`Annotation::AwsSolutions-IAM5[Resource::${MINE}]`]: REASON,
    });
  });

  test('in an ARN with references is named as the findings name it', () => {
    const { accepted } = granted((stack) => ({
      actions: ['s3:GetObject'],
      resources: [new s3.CfnBucket(stack, 'Bucket').attrArn, `${new s3.CfnBucket(stack, 'Other').attrArn}/*`],
      wildcardsBecause: REASON,
    }));
    expect(Object.keys(accepted)).toEqual([`Annotation::AwsSolutions-IAM5[Resource::<Other.Arn>/*]`]);
  });

  test('that is not there is not accepted, whatever the reason', () => {
    const { accepted } = granted(() => ({
      actions: ['s3:GetObject'],
      resources: ['arn:aws:s3:::mine/a'],
      wildcardsBecause: REASON,
    }));
    expect(accepted).toEqual({});
  });
});
