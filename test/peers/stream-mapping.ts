import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as Record_,
} from '@aws-sdk/client-dynamodb-streams';
import type { StreamAnswer } from '../../lambda/read-model/handler';
import type { StreamRecord } from '../../lambda/read-model/stream-record';
import type { BundledFunction } from './bundled-function';

/** All that a stream holds, from its oldest record on, as an event source hands it over. */
export async function readStream(streams: DynamoDBStreamsClient, StreamArn: string): Promise<StreamRecord[]> {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const records: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const command = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
    let { ShardIterator } = await streams.send(command);
    while (ShardIterator !== undefined) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator }));
      if (page.Records === undefined || page.Records.length === 0) break;
      records.push(...page.Records.map(recordOf));
      ShardIterator = page.NextShardIterator;
    }
  }
  return records;
}

/** What became of the records. */
export interface StreamDelivery {
  /** Sequence numbers that were given up, as the failure destination would hear. */
  readonly givenUp: readonly string[];
  readonly invocations: number;
}

/**
 * Does what an event source mapping of a stream does with ReportBatchItemFailures and a failure destination: hands over
 * batches in order; after a failure it goes on from the first record that failed; one that fails in each of its tries
 * is given up.
 */
export async function deliverStream(
  to: BundledFunction,
  records: readonly StreamRecord[],
  { batchSize = 100, tries = 3 } = {},
): Promise<StreamDelivery> {
  const givenUp: string[] = [];
  const failures = new Map<string, number>();
  let invocations = 0;
  let rest = [...records];
  while (rest.length > 0) {
    const batch = rest.slice(0, batchSize);
    const failed = await firstFailure(to, batch);
    invocations += 1;
    if (failed === undefined) {
      rest = rest.slice(batch.length);
      continue;
    }
    const count = (failures.get(failed) ?? 0) + 1;
    failures.set(failed, count);
    const at = rest.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failed);
    rest = rest.slice(count < tries ? at : at + 1);
    if (count >= tries) givenUp.push(failed);
  }
  return { givenUp, invocations };
}

async function firstFailure(to: BundledFunction, batch: readonly StreamRecord[]): Promise<string | undefined> {
  const { batchItemFailures } = await to.invoke<StreamAnswer>({ Records: batch });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return batch.find(({ dynamodb }) => failed.has(dynamodb.SequenceNumber))?.dynamodb.SequenceNumber;
}

function recordOf({ eventID, eventName, dynamodb = {} }: Record_): StreamRecord {
  const { SequenceNumber = '', ApproximateCreationDateTime, Keys = {}, OldImage, NewImage } = dynamodb;
  return {
    ...(eventID !== undefined && { eventID }),
    ...(eventName !== undefined && { eventName }),
    dynamodb: {
      SequenceNumber,
      ApproximateCreationDateTime: (ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
      Keys: imageOf(Keys),
      ...(OldImage && { OldImage: imageOf(OldImage) }),
      ...(NewImage && { NewImage: imageOf(NewImage) }),
    },
  };
}

type Image = StreamRecord['dynamodb']['Keys'];

/** An event is JSON: binary values are base64 in it. */
function imageOf(item: Readonly<Record<string, AttributeValue>>): Image {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf(value: AttributeValue): Image[string] {
  if (value.B) return { B: Buffer.from(value.B).toString('base64') };
  if (value.BS) return { BS: value.BS.map((part) => Buffer.from(part).toString('base64')) };
  if (value.L) return { L: value.L.map(attributeOf) };
  if (value.M) return { M: imageOf(value.M) };
  return { ...value };
}
