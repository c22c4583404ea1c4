import { GetEventSourceMappingCommand, GetPolicyCommand } from '@aws-sdk/client-lambda';
import { GetScheduleCommand, GetScheduleGroupCommand } from '@aws-sdk/client-scheduler';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { unlessRefused } from '../clients';
import { property } from './network';
import { pick, type Reader } from './reader';

const KEPT = [
  'QueueArn',
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'FifoQueue',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'SqsManagedSseEnabled',
] as const;

/** Phase 5: queues, who works on them, and what sends to them by the clock. */
export const MESSAGE_READERS: Readonly<Record<string, Reader>> = {
  'AWS::SQS::Queue': async ({ physicalId: QueueUrl }, { sqs }) => {
    const answer = await unlessRefused(sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })));
    return pick(answer?.Attributes, ...KEPT);
  },
  'AWS::SQS::QueuePolicy': async (policy, { sqs }) => {
    const [queue] = property(policy, 'Queues') as unknown[];
    const QueueUrl = policy.resolve(queue) ?? '';
    const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
    const answer = await unlessRefused(sqs.send(request));
    return answer?.Attributes?.['Policy'] === undefined ? undefined : { Policy: answer.Attributes['Policy'] };
  },
  'AWS::Lambda::EventSourceMapping': async ({ physicalId: UUID }, { lambda }) => {
    const answer = await unlessRefused(lambda.send(new GetEventSourceMappingCommand({ UUID })));
    return pick(answer, 'EventSourceArn', 'BatchSize', 'FunctionResponseTypes', 'ScalingConfig');
  },
  'AWS::Lambda::Permission': async (permission, { lambda }) => {
    const name = property(permission, 'FunctionName') as { readonly 'Fn::GetAtt'?: readonly [string, string] };
    const FunctionName = permission.resolve({ Ref: name['Fn::GetAtt']?.[0] }) ?? permission.resolve(name) ?? '';
    const answer = await unlessRefused(lambda.send(new GetPolicyCommand({ FunctionName })));
    const { Statement = [] } = JSON.parse(answer?.Policy ?? '{}') as {
      readonly Statement?: { readonly Sid: string }[];
    };
    // The policy of a function holds the statements of all its permissions; others come and go.
    const own = Statement.find(({ Sid }) => Sid.includes(permission.logicalId));
    return own && { Statement: own };
  },
  'AWS::Scheduler::ScheduleGroup': async ({ physicalId }, { scheduler }) => {
    const Name = physicalId.split('/').at(-1) ?? '';
    return pick(await unlessRefused(scheduler.send(new GetScheduleGroupCommand({ Name }))), 'Arn', 'State');
  },
  'AWS::Scheduler::Schedule': async (schedule, { scheduler }) => {
    const Name = schedule.physicalId.split(/[|/]/).at(-1) ?? '';
    const GroupName = schedule.resolve(property(schedule, 'GroupName'))?.split('/').at(-1);
    const answer = await unlessRefused(scheduler.send(new GetScheduleCommand({ Name, GroupName })));
    return pick(answer, 'ScheduleExpression', 'ScheduleExpressionTimezone', 'State', 'Target');
  },
};
