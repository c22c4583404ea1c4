import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { AllocateAddressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateDBInstanceCommand, CreateDBInstanceReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { StatusReport } from '../../lib/commands/status/report';
import { startMinistack } from '../gate-deployment/ministack';
import { DeployedEnvironment } from '../peers/deployed-environment';
import { Children } from '../rehearsal/children';
import { makeRelease, scratch } from './release/archives';

// The command line as its users start it, against an engine; Run Command, Auto Scaling and CodeDeploy are answered
// in front of it. A session of Systems Manager is what no engine has: it is tested up to the arguments of AWS's client.

const root = join(import.meta.dirname, '..', '..');
const BUCKET = 'releases-of-prod';
const children = new Children();
const folder = scratch();
const client = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
let aws: DeployedEnvironment;
let parameters: SSMClient;
let engine: string;

beforeAll(async () => {
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
  await children.stopAll();
  folder.clean();
});
afterEach(() => {
  aws.nodes.splice(0);
  aws.onScript = () => undefined;
});

async function publish(name: string, value: string): Promise<void> {
  const Name = `/beamstalk/prod/${name}`;
  await parameters.send(new PutParameterCommand({ Name, Value: value, Type: 'String', Overwrite: true }));
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly seconds: number;
  }>;
  readonly stdout: () => string;
}

function start(words: readonly string[], path = process.env['PATH'] ?? ''): Running {
  const env = {
    PATH: path,
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

function run(words: readonly string[], path?: string) {
  return start(words, path).ended;
}

test('push, list, use and back, in the words of the page', async () => {
  const box = aws.add('box');
  for (const version of ['1.0.0', '1.1.0']) {
    const { status, stdout, stderr } = await run(['release', 'push', makeRelease(folder.path, { version })]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toBe(
      `shop ${version} is pushed: s3://${BUCKET}/releases/${version}/shop-${version}.tar.gz\nroll it out: beamstalk release use ${version} --env prod\n`,
    );
  }
  const used = await run(['release', 'use', '1.0.0']);
  expect(used).toMatchObject({ status: 0, stderr: '' });
  expect(used.stdout.split('\n')).toEqual([
    `${box.id} (box): no-release -> shop-1.0.0, with the migration`,
    `${box.id}: fetches s3://${BUCKET}/releases/1.0.0/shop-1.0.0.tar.gz`,
    `${box.id}: runs shop-1.0.0`,
    `prod runs shop-1.0.0: ${box.id}`,
    '',
  ]);
  expect((await run(['release', 'use', '1.1.0'])).status).toBe(0);
  const back = await run(['release', 'back', '--json']);
  expect(JSON.parse(back.stdout)).toMatchObject({ release: 'shop-1.0.0', nodes: [box.id] });
  expect(back.stderr).toContain(`${box.id} (box): shop-1.1.0 -> shop-1.0.0\n`);
  const listed = (await run(['release', 'list'])).stdout.split('\n');
  expect(listed[0]).toMatch(/^version +release +size +pushed \(UTC\)$/);
  expect(listed.find((line) => line.startsWith('1.0.0'))).toMatch(/^1\.0\.0 +shop-1\.0\.0 +0\.0 MB +20\S+ \S+ +runs$/);
  expect(listed.find((line) => line.startsWith('1.1.0'))).toMatch(/^1\.1\.0 +shop-1\.1\.0 +0\.0 MB +20\S+ \S+$/);
});

test('a push of 60 MB shows its progress on a terminal, and nothing elsewhere', async () => {
  const files = { 'lib/shop-1/priv/big.bin': randomBytes(60_000_000) };
  const file = makeRelease(folder.path, { version: '1.2.0', files });
  const words = ['.build/beamstalk.cjs', 'release', 'push', file, '--env', 'prod'];
  // Python's module gives a program a terminal of its own.
  const program = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
  const env = { ...process.env, AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const child = spawn('python3', ['-c', program, process.execPath, ...words], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  const shares = [...shown.matchAll(/uploads upload-\w+\.tar\.gz: [\d.]+ of 60\.\d MB \((\d+) %\)/g)].map(([, share]) =>
    Number(share),
  );
  expect(shares.length).toBeGreaterThanOrEqual(8);
  expect([...shares].sort((one, other) => one - other)).toEqual(shares);
  expect(shares.at(-1)).toBe(100);
  expect(shown).toContain('\r\u001b[Kshop 1.2.0 is pushed:');
  // Elsewhere, in the first test, standard error stays empty.
});

test('Ctrl-C during a rollout says in one line what goes on, and ends with 130', async () => {
  const box = aws.add('box', `s3://${BUCKET}/releases/1.0.0/shop-1.0.0.tar.gz`);
  await run(['release', 'push', makeRelease(folder.path, { version: '2.0.0-slow' })]);
  const rolling = start(['release', 'use', '2.0.0-slow']);
  aws.onScript = (_, script) => {
    if (script.includes('rollout.sh')) rolling.child.kill('SIGINT');
  };
  const { status, stderr } = await rolling.ended;
  expect(stderr).toBe(
    `beamstalk: stopped watching: ${box.id} (box) goes on by itself to shop-2.0.0-slow; no node has been rolled to it; every other node serves what it served; look with \`beamstalk status --env prod\`, go on with \`beamstalk release use 2.0.0-slow --env prod --take-over\`\n`,
  );
  expect(status).toBe(130);
  aws.onScript = () => undefined;
  await vi.waitFor(() => expect(aws.running[box.id]).toContain('2.0.0-slow'), 3000);
  const seen = await run(['status']);
  expect(seen.stdout).toContain(`rollout: s3://${BUCKET}/releases/2.0.0-slow/shop-2.0.0-slow.tar.gz by `);
  expect(await run(['release', 'back', '--take-over'])).toMatchObject({ status: 0 });
  expect((await run(['status'])).stdout).toContain('nothing is being deployed');
});

test('status tells every part, and what it could not ask, within two seconds', async () => {
  const boots = `s3://${BUCKET}/releases/1.0.0/shop-1.0.0.tar.gz`;
  await publish('release/current', `${boots} none`);
  const [app, web, ill] = [aws.add('app', boots), aws.add('web'), aws.add('worker', boots)];
  aws.add('app', boots, 'Terminating:Wait');
  const silent = Object.assign(aws.add('app', boots), { ping: 'ConnectionLost' });
  writeFileSync(join(ill.folder, 'ill'), '');

  const sqs = new SQSClient({ ...client, endpoint: engine });
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'mail' }));
  for (const MessageBody of ['a', 'b', 'c']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await publish('queues/mail', QueueUrl);
  await publish('queues/gone', `${QueueUrl}-that-is-not-there`);
  const address = await new EC2Client({ ...client, endpoint: engine }).send(
    new AllocateAddressCommand({ Domain: 'vpc' }),
  );
  await publish('box/address', address.AllocationId ?? '');
  await publish('ingress/domain', 'shop.example.com');
  await publish('edge/cdn-domain', 'd111111abcdef8.cloudfront.net');
  await publish('database/reader-endpoint', 'readers.example.com');
  const rds = new RDSClient({ ...client, endpoint: engine });
  const Tags = [{ Key: 'beamstalk:environment', Value: 'prod' }];
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'writer',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      MasterUsername: 'postgres',
      MasterUserPassword: 'of a test',
      AllocatedStorage: 20,
      Tags,
    }),
  );
  for (const DBInstanceIdentifier of ['reader', 'new-reader']) {
    await rds.send(
      new CreateDBInstanceReadReplicaCommand({ DBInstanceIdentifier, SourceDBInstanceIdentifier: 'writer', Tags }),
    );
  }
  const Dimensions = [{ Name: 'DBInstanceIdentifier', Value: 'reader' }];
  const MetricData = [
    { MetricName: 'ReplicaLag', Dimensions, Value: 1.5, Unit: 'Seconds' as const, Timestamp: new Date() },
  ];
  await new CloudWatchClient({ ...client, endpoint: engine }).send(
    new PutMetricDataCommand({ Namespace: 'AWS/RDS', MetricData }),
  );

  const { status, stdout, stderr } = await run(['status', '--json']);
  expect(stderr).toBe('');
  const report = JSON.parse(stdout) as StatusReport & { readonly complaints: readonly string[] };
  expect(report.phase).toBe('5+4');
  expect(report.addresses).toEqual([
    { of: 'name', address: { answer: 'shop.example.com' } },
    { of: 'CloudFront', address: { answer: 'd111111abcdef8.cloudfront.net' } },
    { of: 'box', address: { answer: address.PublicIp } },
  ]);
  expect(report.boots).toBe(boots);
  expect(report.queues).toEqual([
    { name: 'gone', depth: { unknown: expect.stringContaining('there is no queue') } },
    { name: 'mail', depth: { answer: { waiting: 3, taken: 0, delayed: 0 } } },
  ]);
  expect(report.replicas).toEqual({
    answer: expect.arrayContaining([
      { id: 'reader', state: 'available', lagSeconds: 1.5 },
      { id: 'new-reader', state: 'available' },
    ]),
  });
  const nodes = 'answer' in report.nodes ? report.nodes.answer : [];
  expect(nodes.find(({ node }) => node.id === app.id)).toMatchObject({
    node: { role: 'app', lifecycle: 'InService' },
    ping: 'Online',
    told: { answer: { release: 'shop-1.0.0', healthy: true, connections: 3, draining: false } },
  });
  expect(nodes.find(({ node }) => node.id === web.id)).not.toHaveProperty('told');
  // The engine has no pipelines: what cannot be asked is not counted as well.
  expect(report.complaints).toEqual([
    `${silent.id} (app): its agent is ConnectionLost`,
    `${silent.id} (app): not known (its agent is ConnectionLost)`,
    `${ill.id} (worker) is not healthy`,
    expect.stringMatching(/^queue gone: not known \(/),
    'replica new-reader: its lag is not known',
    ...report.complaints.filter((one) => /^(deployments|pipeline): not known/.test(one)),
  ]);
  expect(status).toBe(1);

  const forPeople = await run(['status']);
  expect(forPeople.stdout).toContain('prod in us-east-1: phase 5+4\n');
  expect(forPeople.stdout).toMatch(new RegExp(`${app.id} +app +InService +shop-1\\.0\\.0 +yes +- +3 `));
  expect(forPeople.stdout).toMatch(/mail +3 +0 +0/);
  expect(forPeople.stdout).toMatch(/\nreader +available +1\.5 s/);
  expect(forPeople.stdout).toContain('not well, or not known:\n');
  // On a machine that has nothing else to do; with other work beside it, as much more as that takes.
  const limit = 2 * Math.max(1, (loadavg()[0] ?? 0) / cpus().length);
  let { seconds } = forPeople;
  for (let more = 0; more < 4 && seconds >= limit; more++) seconds = (await run(['status'])).seconds;
  expect(seconds).toBeLessThan(limit);
});

test('run evaluates what it was given, to the letter, and ends as it ended', async () => {
  const app = aws.add('app');
  const expression = `IO.puts("it's $HOME \`id\` {{ssm:x}} \\\\ ü"); 1\n+ 1`;
  const ran = await run(['run', expression]);
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toBe(`shop\nrpc\n${expression}\n`);
  const failed = await run(['run', 'raise "no"', app.id]);
  expect(failed).toMatchObject({ status: 3, stderr: '** (RuntimeError) no\n' });
  expect(await run(['run', '1', 'i-0123456789abcdef0'])).toMatchObject({
    status: 1,
    stderr: `beamstalk: prod has no node i-0123456789abcdef0 that runs releases: there are ${app.id} (app, InService)\n`,
  });
  app.ping = 'ConnectionLost';
  expect((await run(['run', '1'])).stderr).toMatch(
    /^beamstalk: \S+ does not answer Systems Manager \(ConnectionLost\): .+\n$/,
  );
});

test('shell starts a session of the client of AWS, or says what is missing', async () => {
  const box = aws.add('box');
  const empty = join(folder.path, 'empty');
  const programs = join(folder.path, 'programs');
  mkdirSync(empty);
  mkdirSync(programs);
  const missing = await run(['shell'], empty);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toMatch(
    /^beamstalk: the console needs aws and session-manager-plugin, which this machine has not; install it \(aws: https:\S+; session-manager-plugin: https:\S+\), or evaluate one expression with `beamstalk run`, which needs neither\n$/,
  );
  const seen = join(folder.path, 'arguments');
  writeFileSync(join(programs, 'session-manager-plugin'), '#!/bin/sh\n');
  writeFileSync(
    join(programs, 'aws'),
    `#!/bin/sh\n[ "$1" = --version ] || { printf '%s\\n' "$@" > ${seen}; exit 7; }\n`,
  );
  for (const name of ['aws', 'session-manager-plugin']) chmodSync(join(programs, name), 0o755);
  const { status, stderr } = await run(['shell', box.id], `${programs}:/bin:/usr/bin`);
  expect(status).toBe(7);
  expect(stderr).toContain(`opens the console of ${box.id} (box)`);
  const words = readFileSync(seen, 'utf8').trimEnd().split('\n');
  expect(words.slice(0, -1)).toEqual([
    ...['ssm', 'start-session', '--region', 'us-east-1', '--target', box.id],
    ...['--document-name', 'AWS-StartInteractiveCommand', '--parameters'],
  ]);
  // The command that the agent hands to a shell, with a stand-in for sudo, and for the programs of a node.
  const { command } = JSON.parse(words.at(-1) ?? '') as { readonly command: readonly [string] };
  writeFileSync(join(programs, 'sudo'), '#!/bin/sh\nexec "$@"\n');
  chmodSync(join(programs, 'sudo'), 0o755);
  const there = command[0].replaceAll('/opt/beamstalk/boot/files/bin', box.folder);
  const env = { PATH: `${programs}:/bin:/usr/bin` };
  const printed = execFileSync('/bin/sh', ['-c', there], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(printed).toBe('shop\nremote\n');
});

test('logs come in order from all fleets, and are followed without loss or doubles', async () => {
  const logs = new CloudWatchLogsClient({ ...client, endpoint: engine });
  await publish('logs/app', 'prod-app-logs');
  await publish('logs/worker', 'prod-worker-logs');
  for (const [logGroupName, logStreamName] of [
    ['prod-app-logs', 'i-00000001'],
    ['prod-worker-logs', 'i-00000002'],
  ]) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  }
  const put = async (group: 'app' | 'worker', messages: readonly string[], at = Date.now()) => {
    await logs.send(
      new PutLogEventsCommand({
        logGroupName: `prod-${group}-logs`,
        logStreamName: group === 'app' ? 'i-00000001' : 'i-00000002',
        logEvents: messages.map((message, index) => ({ timestamp: at + index, message })),
      }),
    );
  };
  const now = Date.now();
  await put('app', ['first'], now - 5000);
  await put('app', ['third \u001b]0;title\u0007\u009b31m'], now - 3000);
  await put('worker', ['second'], now - 4000);
  await put('app', ['too old'], now - 3_600_000 * 2);
  const { stdout, status } = await run(['logs', '--since', '1h']);
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^\S+ /, '')).sort()).toEqual([
    'i-00000001 app first',
    'i-00000001 app third ?]0;title??31m',
    'i-00000002 worker second',
  ]);
  expect([...lines].sort()).toEqual(lines);
  const onlyWorker = await run(['logs', '--role', 'worker', '--json']);
  expect(JSON.parse(onlyWorker.stdout)).toMatchObject({ node: 'i-00000002', role: 'worker', message: 'second' });

  const following = start(['logs', '--follow', '--since', '1m']);
  await vi.waitFor(() => expect(following.stdout()).toContain('third'), 10_000);
  for (let round = 0; round < 8; round++) {
    await put(
      'app',
      Array.from({ length: 25 }, (_, index) => `event ${round}/${index}`),
    );
    // Older than what was told before, and late.
    await put('worker', [`late ${round}`], Date.now() - 20_000);
    await setTimeout(400);
  }
  const wanted = 3 + 8 * 26;
  await vi.waitFor(
    () => expect(following.stdout().trimEnd().split('\n').length).toBeGreaterThanOrEqual(wanted),
    15_000,
  );
  await setTimeout(2500);
  following.child.kill('SIGINT');
  const followed = await following.ended;
  expect(followed).toMatchObject({ status: 0, stderr: '' });
  const messages = followed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').slice(3).join(' '));
  expect(messages).toHaveLength(wanted);
  expect(new Set(messages).size).toBe(wanted);
}, 90_000);
