import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { aws, BUCKET, folder, root, run, start, useEngine } from './operating-bench';
import { makeRelease } from './release/archives';

useEngine();

test('push, list, use and back, in the words of the page', async () => {
  const box = aws.add('box');
  expect(await run(['release', 'back'])).toMatchObject({
    status: 1,
    stderr:
      'beamstalk: prod has no release to go back to: none was rolled out yet; `beamstalk release list --env prod` shows what may be used\n',
  });
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
