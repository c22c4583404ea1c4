import {
  DescribeBackupVaultCommand,
  GetBackupPlanCommand,
  GetBackupSelectionCommand,
  GetRestoreTestingPlanCommand,
  GetRestoreTestingSelectionCommand,
} from '@aws-sdk/client-backup';
import { DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import { BatchGetProjectsCommand } from '@aws-sdk/client-codebuild';
import {
  GetApplicationCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import { GetPipelineCommand } from '@aws-sdk/client-codepipeline';
import { DescribeKeyCommand, ListAliasesCommand } from '@aws-sdk/client-kms';
import { DescribeAssociationCommand, GetMaintenanceWindowCommand, GetPatchBaselineCommand } from '@aws-sdk/client-ssm';
import { unlessRefused } from '../clients';
import { ACCOUNT } from '../surroundings';
import { property } from './network';
import { pick, type Reader } from './reader';

/** Phase 4: what is kept, built and delivered. */
export const KEEPING_READERS: Readonly<Record<string, Reader>> = {
  'AWS::KMS::Key': async ({ physicalId }, { kms }) => {
    const answer = await unlessRefused(kms.send(new DescribeKeyCommand({ KeyId: physicalId })));
    return pick(answer?.KeyMetadata, 'KeyId', 'Enabled', 'KeyUsage');
  },
  'AWS::KMS::Alias': async ({ physicalId }, { kms }) => {
    const answer = await unlessRefused(kms.send(new ListAliasesCommand({})));
    return pick(
      answer?.Aliases?.find(({ AliasName }) => AliasName === physicalId),
      'AliasName',
      'TargetKeyId',
    );
  },

  'AWS::Backup::BackupVault': async ({ physicalId }, { backup }) => {
    const answer = await unlessRefused(backup.send(new DescribeBackupVaultCommand({ BackupVaultName: physicalId })));
    return pick(answer, 'BackupVaultName', 'EncryptionKeyArn', 'Locked');
  },
  'AWS::Backup::BackupPlan': async ({ physicalId }, { backup }) => {
    const answer = await unlessRefused(backup.send(new GetBackupPlanCommand({ BackupPlanId: physicalId })));
    return pick(answer, 'BackupPlanId', 'BackupPlan');
  },
  'AWS::Backup::BackupSelection': async (selection, { backup }) => {
    const BackupPlanId = selection.resolve(property(selection, 'BackupPlanId')) ?? '';
    const SelectionId = selection.physicalId.split('_').at(-1) ?? '';
    const request = new GetBackupSelectionCommand({ BackupPlanId, SelectionId });
    return pick((await unlessRefused(backup.send(request)))?.BackupSelection, 'SelectionName', 'Resources');
  },
  'AWS::Backup::RestoreTestingPlan': async ({ physicalId }, { backup }) => {
    const request = new GetRestoreTestingPlanCommand({ RestoreTestingPlanName: physicalId });
    return pick((await unlessRefused(backup.send(request)))?.RestoreTestingPlan, 'ScheduleExpression');
  },
  'AWS::Backup::RestoreTestingSelection': async (selection, { backup }) => {
    const request = new GetRestoreTestingSelectionCommand({
      RestoreTestingPlanName: selection.resolve(property(selection, 'RestoreTestingPlanName')) ?? '',
      RestoreTestingSelectionName: String(property(selection, 'RestoreTestingSelectionName')),
    });
    return pick((await unlessRefused(backup.send(request)))?.RestoreTestingSelection, 'ProtectedResourceType');
  },
  'AWS::Budgets::Budget': async ({ physicalId }, { budgets }) => {
    const request = new DescribeBudgetCommand({ AccountId: ACCOUNT, BudgetName: physicalId });
    return pick((await unlessRefused(budgets.send(request)))?.Budget, 'BudgetLimit', 'TimeUnit');
  },

  'AWS::SSM::Association': async ({ physicalId }, { ssm }) => {
    const answer = await unlessRefused(ssm.send(new DescribeAssociationCommand({ AssociationId: physicalId })));
    return pick(answer?.AssociationDescription, 'Name', 'ScheduleExpression', 'Targets');
  },
  'AWS::SSM::PatchBaseline': async ({ physicalId }, { ssm }) => {
    const answer = await unlessRefused(ssm.send(new GetPatchBaselineCommand({ BaselineId: physicalId })));
    return pick(answer, 'OperatingSystem', 'ApprovalRules');
  },
  'AWS::SSM::MaintenanceWindow': async ({ physicalId }, { ssm }) => {
    const answer = await unlessRefused(ssm.send(new GetMaintenanceWindowCommand({ WindowId: physicalId })));
    return pick(answer, 'Name', 'Schedule');
  },

  'AWS::CodeBuild::Project': async ({ physicalId }, { codeBuild }) => {
    const answer = await unlessRefused(codeBuild.send(new BatchGetProjectsCommand({ names: [physicalId] })));
    return pick(answer?.projects?.[0], 'arn', 'environment', 'timeoutInMinutes');
  },
  'AWS::CodeDeploy::Application': async ({ physicalId }, { codeDeploy }) => {
    const answer = await unlessRefused(codeDeploy.send(new GetApplicationCommand({ applicationName: physicalId })));
    return pick(answer?.application, 'applicationName', 'computePlatform');
  },
  'AWS::CodeDeploy::DeploymentConfig': async ({ physicalId }, { codeDeploy }) => {
    const request = new GetDeploymentConfigCommand({ deploymentConfigName: physicalId });
    return pick((await unlessRefused(codeDeploy.send(request)))?.deploymentConfigInfo, 'minimumHealthyHosts');
  },
  'AWS::CodeDeploy::DeploymentGroup': async (group, { codeDeploy }) => {
    const request = new GetDeploymentGroupCommand({
      applicationName: group.resolve(property(group, 'ApplicationName')) ?? '',
      // The engine puts the application before it.
      deploymentGroupName: group.physicalId.split('/').at(-1) ?? '',
    });
    const found = (await unlessRefused(codeDeploy.send(request)))?.deploymentGroupInfo;
    return pick(found, 'deploymentConfigName', 'autoRollbackConfiguration', 'alarmConfiguration', 'deploymentStyle');
  },
  'AWS::CodePipeline::Pipeline': async ({ physicalId }, { codePipeline }) => {
    const answer = await unlessRefused(codePipeline.send(new GetPipelineCommand({ name: physicalId })));
    return (
      answer?.pipeline && {
        stages: answer.pipeline.stages?.map(({ name, actions }) => [
          name,
          actions?.map(({ actionTypeId }) => actionTypeId?.provider),
        ]),
      }
    );
  },
};
