import { GetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import { unlessRefused } from '../clients';
import { type Check, resourcesOf } from '../observation';

type Attributes = Partial<Record<QueueAttributeName, string>>;

/** Every configured queue with its dead-letter queue: redrive, kind, encryption, TLS, and time enough for its jobs. */
export const checkQueues: Check = async (seen, evidence, aws) => {
  const { async: plan, region } = seen.architecture;
  const live = new Map<string, Attributes>();
  for (const { logicalId, physicalId: QueueUrl } of resourcesOf(seen, 'AWS::SQS::Queue')) {
    const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    const answer = await unlessRefused(aws(region).sqs.send(request));
    if (answer?.Attributes) live.set(logicalId, answer.Attributes);
  }
  for (const [id, attributes] of live) {
    evidence.equal(`${id}: encrypted`, attributes.SqsManagedSseEnabled, 'true');
    evidence.holds(`${id}: refuses what comes without TLS`, /aws:SecureTransport/.test(attributes.Policy ?? ''));
  }
  for (const { name, fifo, jobSeconds, maxReceives } of plan?.queues ?? []) {
    const ids = [...live.keys()].filter((id) => id.startsWith(`Queues${name.replaceAll('-', '')}`));
    const queue = live.get(ids.find((id) => /Queue[0-9A-F]{8}$/.test(id)) ?? '');
    const deadLetters = live.get(ids.find((id) => id.includes('DeadLetters')) ?? '');
    if (queue === undefined || deadLetters === undefined) {
      evidence.fail(`queue ${name}: it, or its dead-letter queue, is not there`);
      continue;
    }
    const redrive = JSON.parse(queue.RedrivePolicy ?? '{}') as Readonly<Record<string, unknown>>;
    evidence.equal(`queue ${name}: dead letters go to`, redrive['deadLetterTargetArn'], deadLetters.QueueArn);
    evidence.equal(`queue ${name}: tries`, Number(redrive['maxReceiveCount']), maxReceives);
    for (const one of [queue, deadLetters]) evidence.equal(`queue ${name}: FIFO`, one.FifoQueue === 'true', fifo);
    evidence.holds(`queue ${name}: hides a job as long as it may take`, Number(queue.VisibilityTimeout) >= jobSeconds);
    const kept = [deadLetters, queue].map(({ MessageRetentionPeriod }) => Number(MessageRetentionPeriod));
    evidence.holds(`queue ${name}: dead letters are kept longest`, (kept[0] ?? 0) > (kept[1] ?? 0));
  }
};
