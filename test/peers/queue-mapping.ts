import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueAnswer, QueueEvent } from '../../lambda/job-worker/handler';
import type { BundledFunction } from './bundled-function';

/** What a batch is handed to. */
type Target = Pick<BundledFunction, 'invoke'>;

/** A queue with its dead-letter queue. */
export interface TestQueue {
  readonly url: string;
  readonly deadLetters: string;
}

export interface TestQueueProps {
  readonly fifo?: boolean;
  /** Times that a message is delivered before it goes to the dead-letter queue. */
  readonly maxReceives?: number;
  /** Seconds for which a delivered message is hidden. */
  readonly hiddenSeconds?: number;
}

export async function createQueue(sqs: SQSClient, name: string, props: TestQueueProps = {}): Promise<TestQueue> {
  const { fifo = false, maxReceives = 3, hiddenSeconds = 1 } = props;
  const kind = fifo ? { FifoQueue: 'true' } : undefined;
  const create = async (QueueName: string, Attributes?: Record<string, string>): Promise<string> => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  };
  const suffix = fifo ? '.fifo' : '';
  const deadLetters = await create(`${name}-dead${suffix}`, kind);
  const url = await create(`${name}${suffix}`, {
    ...kind,
    VisibilityTimeout: String(hiddenSeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: await arnOf(sqs, deadLetters), maxReceiveCount: maxReceives }),
  });
  return { url, deadLetters };
}

/** What the function said of one batch. */
export interface Batch {
  /** Bodies, in the order in which the queue gave them. */
  readonly bodies: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Does what an event source mapping with ReportBatchItemFailures does, once: receives a batch, invokes the function, and
 * deletes what did not fail. What failed stays hidden until the queue delivers it again. All stays when the function
 * throws or times out.
 */
export async function deliver(sqs: SQSClient, url: string, to: Target, most = 10): Promise<Batch> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: most,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  if (Messages.length === 0) return { bodies: [], failed: [] };
  const eventSourceARN = await arnOf(sqs, url);
  const Records = Messages.map(({ MessageId = '', Body = '', Attributes = {} }) => ({
    messageId: MessageId,
    body: Body,
    eventSource: 'aws:sqs',
    eventSourceARN,
    attributes: Attributes as unknown as QueueEvent['Records'][number]['attributes'],
  }));
  const bodies = Records.map(({ body }) => body);
  let failures: Set<string>;
  try {
    const { batchItemFailures } = await to.invoke<QueueAnswer>({ Records });
    failures = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  } catch {
    return { bodies, failed: bodies };
  }
  for (const { MessageId = '', ReceiptHandle } of Messages) {
    if (!failures.has(MessageId)) await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  }
  return { bodies, failed: Records.filter(({ messageId }) => failures.has(messageId)).map(({ body }) => body) };
}

/** Delivers until neither a waiting nor a hidden message is left, for 30 s at most. */
export async function deliverAll(sqs: SQSClient, url: string, to: Target, most = 10): Promise<Batch[]> {
  const batches: Batch[] = [];
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const batch = await deliver(sqs, url, to, most);
    if (batch.bodies.length > 0) batches.push(batch);
    else if ((await countOf(sqs, url)) === 0) return batches;
    else await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error(`the queue is not empty after 30 s: ${JSON.stringify(batches)}`);
}

/** Bodies in a queue, by receiving them. */
export async function receiveAll(sqs: SQSClient, url: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

/** Messages that wait or are hidden. */
async function countOf(sqs: SQSClient, url: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] });
  const { Attributes = {} } = await sqs.send(command);
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

async function arnOf(sqs: SQSClient, url: string): Promise<string> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] });
  return (await sqs.send(command)).Attributes?.['QueueArn'] ?? '';
}
