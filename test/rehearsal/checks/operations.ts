import { GetBackupPlanCommand } from '@aws-sdk/client-backup';
import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { GetPipelineCommand } from '@aws-sdk/client-codepipeline';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { type Check, resourcesOf } from '../observation';

/** Alarms that call somebody, dashboards with content, a backup plan that keeps as long as it should, a pipeline. */
export const checkOperations: Check = async (seen, evidence, aws) => {
  const { alerts, operations, delivery, region } = seen.architecture;
  if (alerts === undefined || operations === undefined) return;
  const { cloudWatch, sns, backup, codePipeline } = aws(region);

  const topics = new Set(resourcesOf(seen, 'AWS::SNS::Topic').map(({ physicalId }) => physicalId));
  const alarms = new Map<string, readonly string[]>();
  for await (const page of paginateDescribeAlarms({ client: cloudWatch }, {})) {
    for (const { AlarmName = '', AlarmActions = [] } of page.MetricAlarms ?? []) alarms.set(AlarmName, AlarmActions);
  }
  const wanted = resourcesOf(seen, 'AWS::CloudWatch::Alarm').filter((alarm) => alarm.region === region);
  evidence.holds('there are alarms', wanted.length > 0);
  for (const { logicalId, stack, physicalId, definition } of wanted) {
    const actions = alarms.get(physicalId) ?? alarms.get(physicalId.split(':alarm:').at(-1) ?? '');
    evidence.holds(`${stack}/${logicalId}: is an alarm`, actions !== undefined);
    const asked = ((definition.Properties?.['AlarmActions'] ?? []) as readonly unknown[]).length;
    evidence.equal(`${stack}/${logicalId}: calls`, actions?.length, asked);
    for (const action of actions?.filter((arn) => arn.startsWith('arn:aws:sns:')) ?? [])
      evidence.holds(`${logicalId} calls a topic that exists`, topics.has(action));
  }
  const emails = new Set<string>();
  for (const TopicArn of topics) {
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    for (const { Protocol, Endpoint = '' } of Subscriptions) if (Protocol === 'email') emails.add(Endpoint);
  }
  evidence.equal('addresses that get e-mail', [...emails].sort(), [...alerts.emails].sort());

  for (const { logicalId, physicalId } of resourcesOf(seen, 'AWS::Backup::BackupPlan')) {
    const { BackupPlan } = await backup.send(new GetBackupPlanCommand({ BackupPlanId: physicalId }));
    const kept = BackupPlan?.Rules?.map(({ Lifecycle }) => Lifecycle?.DeleteAfterDays ?? 0) ?? [];
    evidence.holds(`${logicalId}: keeps daily backups`, kept.includes(operations.backupDays));
  }
  evidence.holds('there is a backup plan', resourcesOf(seen, 'AWS::Backup::BackupPlan').length > 0);

  const pipelines = resourcesOf(seen, 'AWS::CodePipeline::Pipeline');
  evidence.equal('pipelines', pipelines.length, delivery?.source === undefined ? 0 : 1);
  for (const { physicalId: name } of pipelines) {
    const { pipeline } = await codePipeline.send(new GetPipelineCommand({ name }));
    const providers = pipeline?.stages?.flatMap(({ actions = [] }) =>
      actions.map(({ actionTypeId }) => actionTypeId?.provider),
    );
    const source = delivery?.source?.kind === 's3' ? 'S3' : 'CodeStarSourceConnection';
    evidence.equal('the pipeline takes its source from', providers?.[0], source);
    evidence.holds('the pipeline builds', providers?.includes('CodeBuild') ?? false);
  }
};
