import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allow } from '../../policies/allow';
import type { WorkQueue } from './work-queue';

const SEND = ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'] as const;
const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'] as const;

/** Lets a role take jobs, and give them back or be done with them. */
export function letConsume(role: iam.Role, queues: readonly WorkQueue[]): void {
  allow(role, { actions: CONSUME, resources: queues.map(({ queue }) => queue.queueArn) });
}

/** Lets a role of this stack put jobs into queues. */
export function letSend(role: iam.Role, queues: readonly WorkQueue[]): void {
  if (queues.length > 0) allow(role, { actions: SEND, resources: queues.map(({ queue }) => queue.queueArn) });
}

/**
 * Lets the nodes of an earlier stack put jobs into queues. The policy is a resource of the queues' own stack, so that
 * what was there before depends on nothing new.
 */
export function letOthersSend(scope: Construct, id: string, role: iam.IRole, queues: readonly WorkQueue[]): void {
  if (queues.length === 0) return;
  // Managed: what a role has inline shares 10,240 characters, and the constructs library cannot count this part.
  new iam.ManagedPolicy(scope, id, {
    description: 'Puts jobs into the queues',
    roles: [iam.Role.fromRoleName(scope, `${id}Role`, role.roleName)],
    statements: [new iam.PolicyStatement({ actions: [...SEND], resources: queues.map(({ queue }) => queue.queueArn) })],
  });
}
