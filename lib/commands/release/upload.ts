import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { answeredBy } from '../environment/answered';
import { INTERRUPTED, OperatorError } from '../environment/operator-error';
import type { Archive } from './archive/archive';
import type { Releases } from './releases';

/**
 * Size of a part, in bytes. AWS takes none of less than 5 MiB but the last, and no more than 10,000.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (2026-11-29)
 */
export const PART_BYTES = 8 * 1024 * 1024;
/** Parts that are held in memory and sent at once. */
const PARTS_AT_ONCE = 4;

export interface UploadProps {
  readonly file: string;
  readonly archive: Pick<Archive, 'bytes' | 'sha256'>;
  readonly key: string;
  /** Hears how many bytes have arrived. */
  readonly onProgress: (bytes: number) => void;
  /** Ends the upload: what has arrived of it is taken away again. */
  readonly signal: AbortSignal;
}

/**
 * Uploads an archive to a key that must not be there. It is there whole, or not at all: its parts become an object by the
 * last request alone, and are taken away when one of them fails. (`@aws-sdk/lib-storage` cannot end a part that is on
 * its way, so that one would arrive after the others were taken away.)
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (2026-11-29)
 *
 * @throws OperatorError when it is there already, changes while it is read, is ended, or AWS refuses.
 */
export async function upload({ client, bucket, gone }: Releases, props: UploadProps): Promise<void> {
  const { file, key, signal } = props;
  await answeredBy(`take ${file}`, gone, async () => {
    const handle = await open(file);
    try {
      await send(client, bucket, new Parts(handle, props), props);
    } catch (error) {
      if (signal.aborted) throw new OperatorError(`stopped: nothing of ${file} was left in ${bucket}`, INTERRUPTED);
      const taken = /^(PreconditionFailed|ConditionalRequestConflict)$/;
      if (error instanceof Error && taken.test(error.name)) {
        throw new OperatorError(`s3://${bucket}/${key} was written by somebody else meanwhile: run the same again`);
      }
      throw error;
    } finally {
      await handle.close();
    }
  });
}

async function send(client: S3Client, bucket: string, parts: Parts, props: UploadProps): Promise<void> {
  const { archive, key, onProgress, signal } = props;
  const sdk = await import('@aws-sdk/client-s3');
  const object = { Bucket: bucket, Key: key };
  const described = { Metadata: { sha256: archive.sha256 }, ContentType: 'application/gzip' };
  const once = { IfNoneMatch: '*' };
  if (archive.bytes <= PART_BYTES) {
    const { Body } = (await parts.next()) ?? { Body: Buffer.alloc(0) };
    parts.mustBeWhole();
    const put = new sdk.PutObjectCommand({ ...object, ...described, ...once, Body, ChecksumAlgorithm: 'CRC32' });
    await client.send(put, { abortSignal: signal });
    onProgress(archive.bytes);
    return;
  }
  const create = new sdk.CreateMultipartUploadCommand({ ...object, ...described, ChecksumAlgorithm: 'CRC32' });
  // Not to be ended in the middle: whoever does not know its id cannot take it away.
  const { UploadId } = await client.send(create);
  // The first failure ends what the others send.
  const failed = new AbortController();
  const abortSignal = AbortSignal.any([signal, failed.signal]);
  const completed: CompletedPart[] = [];
  let arrived = 0;
  const work = async (): Promise<void> => {
    for (let part = await parts.next(); part !== undefined; part = await parts.next()) {
      abortSignal.throwIfAborted();
      const { Body, PartNumber } = part;
      const command = new sdk.UploadPartCommand({ ...object, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' });
      const { ETag, ChecksumCRC32 } = await client.send(command, { abortSignal });
      completed.push({ PartNumber, ETag, ChecksumCRC32 });
      arrived += Body.length;
      onProgress(arrived);
    }
  };
  try {
    const workers = Array.from({ length: PARTS_AT_ONCE }, () =>
      work().catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    );
    const outcomes = await Promise.allSettled(workers);
    if (outcomes.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
    parts.mustBeWhole();
    const Parts = completed.sort((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0));
    const complete = new sdk.CompleteMultipartUploadCommand({
      ...object,
      ...once,
      UploadId,
      MultipartUpload: { Parts },
    });
    await client.send(complete, { abortSignal: signal });
  } catch (error) {
    // Nobody sends any more. Should this fail too, the bucket takes incomplete uploads away after some days.
    await client.send(new sdk.AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** Parts of a file, read one after the other, whoever asks. */
class Parts {
  private readonly hash = createHash('sha256');
  private readonly archive: UploadProps['archive'];
  private readonly file: string;
  private number = 0;
  private bytes = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly handle: FileHandle,
    { archive, file }: UploadProps,
  ) {
    this.archive = archive;
    this.file = file;
  }

  /** The next part; undefined after the last. */
  next(): Promise<{ readonly PartNumber: number; readonly Body: Buffer } | undefined> {
    const part = this.turn.then(() => this.read());
    this.turn = part.catch(() => undefined);
    return part;
  }

  /** @throws OperatorError when what was read is not what was checked. */
  mustBeWhole(): void {
    if (this.bytes !== this.archive.bytes || this.hash.digest('hex') !== this.archive.sha256) {
      throw new OperatorError(`${this.file} has changed since it was checked: push it again when the build has ended`);
    }
  }

  private async read(): Promise<{ readonly PartNumber: number; readonly Body: Buffer } | undefined> {
    const whole = Buffer.alloc(PART_BYTES);
    let filled = 0;
    while (filled < PART_BYTES) {
      const { bytesRead } = await this.handle.read(whole, filled, PART_BYTES - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled === 0) return undefined;
    const Body = whole.subarray(0, filled);
    this.hash.update(Body);
    this.bytes += filled;
    this.number += 1;
    return { PartNumber: this.number, Body };
  }
}
