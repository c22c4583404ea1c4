import type * as iam from 'aws-cdk-lib/aws-iam';
import { allow } from '../../policies/allow';
import type { WorkQueue } from './work-queue';

const SEND = ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'] as const;
const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'] as const;

/** Lets a role take jobs, and give them back or be done with them. */
export function letConsume(role: iam.Role, queues: readonly WorkQueue[]): void {
  allow(role, { actions: CONSUME, resources: queues.map(({ queue }) => queue.queueArn) });
}

/** Lets a role put jobs into queues. */
export function letSend(role: iam.Role, queues: readonly WorkQueue[]): void {
  if (queues.length > 0) allow(role, { actions: SEND, resources: queues.map(({ queue }) => queue.queueArn) });
}
