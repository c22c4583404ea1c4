import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { startMinistack } from '../gate-deployment/ministack';
import { DeployedEnvironment } from '../peers/deployed-environment';
import { Children } from '../rehearsal/children';
import { scratch } from './release/archives';

// The command line as its users start it, against an engine; Run Command, Auto Scaling and CodeDeploy are answered
// in front of it. A session of Systems Manager is what no engine has: it is tested up to the arguments of AWS's client.

export const root = join(import.meta.dirname, '..', '..');
export const BUCKET = 'releases-of-prod';
export const client = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
/** Folder of the tests of a file. */
export let folder: ReturnType<typeof scratch>;
export let aws: DeployedEnvironment;
/** Address of the engine. */
export let engine: string;
let children: Children;
let parameters: SSMClient;

/** Starts the engine with an environment for the tests of a file, and ends it after them. */
export function useEngine(): void {
  beforeAll(async () => {
    [children, folder] = [new Children(), scratch()];
    engine = await startMinistack(children);
    parameters = new SSMClient({ ...client, endpoint: engine });
    await new S3Client({ ...client, endpoint: engine, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: BUCKET }),
    );
    await publish('release/uri', 'none');
    await publish('delivery/releases-bucket', BUCKET);
    await publish('climb/state', JSON.stringify({ phase: 5, from: 4, at: '2026-11-29T12:00:00.000Z' }));
    aws = await DeployedEnvironment.start({ behind: engine });
  }, 180_000);
  afterAll(async () => {
    await aws?.stop();
    await children?.stopAll();
    folder?.clean();
  });
  afterEach(() => {
    aws.nodes.splice(0);
    aws.onScript = () => undefined;
  });
}

export async function publish(name: string, value: string): Promise<void> {
  const Name = `/beamstalk/prod/${name}`;
  await parameters.send(new PutParameterCommand({ Name, Value: value, Type: 'String', Overwrite: true }));
}

/** Command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly seconds: number;
  }>;
  readonly stdout: () => string;
}

/** Folder of programs that are installed once. */
const CACHE = Object.fromEntries(
  ['HOME', 'XDG_CACHE_HOME'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
);

export function start(words: readonly string[], path = process.env['PATH'] ?? ''): Running {
  const env = {
    PATH: path,
    ...CACHE,
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const began = Date.now();
  const child = spawn(process.execPath, ['.build/beamstalk.cjs', ...words, '--env', 'prod'], { cwd: root, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Awaited<Running['ended']>>((resolve) => {
    child.once('close', (code) =>
      resolve({ status: code ?? -1, stdout, stderr, seconds: (Date.now() - began) / 1000 }),
    );
  });
  return { child, ended, stdout: () => stdout };
}

export function run(words: readonly string[], path?: string) {
  return start(words, path).ended;
}
