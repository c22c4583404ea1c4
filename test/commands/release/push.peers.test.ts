import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { list } from '../../../lib/commands/release/list';
import { type PushProps, push } from '../../../lib/commands/release/push';
import { Releases } from '../../../lib/commands/release/releases';
import { PART_BYTES, upload } from '../../../lib/commands/release/upload';
import { use } from '../../../lib/commands/release/use';
import { CONFIGURATION_DIRECTORY } from '../../../lib/config/directory';
import { startMinistack } from '../../gate-deployment/ministack';
import { DeployedEnvironment } from '../../peers/deployed-environment';
import { Children } from '../../rehearsal/children';
import { makeRelease, nativeCode, type ReleaseProps, scratch } from './archives';

// Against an engine with S3 and Parameter Store; Run Command and Auto Scaling are answered in front of it.

const BUCKET = 'releases-of-prod';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const children = new Children();
const folder = scratch();
let engine: string;
let aws: DeployedEnvironment;
let s3: S3Client;

beforeAll(async () => {
  engine = await startMinistack(children);
  const client = { endpoint: engine, region: 'us-east-1', credentials: CREDENTIALS };
  s3 = new S3Client({ ...client, forcePathStyle: true });
  const ssm = new SSMClient(client);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
  for (const [name, value] of [
    ['release/uri', 'none'],
    ['delivery/releases-bucket', BUCKET],
  ]) {
    await ssm.send(new PutParameterCommand({ Name: `/beamstalk/prod/${name}`, Value: value, Type: 'String' }));
  }
  aws = await DeployedEnvironment.start({ behind: engine });
}, 180_000);
afterAll(async () => {
  await aws?.stop();
  await children.stopAll();
  folder.clean();
});
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => vi.unstubAllEnvs());

function pushed(file: string, props: Partial<PushProps> = {}) {
  return push({
    file,
    environment: 'prod',
    directory: CONFIGURATION_DIRECTORY,
    pathStyle: true,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...props,
  });
}

/** An archive of more than three parts, which no compression makes smaller. */
function largeRelease(props: ReleaseProps): string {
  return makeRelease(folder.path, {
    ...props,
    files: { 'lib/shop-1/priv/big.bin': randomBytes(3 * PART_BYTES + 100) },
  });
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key = '' }) => Key).sort();
}

async function uploadsInParts(): Promise<number> {
  return (await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads?.length ?? 0;
}

test('a small release is there with its checksum, in the form that nodes check', async () => {
  const file = makeRelease(folder.path);
  const { uri, outcome, bytes, sha256 } = await pushed(file);
  expect(outcome).toBe('uploaded');
  expect(uri).toBe(`s3://${BUCKET}/releases/1.0.0/shop-1.0.0.tar.gz`);
  expect(await keys()).toEqual(['releases/1.0.0/shop-1.0.0.tar.gz', 'releases/1.0.0/shop-1.0.0.tar.gz.sha256']);
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: BUCKET, Key: 'releases/1.0.0/shop-1.0.0.tar.gz.sha256' }),
  );
  expect(await Body?.transformToString()).toBe(`${sha256}  shop-1.0.0.tar.gz\n`);
  expect(execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ')[0]).toBe(sha256);
  expect(bytes).toBeGreaterThan(0);
  expect((await pushed(file)).outcome).toBe('there');
});

test('a large one goes up in parts, and tells how far it is', async () => {
  const file = largeRelease({ version: '2.0.0' });
  const told: number[] = [];
  const { bytes, sha256 } = await pushed(file, { onProgress: (arrived) => told.push(arrived) });
  expect(told).toHaveLength(4);
  expect([...told].sort((one, other) => one - other)).toEqual(told);
  expect(told.at(-1)).toBe(bytes);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'releases/2.0.0/shop-2.0.0.tar.gz' }));
  const back = (await Body?.transformToByteArray()) ?? new Uint8Array();
  expect(execFileSync('sha256sum', { input: back, encoding: 'utf8' }).split(' ')[0]).toBe(sha256);
  expect(await uploadsInParts()).toBe(0);
});

test('a version with other content is never overwritten', async () => {
  const before = await keys();
  const other = makeRelease(folder.path, { beam: nativeCode('amd64', { glibc: '2.33' }) });
  await expect(pushed(other)).rejects.toThrow(
    /^version 1\.0\.0 is in the bucket with other content, uploaded 20\S+, and what was released is never overwritten: raise the version/,
  );
  const sameVersion = makeRelease(folder.path, { name: 'other' });
  await expect(pushed(sameVersion)).rejects.toThrow('version 1.0.0 is taken by shop-1.0.0: raise the version of other');
  expect(await keys()).toEqual(before);
});

test('a push that ended before the checksum is no release, and the same push goes on from there', async () => {
  const file = makeRelease(folder.path, { version: '3.0.0' });
  const { sha256 } = await pushed(file);
  const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
  await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'releases/3.0.0/shop-3.0.0.tar.gz.sha256' }));
  const listed = async () =>
    (await list({ environment: 'prod', directory: CONFIGURATION_DIRECTORY, pathStyle: true })).releases.find(
      ({ version }) => version === '3.0.0',
    )?.whole;
  expect(await listed()).toBe(false);
  const asked = aws.asked.length;
  expect(await pushed(file)).toMatchObject({ outcome: 'uploaded', sha256 });
  expect(aws.asked.slice(asked).filter((one) => one.startsWith('PUT '))).toHaveLength(1);
  expect(await listed()).toBe(true);
});

test('Ctrl-C in the middle leaves nothing, no part either', async () => {
  const file = largeRelease({ version: '4.0.0' });
  const controller = new AbortController();
  const pushing = pushed(file, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(pushing).rejects.toMatchObject({
    exitCode: 130,
    message: expect.stringContaining('stopped: nothing of'),
  });
  expect((await keys()).filter((key) => key.includes('4.0.0'))).toEqual([]);
  expect(await uploadsInParts()).toBe(0);
});

test('a file that changes while it is pushed is not taken', async () => {
  const file = largeRelease({ version: '5.0.0' });
  let once = true;
  const onProgress = () => {
    if (once) appendFileSync(file, 'more');
    once = false;
  };
  await expect(pushed(file, { onProgress })).rejects.toThrow('has changed since it was checked');
  expect((await keys()).filter((key) => key.includes('5.0.0'))).toEqual([]);
  expect(await uploadsInParts()).toBe(0);
});

test('of two pushes of one version at once, one is told so', async () => {
  const files = [largeRelease({ version: '6.0.0' }), largeRelease({ version: '6.0.0' })];
  const outcomes = await Promise.allSettled(files.map((file) => pushed(file)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = outcomes.find((one): one is PromiseRejectedResult => one.status === 'rejected');
  expect(String(refused?.reason)).toMatch(
    /was written by somebody else meanwhile: run the same again|with other content/,
  );
  expect(await uploadsInParts()).toBe(0);
});

test('a release that nodes could not run is not uploaded', async () => {
  const before = await keys();
  const file = makeRelease(folder.path, { version: '7.0.0', beam: nativeCode('arm64') });
  await expect(pushed(file)).rejects.toThrow('was built for aarch64, nodes are x86_64');
  expect(await keys()).toEqual(before);
});

test('what was pushed is rolled out, listed as what runs, and taken back', async () => {
  const box = aws.add('box');
  const signal = new AbortController().signal;
  const props = { environment: 'prod', directory: CONFIGURATION_DIRECTORY, pathStyle: true, takeOver: false, signal };
  const roll = (version?: string) =>
    use({
      ...props,
      ...(version !== undefined && { version }),
      ...(version !== undefined && { how: 'migrate' }),
      say: () => undefined,
      onWait: () => undefined,
      pause: () => setTimeout(10),
    });
  await roll('1.0.0');
  await roll('2.0.0');
  expect(aws.running[box.id]).toBe(`s3://${BUCKET}/releases/2.0.0/shop-2.0.0.tar.gz`);
  const runs = async () => (await list(props)).releases.filter((one) => one.runs).map(({ version }) => version);
  expect(await runs()).toEqual(['2.0.0']);
  await roll();
  expect(await runs()).toEqual(['1.0.0']);
  expect(aws.running[box.id]).toBe(`s3://${BUCKET}/releases/1.0.0/shop-1.0.0.tar.gz`);
});

test('each object was written only where none was, as the policy of the bucket wants it', () => {
  expect(aws.asked.some((one) => one.startsWith('POST ') && one.includes('uploadId='))).toBe(true);
  expect(aws.unconditional).toEqual([]);
});

describe('a bucket that is gone', () => {
  const gone =
    'the bucket gone-of-prod is gone, which the parameter delivery/releases-bucket names: nodes that boot find';

  test('is said so by all that ask for it, and is none that is empty', async () => {
    const ssm = new SSMClient({ endpoint: engine, region: 'us-east-1', credentials: CREDENTIALS });
    const name = async (Value: string): Promise<void> => {
      const parameter = { Name: '/beamstalk/prod/delivery/releases-bucket', Value, Type: 'String' } as const;
      await ssm.send(new PutParameterCommand({ ...parameter, Overwrite: true }));
    };
    await name('gone-of-prod');
    const props = { environment: 'prod', directory: CONFIGURATION_DIRECTORY, pathStyle: true };
    await expect(list(props)).rejects.toThrow(gone);
    await expect(pushed(makeRelease(folder.path, { version: '9.0.0' }))).rejects.toThrow(gone);
    await name(BUCKET);
  });

  test.each([100, PART_BYTES + 1])('takes no upload of %i bytes, when it goes meanwhile', async (bytes) => {
    const file = join(folder.path, `${bytes}.tar.gz`);
    writeFileSync(file, randomBytes(bytes));
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    const { signal } = new AbortController();
    const releases = await Releases.in({ region: 'us-east-1', bucket: 'gone-of-prod', pathStyle: true });
    await expect(
      upload(releases, { file, archive: { bytes, sha256 }, key: 'releases/x', onProgress: () => undefined, signal }),
    ).rejects.toThrow(gone);
  });
});
