import {
  DescribeScheduledActionsCommand,
  DescribeWarmPoolCommand,
  paginateDescribePolicies,
} from '@aws-sdk/client-auto-scaling';
import { DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import {
  DescribeAlarmsCommand,
  DescribeAnomalyDetectorsCommand,
  GetDashboardCommand,
} from '@aws-sdk/client-cloudwatch';
import { DescribeMetricFiltersCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { unlessRefused } from '../clients';
import { property } from './network';
import { pick, type Reader } from './reader';

const topicPolicy: Reader = async (policy, { sns }) => {
  const [topic] = property(policy, 'Topics') as unknown[];
  const TopicArn = policy.resolve(topic) ?? '';
  const answer = await unlessRefused(sns.send(new GetTopicAttributesCommand({ TopicArn })));
  return answer?.Attributes?.['Policy'] === undefined ? undefined : { Policy: answer.Attributes['Policy'] };
};

/** Phase 4: what follows the load, and what calls when something is wrong. */
export const WATCHING_READERS: Readonly<Record<string, Reader>> = {
  'AWS::AutoScaling::ScalingPolicy': async (policy, { autoScaling }) => {
    const AutoScalingGroupName = policy.resolve(property(policy, 'AutoScalingGroupName')) ?? '';
    const list = async () => {
      for await (const page of paginateDescribePolicies({ client: autoScaling }, { AutoScalingGroupName })) {
        const found = page.ScalingPolicies?.find(({ PolicyARN }) => PolicyARN === policy.physicalId);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return pick(await unlessRefused(list()), 'PolicyType', 'TargetTrackingConfiguration', 'StepAdjustments');
  },
  'AWS::AutoScaling::ScheduledAction': async (action, { autoScaling }) => {
    const AutoScalingGroupName = action.resolve(property(action, 'AutoScalingGroupName')) ?? '';
    const request = new DescribeScheduledActionsCommand({ AutoScalingGroupName });
    const found = (await unlessRefused(autoScaling.send(request)))?.ScheduledUpdateGroupActions ?? [];
    return pick(
      found.find(({ ScheduledActionName }) => ScheduledActionName === action.physicalId),
      'Recurrence',
      'TimeZone',
      'MinSize',
      'MaxSize',
    );
  },
  'AWS::AutoScaling::WarmPool': async (pool, { autoScaling }) => {
    const AutoScalingGroupName = pool.resolve(property(pool, 'AutoScalingGroupName')) ?? '';
    const answer = await unlessRefused(autoScaling.send(new DescribeWarmPoolCommand({ AutoScalingGroupName })));
    return pick(answer?.WarmPoolConfiguration, 'MinSize', 'PoolState');
  },

  'AWS::CloudWatch::Alarm': async ({ physicalId }, { cloudWatch }) => {
    const answer = await unlessRefused(cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [physicalId] })));
    return pick(
      answer?.MetricAlarms?.[0],
      'AlarmArn',
      'Threshold',
      'ComparisonOperator',
      'EvaluationPeriods',
      'TreatMissingData',
      'AlarmActions',
    );
  },
  'AWS::CloudWatch::CompositeAlarm': async ({ physicalId }, { cloudWatch }) => {
    const request = new DescribeAlarmsCommand({ AlarmNames: [physicalId], AlarmTypes: ['CompositeAlarm'] });
    const answer = await unlessRefused(cloudWatch.send(request));
    return pick(answer?.CompositeAlarms?.[0], 'AlarmArn', 'AlarmRule', 'AlarmActions');
  },
  'AWS::CloudWatch::AnomalyDetector': async (_detector, { cloudWatch }) => {
    const answer = await unlessRefused(cloudWatch.send(new DescribeAnomalyDetectorsCommand({})));
    const [first] = answer?.AnomalyDetectors ?? [];
    return first && { StateValue: first.StateValue };
  },
  'AWS::CloudWatch::Dashboard': async ({ physicalId }, { cloudWatch }) => {
    const answer = await unlessRefused(cloudWatch.send(new GetDashboardCommand({ DashboardName: physicalId })));
    return pick(answer, 'DashboardName', 'DashboardBody');
  },
  'AWS::Logs::MetricFilter': async (filter, { logs }) => {
    const logGroupName = filter.resolve(property(filter, 'LogGroupName')) ?? '';
    const name = /:log-group:([^:]+)/.exec(logGroupName)?.[1] ?? logGroupName;
    const answer = await unlessRefused(logs.send(new DescribeMetricFiltersCommand({ logGroupName: name })));
    const found = answer?.metricFilters?.find(({ filterName = '' }) => filter.physicalId.endsWith(filterName));
    return pick(found, 'filterPattern', 'metricTransformations');
  },

  'AWS::Events::Rule': async ({ physicalId }, { events }) => {
    const Name = physicalId.split('/').at(-1) ?? '';
    const rule = await unlessRefused(events.send(new DescribeRuleCommand({ Name })));
    const targets = await unlessRefused(events.send(new ListTargetsByRuleCommand({ Rule: Name })));
    return (
      rule && {
        State: rule.State,
        EventPattern: rule.EventPattern,
        ScheduleExpression: rule.ScheduleExpression,
        targets: targets?.Targets?.map(({ Arn }) => Arn),
      }
    );
  },

  'AWS::SNS::Topic': async ({ physicalId }, { sns }) => {
    const answer = await unlessRefused(sns.send(new GetTopicAttributesCommand({ TopicArn: physicalId })));
    return answer?.Attributes && { TopicArn: answer.Attributes['TopicArn'] };
  },
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SNS::Subscription': async (subscription, { sns }) => {
    const TopicArn = subscription.resolve(property(subscription, 'TopicArn')) ?? '';
    const answer = await unlessRefused(sns.send(new ListSubscriptionsByTopicCommand({ TopicArn })));
    return pick(
      answer?.Subscriptions?.find(({ SubscriptionArn }) => SubscriptionArn === subscription.physicalId),
      'Protocol',
      'Endpoint',
    );
  },

  'AWS::CloudTrail::Trail': async ({ physicalId }, { cloudTrail }) => {
    const answer = await unlessRefused(cloudTrail.send(new DescribeTrailsCommand({ trailNameList: [physicalId] })));
    return pick(answer?.trailList?.[0], 'S3BucketName', 'IsMultiRegionTrail', 'LogFileValidationEnabled');
  },
};
