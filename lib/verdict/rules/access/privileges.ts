import { isTrivial, namesWho } from '../../../template/conditions';
import type { PolicyStatement, Targets } from '../../../template/policy-statements';

/**
 * What makes its holder master of the account, or ends what holds data, when it may be done to anything.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html,
 * https://bishopfox.com/blog/privilege-escalation-in-aws
 */
const POWERS: readonly string[] = [
  ...['AddUserToGroup', 'AttachGroupPolicy', 'AttachRolePolicy', 'AttachUserPolicy', 'CreateAccessKey'],
  ...['CreateLoginProfile', 'CreatePolicyVersion', 'DeleteRolePermissionsBoundary', 'PassRole', 'PutGroupPolicy'],
  ...['PutRolePolicy', 'PutUserPolicy', 'SetDefaultPolicyVersion', 'UpdateAssumeRolePolicy', 'UpdateLoginProfile'],
]
  .map((name) => `iam:${name}`)
  .concat(
    ['sts:AssumeRole', 'lambda:UpdateFunctionCode'],
    ['s3:DeleteBucket', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutLifecycleConfiguration'],
    ['rds:DeleteDBInstance', 'rds:DeleteDBCluster', 'rds:DeleteDBSnapshot', 'rds:ModifyDBInstance'],
    ['dynamodb:DeleteTable', 'dynamodb:DeleteBackup', 'ec2:DeleteVolume', 'ec2:DeleteSnapshot'],
    ['kms:Decrypt', 'kms:DisableKey', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion'],
    ['secretsmanager:GetSecretValue', 'secretsmanager:DeleteSecret', 'elasticache:DeleteReplicationGroup'],
    ['redshift:DeleteCluster', 'backup:DeleteBackupVault', 'backup:DeleteRecoveryPoint', 'sqs:PurgeQueue'],
  );

/** Managed policies of AWS that make their holder master of the account, or of all of a service. */
export const MASTER_POLICY = /\/(AdministratorAccess|PowerUserAccess|\w*FullAccess)$/;

/** Whether everybody on the internet, or everybody with an AWS account, is meant. */
export function isWorld({ stands, type, principals, condition }: PolicyStatement): boolean {
  // The policy of an endpoint takes away from what its callers may do, and gives nothing.
  if (stands === 'identity' || type === 'AWS::EC2::VPCEndpoint') return false;
  const everybody = principals.not || principals.values.some((value) => /^(AWS:)?\*+$/.test(value));
  return everybody && !namesWho(condition);
}

/** Whether its holder could make himself master, or end what holds data: by name, by wildcard or by exception. */
export function isMaster({ stands, actions, resources, condition }: PolicyStatement): boolean {
  if (stands === 'resource' || !isWide(resources) || !isTrivial(condition)) return false;
  return actions.not || actions.values.some((action) => /^[^:]*\*+$|^[a-z0-9-]*:\*+$/i.test(action) || isPower(action));
}

/** The other AWS accounts among those who are allowed: our own stands as a reference, never as a number. */
export function otherAccounts({ principals }: PolicyStatement): string[] {
  if (principals.not) return [];
  return principals.values.flatMap(
    (value) => /^AWS:(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(value)?.[1] ?? [],
  );
}

/** Whether an action, which may hold wildcards, includes another. */
export function includesAction(pattern: string, action: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(action);
}

function isPower(action: string): boolean {
  return POWERS.some((power) => includesAction(action, power));
}

/** Whether everything, or everything of a kind, is meant: `*`, an ARN that ends with one, or all but a list. */
function isWide({ values, not }: Targets): boolean {
  return not || values.some((value) => WIDE.test(value.replace(/\$\{[^}]*\}/g, 'known')));
}

const WIDE = /^(\*+|arn:[*]|arn:[^:]*:[^:]*:[^:]*:[^:]*:([a-z-]+[/:])?\*+([/:]\*+)*)$/i;
