import type { TemplateResource } from '../../template/template';
import { flagOf, inside, isTree, listInside, numberOf } from '../../template/values';
import { ASSUMED, DAYS } from '../assumptions';
import type { Asked, Item, Part, Rules, Tier } from '../item';
import type { Survey } from '../survey';
import { backups } from './backups';

export const OPERATIONS: Rules = {
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': () => [each('composite alarm', 'cloudwatch.composite')],
  'AWS::CloudWatch::Dashboard': () => [each('dashboard', 'cloudwatch.dashboard')],
  'AWS::Logs::MetricFilter': ({ resource }) => [
    {
      ...each('metric from logs', 'cloudwatch.metric'),
      quantity: listInside(resource, 'MetricTransformations').length,
    },
  ],
  'AWS::SecretsManager::Secret': () => [each('secret', 'secrets.secret')],
  'AWS::KMS::Key': () => [each('key', 'kms.key')],
  'AWS::SSM::Parameter': ({ resource }) =>
    resource.Properties?.['Tier'] === 'Advanced' ? [each('advanced parameter', 'ssm.advanced')] : [],
  'AWS::CloudTrail::Trail': ({ resource }) =>
    recordsData(resource) ? [used('data events', 'cloudtrail.data', ASSUMED.dataEvents)] : [],
  'AWS::SNS::Topic': () => [used('notifications', 'sns.standard', ASSUMED.notifications)],
  'AWS::Backup::BackupPlan': backups,
  'AWS::Backup::RestoreTestingPlan': () => [{ unknown: 'no price of tests of a restore was found' }],
  'AWS::DLM::LifecyclePolicy': volumeSnapshots,
  'AWS::CodeBuild::Project': build,
  'AWS::CodePipeline::Pipeline': ({ resource }) =>
    resource.Properties?.['PipelineType'] === 'V2'
      ? [used('action minutes', 'codepipeline.minute', ASSUMED.releases * ASSUMED.actionMinutes, 'delivery')]
      : [{ unknown: 'there is no price for a pipeline of type V1' }],
  'AWS::ImageBuilder::ImagePipeline': images,
  'AWS::SQS::Queue': queue,
};

const each = (what: string, price: string): Item => ({
  ...{ what, price, quantity: 1, tier: 'operations', kind: 'fixed' },
});

const used = (what: string, price: string, quantity: number, tier: Tier = 'operations'): Item => ({
  ...{ what, price, quantity, tier, kind: 'usage' },
});

/** An alarm costs its metrics; a band of what is usual is two more for each. */
function alarm({ resource }: Asked): Part[] {
  const metrics = listInside(resource, 'Metrics');
  const own = metrics.filter(({ MetricStat }) => MetricStat !== undefined);
  const isBand = metrics.some(({ Expression }) => String(Expression).includes('ANOMALY_DETECTION_BAND'));
  const count = Math.max(1, own.length) * (isBand ? 3 : 1);
  const isFast = [resource.Properties?.['Period'], ...own.map((one) => periodOf(one))].some(
    (period) => (numberOf(period) ?? 60) < 60,
  );
  return [{ ...each('alarm', isFast ? 'cloudwatch.alarm-fast' : 'cloudwatch.alarm'), quantity: count }];
}

function periodOf({ MetricStat }: Readonly<Record<string, unknown>>): unknown {
  return isTree(MetricStat) ? MetricStat['Period'] : undefined;
}

/** True when a trail records events of data; the first copy of management events is free. */
function recordsData(trail: TemplateResource): boolean {
  const selectors = [...listInside(trail, 'EventSelectors'), ...listInside(trail, 'AdvancedEventSelectors')];
  return selectors.some((one) => one['DataResources'] !== undefined || one['FieldSelectors'] !== undefined);
}

function volumeSnapshots({ resource, survey }: Asked): Part[] {
  const schedules = listInside(resource, 'PolicyDetails', 'Schedules');
  const kept = schedules.reduce((sum, { RetainRule }) => {
    return sum + ((isTree(RetainRule) ? numberOf(RetainRule['Count']) : undefined) ?? 1);
  }, 0);
  const gb = volumeGB(survey) * (1 + Math.max(0, kept - 1) * ASSUMED.changePerDay);
  return [used(`${kept} snapshots of the data volume`, 'ebs.snapshot', gb, 'data')];
}

/** GB that the data volumes hold: the rows, as far as they fit. */
function volumeGB(survey: Survey): number {
  const sizes = survey.of('AWS::EC2::Volume').map(({ resource }) => numberOf(inside(resource, 'Size')) ?? 0);
  return Math.min(
    survey.dataGB,
    sizes.reduce((sum, gb) => sum + gb, 0),
  );
}

function build({ resource }: Asked): Part[] {
  const type = String(inside(resource, 'Environment', 'ComputeType'));
  const [, size = ''] = /^BUILD_GENERAL1_(SMALL|MEDIUM|LARGE)$/.exec(type) ?? [];
  if (size === '') return [{ unknown: `there is no price for builds on ${type}` }];
  return [
    used('build minutes', `codebuild.${size.toLowerCase()}`, ASSUMED.releases * ASSUMED.buildMinutes, 'delivery'),
  ];
}

/** The service is free; what it builds on, and the images, are not. */
function images({ resource, stack, survey }: Asked): Part[] {
  const infrastructure = survey.at(resource.Properties?.['InfrastructureConfigurationArn'], stack)?.resource;
  const types = infrastructure?.Properties?.['InstanceTypes'];
  const type: unknown = Array.isArray(types) ? types[0] : undefined;
  if (typeof type !== 'string') return [{ unknown: 'what it builds images on is not in the templates' }];
  const weeks = DAYS / 7;
  return [
    used(`builds of images on ${type}`, `ec2.${type}`, weeks * ASSUMED.imageHours, 'delivery'),
    used('images', 'ebs.snapshot', ASSUMED.imagesKept * ASSUMED.imageGB, 'delivery'),
  ];
}

const POLL_SECONDS = 20;

function queue({ resource, stack, id, survey }: Asked): Part[] {
  const isWork = survey.workQueues.some((one) => one.stack === stack && one.id === id);
  if (!isWork) return [];
  const polls = ((DAYS * 86_400) / POLL_SECONDS) * ASSUMED.pollersPerQueue;
  const price = flagOf(resource.Properties?.['FifoQueue']) ? 'sqs.fifo' : 'sqs.standard';
  return [used('requests of jobs', price, survey.jobsPerQueue * ASSUMED.requestsPerJob + polls, 'queues')];
}
