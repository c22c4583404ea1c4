import { isTrivial, namesWho } from '../../../template/conditions';
import type { PolicyStatement, Targets } from '../../../template/policy-statements';

/**
 * Actions that allow privilege escalation or the destruction of data when they are granted on all resources.
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

/** Managed policies of AWS that give full control of the account, or of a whole service. */
export const MASTER_POLICY = /\/(AdministratorAccess|PowerUserAccess|\w*FullAccess)$/;

/** Recognises principals that mean anybody on the internet, or anybody with an AWS account. */
export function isWorld({ stands, type, principals, condition }: PolicyStatement): boolean {
  // The policy of an endpoint takes away from what its callers may do, and gives nothing.
  if (stands === 'identity' || type === 'AWS::EC2::VPCEndpoint') return false;
  const everybody = principals.not || principals.values.some((value) => /^(AWS:)?\*+$/.test(value));
  return everybody && !namesWho(condition);
}

/** True when a statement allows privilege escalation or the destruction of data: by name, by wildcard or by `NotAction`. */
export function isMaster({ stands, actions, resources, condition }: PolicyStatement): boolean {
  if (stands === 'resource' || !isWide(resources) || !isTrivial(condition)) return false;
  return (
    actions.not ||
    actions.values.some((action) => /^[^:]*\*+$/.test(action) || isAllOfMaster(action) || isPower(action))
  );
}

/** The other AWS accounts among those who are allowed: our own stands as a reference, never as a number. */
export function otherAccounts({ principals }: PolicyStatement): string[] {
  if (principals.not) return [];
  return principals.values.flatMap(
    (value) => /^AWS:(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(value)?.[1] ?? [],
  );
}

/** True when an action, which may hold wildcards, includes another. */
export function includesAction(pattern: string, action: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(action);
}

/** All of a service that holds data, or by which other permissions are had. */
function isAllOfMaster(action: string): boolean {
  const service = /^([a-z0-9*?-]*):\*+$/i.exec(action)?.[1]?.toLowerCase();
  if (service === undefined) return false;
  return [...MASTER_SERVICES].some((one) => includesAction(service, one));
}

/**
 * Prefixes of the services that hold data (those of `HOLDS`, under the names of the authorization reference) or give
 * permissions, run code or change the network. What only watches, such as X-Ray, is none of them.
 *
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const MASTER_SERVICES: ReadonlySet<string> = new Set([
  ...['account', 'acm-pca', 'airflow', 'aoss', 'aps', 'autoscaling', 'backup', 'batch', 'bedrock', 'cassandra'],
  ...['cloudformation', 'cloudfront', 'cloudfront-keyvaluestore', 'cloudtrail', 'codeartifact', 'codebuild'],
  ...['codecommit', 'codedeploy', 'codepipeline', 'cognito-identity', 'cognito-idp', 'config', 'connect', 'dax'],
  ...['detective', 'dms', 'docdb-elastic', 'ds', 'dsql', 'dynamodb', 'ec2', 'ecr', 'ecr-public', 'ecs', 'eks'],
  ...['elasticache', 'elasticfilesystem', 'elasticloadbalancing', 'elasticmapreduce', 'es', 'events', 'finspace'],
  ...['firehose', 'fsx', 'geo', 'glacier', 'glue', 'guardduty', 'healthlake', 'iam', 'identitystore', 'imagebuilder'],
  ...['iot', 'iotanalytics', 'iotsitewise', 'kafka', 'kafka-cluster', 'kendra', 'kinesis', 'kinesisvideo', 'kms'],
  ...['lambda', 'lightsail', 'logs', 'mediastore', 'medical-imaging', 'memorydb', 'mobiletargeting', 'mq'],
  ...['neptune-db', 'neptune-graph', 'omics', 'organizations', 'payment-cryptography', 'personalize', 'qbusiness'],
  ...['qldb', 'quicksight', 'ram', 'rds', 'rds-data', 'redshift', 'redshift-data', 'redshift-serverless'],
  ...['rekognition', 'rolesanywhere', 'route53', 's3', 's3-outposts', 's3express', 's3tables', 's3vectors'],
  ...['sagemaker', 'scheduler', 'sdb', 'secretsmanager', 'securitylake', 'serverlessrepo', 'ses', 'sns', 'sqs', 'ssm'],
  ...['sso', 'states', 'storagegateway', 'sts', 'timestream', 'transfer', 'verifiedpermissions', 'voiceid'],
  ...['wafv2', 'workspaces'],
]);

function isPower(action: string): boolean {
  return POWERS.some((power) => includesAction(action, power));
}

/** Recognises resources that mean all, or all of a kind: `*`, an ARN that ends with one, or `NotResource`. */
function isWide({ values, not }: Targets): boolean {
  return (
    not ||
    values.some((value) => {
      const text = value.replace(/\$\{[^}]*\}/g, 'known');
      // Before the slash of an object stands its bucket, not its kind.
      return text.startsWith('arn:') && text.split(':')[2] === 's3' ? ALL_BUCKETS.test(text) : WIDE.test(text);
    })
  );
}

const ALL_BUCKETS = /^arn:[^:]*:s3:[^:]*:[^:]*:\*+([/]\*+)*$/;

const WIDE = /^(\*+|arn:[*]|arn:[^:]*:[^:]*:[^:]*:[^:]*:([a-z-]+[/:])?\*+([/:]\*+)*)$/i;
