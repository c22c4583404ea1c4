import { Duration } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { OperationsPlan } from '../../architecture/automation';
import { acknowledge } from '../../policies/acknowledge';
import { Vault } from './vault';

const DAYS_OF_MONTH = 31;

export interface BackupsProps {
  readonly environment: string;
  readonly plan: OperationsPlan;
  /** Resources that are backed up, each by name: a tag selects only what somebody remembered to tag. */
  readonly resources: readonly backup.BackupResource[];
  /** Further resources that are backed up, by tag: key and value. */
  readonly tags: readonly (readonly [key: string, value: string])[];
  /** A vault in another region that gets a copy of everything. */
  readonly copyTo?: backup.IBackupVault;
  /** Topic that is told of a backup, a copy or a test that failed. */
  readonly topic: sns.ITopic;
}

/**
 * Backups beside those that each service makes of itself: in a vault that can be locked, for longer, and copied to
 * another region. Nothing moves to cold storage, which RDS and S3 do not have.
 */
export class Backups extends Construct {
  readonly vault: backup.BackupVault;

  constructor(scope: Construct, id: string, { environment, plan, resources, tags, copyTo, topic }: BackupsProps) {
    super(scope, id);
    this.vault = new Vault(this, 'Vault', { environment, lock: plan.vaultLock }).vault;
    const rules = [
      { name: 'daily', days: plan.backupDays, cron: { minute: '0', hour: '5' } },
      { name: 'monthly', days: plan.backupMonths * DAYS_OF_MONTH, cron: { minute: '0', hour: '6', day: '1' } },
    ].map(({ name, days, cron }) => {
      const deleteAfter = Duration.days(days);
      return new backup.BackupPlanRule({
        ruleName: name,
        scheduleExpression: events.Schedule.cron(cron),
        startWindow: Duration.hours(1),
        completionWindow: Duration.hours(12),
        deleteAfter,
        ...(copyTo && { copyActions: [{ destinationBackupVault: copyTo, deleteAfter }] }),
      });
    });
    const schedule = new backup.BackupPlan(this, 'Plan', { backupVault: this.vault, backupPlanRules: rules });
    const common = { role: backupRole(this, environment), disableDefaultBackupPolicy: true };
    schedule.addSelection('Selection', { resources: [...resources], ...common });
    // Apart from the others: with a tag in the same selection it would depend on AWS whether one or both must fit.
    if (tags.length > 0)
      schedule.addSelection('Tagged', {
        resources: tags.map(([key, value]) => backup.BackupResource.fromTag(key, value)),
        ...common,
      });
    tellOfFailures(this, environment, topic);
  }
}

const MANAGED = [
  'service-role/AWSBackupServiceRolePolicyForBackup',
  'service-role/AWSBackupServiceRolePolicyForRestores',
  'AWSBackupServiceRolePolicyForS3Backup',
  'AWSBackupServiceRolePolicyForS3Restore',
];

function backupRole(scope: Construct, environment: string): iam.Role {
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
    description: `What AWS Backup may do for ${environment}`,
    managedPolicies: MANAGED.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)),
  });
  for (const name of MANAGED) {
    acknowledge(
      role,
      `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`,
      'The policy that AWS writes for its own backup service, and keeps in step with the services it backs up.',
    );
  }
  return role;
}

/**
 * Job states that mean that there is no backup, no copy or no restored test. The rules see every job of the region: of
 * two environments in one account each hears of the other's.
 *
 * Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html (2026-11-21)
 */
function tellOfFailures(scope: Construct, environment: string, topic: sns.ITopic): void {
  const failed = ['FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'];
  const rule = (id: string, detailType: string, detail: Record<string, string[]>): void => {
    new events.Rule(scope, id, {
      description: `A ${detailType.split(' ')[0]?.toLowerCase()} job failed, of ${environment} or its neighbours`,
      eventPattern: { source: ['aws.backup'], detailType: [detailType], detail },
      targets: [new targets.SnsTopic(topic)],
    });
  };
  rule('BackupFailed', 'Backup Job State Change', { state: failed });
  rule('CopyFailed', 'Copy Job State Change', { state: failed });
  rule('RestoreFailed', 'Restore Job State Change', { status: failed });
}
