import * as backup from 'aws-cdk-lib/aws-backup';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';
import { subnetGroupOf } from '../database/subnet-group';

/** Hours for which a restored database stays, for whoever wants to look into it; then AWS deletes it. */
const VALIDATION_HOURS = 4;

const POLICY = 'service-role/AWSBackupServiceRolePolicyForRestores';

export interface RestoreTestProps {
  readonly environment: string;
  readonly vault: backup.IBackupVault;
  readonly databases: readonly rds.DatabaseInstance[];
}

/**
 * Once a month AWS restores the newest backup of each database and deletes it again: a backup that nobody has restored
 * is a hope. That it starts is what is tested, not what is in it.
 */
export class RestoreTest extends Construct {
  constructor(scope: Construct, id: string, { environment, vault, databases }: RestoreTestProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
      description: `What restore tests of ${environment} may do`,
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(POLICY)],
    });
    acknowledge(
      role,
      `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${POLICY}]`,
      'The policy that AWS writes for its own backup service, and keeps in step with the services it restores.',
    );
    const plan = new backup.CfnRestoreTestingPlan(this, 'Plan', {
      // The service takes letters, digits and underscores only. Only another name replaces it.
      restoreTestingPlanName: `${underscored(environment)}_monthly`,
      scheduleExpression: 'cron(0 10 2 * ? *)',
      startWindowHours: 4,
      recoveryPointSelection: {
        algorithm: 'LATEST_WITHIN_WINDOW',
        includeVaults: [vault.backupVaultArn],
        recoveryPointTypes: ['SNAPSHOT', 'CONTINUOUS'],
        selectionWindowDays: 7,
      },
    });
    for (const [index, database] of databases.entries()) {
      new backup.CfnRestoreTestingSelection(this, `Database${index + 1}`, {
        restoreTestingPlanName: plan.ref,
        restoreTestingSelectionName: `database_${index + 1}`,
        iamRoleArn: role.roleArn,
        protectedResourceType: 'RDS',
        protectedResourceArns: [database.instanceArn],
        // Left out, AWS restores into the default network of the account, where there is one.
        restoreMetadataOverrides: { dbSubnetGroupName: subnetGroupOf(database) },
        validationWindowHours: VALIDATION_HOURS,
      });
    }
  }
}

function underscored(name: string): string {
  return name.replaceAll('-', '_');
}
