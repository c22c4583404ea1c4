import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { checkArchive, type Nodes, RELEASE_WORD } from '../../../lib/commands/release/archive/check-archive';
import { NativeCodeScan } from '../../../lib/commands/release/archive/native-code';
import { readArchive } from '../../../lib/commands/release/archive/read-archive';
import { makeRelease, nativeCode, type ReleaseProps, scratch } from './archives';

const folder = scratch();
afterAll(folder.clean);

const NODES: Nodes = { architecture: 'amd64', image: 'amazon-linux-2023' };

async function checked(props: ReleaseProps, nodes: Nodes = NODES) {
  const file = makeRelease(folder.path, props);
  return checkArchive('shop.tar.gz', await readArchive(file), nodes);
}

async function refusal(file: string): Promise<string> {
  return readArchive(file).then(
    () => 'read',
    (error: Error) => error.message,
  );
}

describe('a release is taken', () => {
  test.each<[string, ReleaseProps, Nodes, string, string]>([
    ['as mix packs it', {}, NODES, 'shop', '1.0.0'],
    ['with the folder that it is in', { folder: 'shop' }, NODES, 'shop', '1.0.0'],
    ['in a folder that is called like one of its own', { folder: 'lib' }, NODES, 'shop', '1.0.0'],
    ['for arm64', { beam: nativeCode('arm64') }, { ...NODES, architecture: 'arm64' }, 'shop', '1.0.0'],
    [
      'of the newer system',
      { beam: nativeCode('amd64', { glibc: '2.41' }) },
      { ...NODES, image: 'debian-13' },
      'shop',
      '1.0.0',
    ],
    ['with a build in its version', { version: '1.0.0-rc.1+7' }, NODES, 'shop', '1.0.0-rc.1+7'],
    [
      'with a description that has no program',
      { files: { 'releases/1.0.0/start_clean.rel': 'x' } },
      NODES,
      'shop',
      '1.0.0',
    ],
    [
      'with older versions beside it',
      { files: { 'releases/0.9.0/zoo.rel': 'x', 'bin/zoo': 'x' } },
      NODES,
      'shop',
      '1.0.0',
    ],
  ])('%s', async (_, props, nodes, name, version) => {
    expect(await checked(props, nodes)).toEqual({ name, version });
  });
});

describe('a release that nodes could not run is refused, with what to do', () => {
  test.each<[string, ReleaseProps, string]>([
    [
      'no release at all',
      { files: { 'releases/start_erl.data': null } },
      'shop.tar.gz is no release: releases/start_erl.data is missing: push the .tar.gz that `mix release` or `rebar3 as prod tar` writes',
    ],
    ['no programs', { files: { 'bin/shop': null } }, 'is no release: it has no bin folder'],
    [
      'no start script',
      { files: { 'releases/1.0.0/shop.rel': null } },
      'has no start script: of no releases/1.0.0/<name>.rel there is an executable bin/<name>',
    ],
    [
      'no runtime',
      { files: { 'erts-15.2.7/bin/beam.smp': null } },
      'carries no Erlang runtime (erts-*/bin/beam.smp): build it with include_erts: true',
    ],
    [
      'another CPU',
      { beam: nativeCode('arm64') },
      'release shop-1.0.0 was built for aarch64, nodes are x86_64: build it there, or set release.architecture=arm64',
    ],
    ['a CPU that EC2 has not', { beam: nativeCode('riscv') }, 'beam.smp is no program for x86_64 or aarch64'],
    ['no program', { beam: Buffer.from('#!/bin/sh\nexec beam\n') }, 'beam.smp is no program for x86_64 or aarch64'],
    [
      'musl',
      { beam: nativeCode('amd64', { interpreter: '/lib/ld-musl-x86_64.so.1' }) },
      'was built against musl (Alpine Linux), nodes have glibc: build it on amazon-linux-2023',
    ],
    [
      'a newer C library',
      { beam: nativeCode('amd64', { glibc: '2.38' }) },
      'release shop-1.0.0 needs glibc 2.38, nodes have 2.34: build it on amazon-linux-2023',
    ],
    [
      'a library that needs a newer one',
      { files: { 'lib/argon2-1/priv/argon2_nif.so': nativeCode('amd64', { glibc: '2.36' }) } },
      'needs glibc 2.36 (lib/argon2-1/priv/argon2_nif.so), nodes have 2.34',
    ],
    [
      'a version that is no word',
      { files: { 'releases/start_erl.data': '15.2.7 ../../etc' } },
      'has the version "../../etc": a version is a word',
    ],
    ['no version', { files: { 'releases/start_erl.data': '15.2.7' } }, 'has the version ""'],
    ['a name too long', { name: 'a'.repeat(125) }, 'together they may have 127'],
  ])('%s', async (_, props, message) => {
    await expect(checked(props)).rejects.toThrow(message);
  });

  test('in words that end after one line', async () => {
    const error = await checked({ beam: nativeCode('arm64') }).catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(String((error as Error).message)).not.toContain('\n');
  });
});

describe('a file that is no archive is refused', () => {
  test.each<[string, (path: string) => void, string]>([
    ['not there', () => undefined, 'there is no file'],
    ['text', (path) => writeFileSync(path, 'hello'), 'is no gzipped tar'],
    ['gzipped text', (path) => writeFileSync(path, gzipSync('hello')), 'is no gzipped tar'],
    ['gzipped noise', (path) => writeFileSync(path, gzipSync(randomBytes(4096))), 'is no gzipped tar'],
    ['empty', (path) => writeFileSync(path, ''), 'is cut off'],
    ['cut off', (path) => writeFileSync(path, readFileSync(makeRelease(folder.path)).subarray(0, 400)), 'is cut off'],
  ])('%s', async (name, make, message) => {
    const path = join(folder.path, `${name.replaceAll(' ', '-')}.tar.gz`);
    make(path);
    expect(await refusal(path)).toContain(message);
  });

  test('a folder, and says how to pack it', async () => {
    expect(await refusal(folder.path)).toContain('is a folder; push takes an archive: add `steps: [:assemble, :tar]`');
  });
});

test('native code is read the same in chunks of any size', () => {
  const code = Buffer.concat([
    nativeCode('arm64', { glibc: '2.39' }),
    randomBytes(300),
    Buffer.from('/lib/ld-musl-aarch64.so.1'),
  ]);
  for (const size of [1, 7, 64, 1000]) {
    const scan = new NativeCodeScan();
    for (let at = 0; at < code.length; at += size) scan.add(code.subarray(at, at + size));
    expect(scan.result).toEqual({ machine: 'arm64', glibcMinor: 39, musl: true });
  }
});

test('a large archive is read in little memory', async () => {
  const large = Buffer.alloc(100_000_000);
  const file = makeRelease(folder.path, {
    files: { 'lib/big-1/priv/big.so': large, 'lib/big-1/priv/data.bin': large },
  });
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 5);
  const { members } = await readArchive(file);
  clearInterval(watch);
  expect(members.get('lib/big-1/priv/big.so')?.native).toEqual({ glibcMinor: 0, musl: false });
  expect(most).toBeGreaterThan(0);
  // Less than one of the two members: chunks that wait to be collected count too, tens of megabytes of them on a busy machine.
  expect(most).toBeLessThan(large.length);
});

test('names are those that nodes take', () => {
  const lib = readFileSync('lib/node/boot/lib.sh', 'utf8');
  const [, pattern] = /^RELEASE_WORD='(.+)'$/m.exec(lib) ?? [];
  expect(RELEASE_WORD.source).toBe(pattern);
});

const OTP = '/usr/lib/erlang';
const erts = existsSync(OTP) ? readdirSync(OTP).find((name) => /^erts-/.test(name)) : undefined;

test.skipIf(erts === undefined || process.arch !== 'x64')(
  'a runtime of this machine is read for what it is',
  async () => {
    const beam = readFileSync(join(OTP, erts ?? '', 'bin', 'beam.smp'));
    const { members } = await readArchive(makeRelease(folder.path, { beam }));
    const native = members.get('erts-15.2.7/bin/beam.smp')?.native;
    expect(native).toMatchObject({ machine: 'amd64', musl: false });
    expect(native?.glibcMinor).toBeGreaterThanOrEqual(14);
  },
);
