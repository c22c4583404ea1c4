import { ArnFormat, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { allow } from '../../policies/allow';

/**
 * Lets the Systems Manager agent of an instance do its work: sessions, commands, associations, inventory and patch scans.
 *
 * The actions are those of `AmazonSSMManagedInstanceCore` without `ssm:GetParameter` and `ssm:GetParameters`, which that
 * policy grants on every parameter of the account, so that each environment could read all others. AWS leaves the two
 * out of its policy for Default Host Management too, `AmazonSSMManagedEC2InstanceDefaultPolicy`: the agent needs them for
 * nothing that is used here.
 *
 * Sources: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html,
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html (2026-11-29)
 */
export function letBeManaged(role: iam.Role): void {
  const { partition, region } = Stack.of(role);
  const arn = (service: string, resource: string): string =>
    Stack.of(role).formatArn({ service, resource, resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  // Documents of AWS, under whatever account it keeps them, and the account's own settings for sessions.
  const documents = ['AWS-*', 'SSM-SessionManagerRunShell'].map(
    (name) => `arn:${partition}:ssm:${region}:*:document/${name}`,
  );
  allow(role, {
    actions: ['ssm:GetDocument', 'ssm:DescribeDocument'],
    resources: documents,
    wildcardsBecause: 'AWS adds documents; those that accounts write themselves have other names.',
  });
  allow(role, {
    actions: [
      'ssm:UpdateInstanceInformation',
      'ssm:ListInstanceAssociations',
      'ssm:DescribeAssociation',
      'ssm:UpdateAssociationStatus',
      'ssm:UpdateInstanceAssociationStatus',
      'ssm:PutComplianceItems',
    ],
    resources: [arn('ec2', 'instance'), arn('ssm', 'association'), ...documents],
    wildcardsBecause:
      'Instances come and go, associations have ids that AWS makes up, and these actions know no tag of an instance.',
  });
  allow(role, {
    actions: [
      'ssm:GetDeployablePatchSnapshotForInstance',
      'ssm:GetManifest',
      'ssm:ListAssociations',
      'ssm:PutConfigurePackageResult',
      'ssm:PutInventory',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
      'ec2messages:AcknowledgeMessage',
      'ec2messages:DeleteMessage',
      'ec2messages:FailMessage',
      'ec2messages:GetEndpoint',
      'ec2messages:GetMessages',
      'ec2messages:SendReply',
    ],
    resources: ['*'],
    wildcardsBecause: 'Messages, inventory and patch snapshots of an instance know no resource-level permissions.',
  });
}
