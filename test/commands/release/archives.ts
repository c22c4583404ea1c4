import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Numbers of machines in the header of an ELF file. Source: https://man7.org/linux/man-pages/man5/elf.5.html */
const MACHINES = { amd64: 62, arm64: 183, riscv: 243 } as const;

/** Bytes that look like native code to whoever reads the header and the names of symbols. */
export function nativeCode(
  machine: keyof typeof MACHINES,
  { glibc = '2.34', interpreter = '/lib64/ld-linux-x86-64.so.2' } = {},
): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(MACHINES[machine], 18);
  return Buffer.concat([header, Buffer.from(`\0${interpreter}\0GLIBC_2.2.5\0GLIBC_2.17\0GLIBC_${glibc}\0`, 'latin1')]);
}

export interface ReleaseProps {
  readonly name?: string;
  readonly version?: string;
  readonly beam?: Buffer;
  /** Further files, by path; `null` leaves one out that a release has. */
  readonly files?: Readonly<Record<string, Buffer | string | null>>;
  /** Folder around the release. */
  readonly folder?: string;
}

/** Folder for what a test file makes; `clean` removes it. */
export function scratch(): { readonly path: string; readonly clean: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'beamstalk-release-'));
  return { path, clean: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes a release as `mix release` packs it, and returns the path of the archive. */
export function makeRelease(into: string, props: ReleaseProps = {}): string {
  const { name = 'shop', version = '1.0.0', beam = nativeCode('amd64'), files = {}, folder } = props;
  const work = mkdtempSync(join(into, 'tree-'));
  const tree: Record<string, Buffer | string | null> = {
    'releases/start_erl.data': `15.2.7 ${version}`,
    [`releases/${version}/${name}.rel`]: '{release, ...}.',
    [`bin/${name}`]: '#!/bin/sh\n',
    'erts-15.2.7/bin/beam.smp': beam,
    'lib/kernel-10/ebin/kernel.app': 'x'.repeat(5000),
    ...files,
  };
  for (const [path, content] of Object.entries(tree)) {
    if (content === null) continue;
    const full = join(work, folder ?? '.', path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    chmodSync(full, path.startsWith('bin/') ? 0o755 : 0o644);
  }
  const archive = join(into, `upload-${randomBytes(4).toString('hex')}.tar.gz`);
  execFileSync('tar', ['-C', work, '-czf', archive, folder ?? '.']);
  rmSync(work, { recursive: true });
  return archive;
}
