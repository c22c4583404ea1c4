import type { Architecture } from '../../architecture/architecture';
import type { OperationsPlan } from '../../architecture/automation';
import { addFunction } from './functions';
import type { Resources } from './resources';

/** Adds what phase 4 brings beside its alarms. */
export function addOperations(resources: Resources, { operations, delivery, node, async }: Architecture): void {
  if (operations === undefined || delivery === undefined) return;
  // Blue-green deployments hold no scaling back, and CodeDeploy no fleet.
  if (delivery.mode !== 'blue-green') addFunction(resources, { mib: 256, everyMinutes: 5 });
  // One tells nodes of a release without a pipeline too; the others build and test it.
  const builds = delivery.source === undefined ? ['SMALL'] : ['SMALL', 'SMALL', 'MEDIUM', 'MEDIUM'];
  for (const size of builds) {
    resources.add('CodeBuild::Project', { Environment: { ComputeType: `BUILD_GENERAL1_${size}` } });
  }
  if (delivery.source !== undefined) {
    resources.add('CodePipeline::Pipeline', { PipelineType: 'V2' });
  }
  resources.add('KMS::Key', {}, { times: 2 });
  resources.add('SNS::Topic', {}, { times: 2 });
  resources.add('CloudWatch::Dashboard', {}, { times: async === undefined ? 3 : 4 });
  addBackups(resources, operations);
  if (operations.trail !== undefined) {
    resources.add('CloudTrail::Trail', { EventSelectors: [{ DataResources: [] }] });
    resources.add('Logs::MetricFilter', { MetricTransformations: [{ MetricName: 'trail' }] }, { times: 4 });
  }
  if (operations.goldenImages !== 'none') {
    const type = node.releaseArchitecture === 'arm64' ? 't4g.medium' : 't3.medium';
    const infrastructure = resources.add('ImageBuilder::InfrastructureConfiguration', { InstanceTypes: [type] });
    resources.add('ImageBuilder::ImagePipeline', { InfrastructureConfigurationArn: infrastructure });
  }
}

/** Months are kept to their longest. */
const DAYS_PER_MONTH = 31;

function addBackups(
  resources: Resources,
  { backupDays, backupMonths, copyRegion, restoreTests }: OperationsPlan,
): void {
  // It has no price that is known, and the bill is to say so.
  if (restoreTests) resources.add('Backup::RestoreTestingPlan');
  const copies = copyRegion === undefined ? {} : { CopyActions: [{}] };
  const rule = (days: number, expression: string) => ({
    Lifecycle: { DeleteAfterDays: days },
    ScheduleExpression: expression,
    ...copies,
  });
  const rules = [rule(backupDays, 'cron(0 5 * * ? *)'), rule(backupMonths * DAYS_PER_MONTH, 'cron(0 6 1 * ? *)')];
  resources.add('Backup::BackupPlan', { BackupPlan: { BackupPlanRule: rules } });
}
