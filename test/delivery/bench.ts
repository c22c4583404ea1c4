import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

const FILES = join(import.meta.dirname, '..', '..', 'lib', 'constructs', 'delivery', 'files');

/** A scratch folder in which the scripts of delivery run against commands that the test answers for. */
export class Bench {
  readonly root = mkdtempSync(join(tmpdir(), 'beamstalk-delivery-'));

  constructor() {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    cpSync(FILES, join(this.root, 'tools'), { recursive: true });
    mkdirSync(join(this.root, 'source'));
    if (existsSync('/usr/bin/python3')) {
      mkdirSync(join(this.root, 'stubs'));
      symlinkSync('/usr/bin/python3', join(this.root, 'stubs', 'python3'));
    }
  }

  write(name: string, text: string): void {
    const path = join(this.root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(name: string): string {
    return readFileSync(join(this.root, name), 'utf8');
  }

  /** What a command does: bash, with the arguments of the call. */
  answer(command: string, script: string): void {
    this.write(`stubs/${command}`, `#!/bin/bash\necho "${command} $*" >> "${this.root}/calls"\n${script}\n`);
    chmodSync(join(this.root, 'stubs', command), 0o755);
  }

  /** Makes an archive of a folder. */
  pack(folder: string, archive: string): void {
    this.make(archive, ['tar', '-czf', join(this.root, archive), '-C', join(this.root, folder), '.']);
  }

  zip(folder: string, archive: string): void {
    const into = join(this.root, archive);
    this.make(archive, ['bash', '-c', 'cd "$0" && python3 -m zipfile -c "$1" *', join(this.root, folder), into]);
  }

  private make(archive: string, [program = '', ...rest]: readonly string[]): void {
    mkdirSync(dirname(join(this.root, archive)), { recursive: true });
    const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }

  run(
    script: string,
    variables: Readonly<Record<string, string>>,
    parameters: readonly string[] = [],
  ): { readonly status: number | null; readonly output: string } {
    const { status, stdout, stderr } = spawnSync(
      'timeout',
      ['20', 'bash', join(this.root, 'tools', script), ...parameters],
      {
        cwd: join(this.root, 'source'),
        encoding: 'utf8',
        env: {
          PATH: `${join(this.root, 'stubs')}:${process.env['PATH'] ?? ''}`,
          ROOT: this.root,
          PAUSE_SECONDS: '0',
          ...variables,
        },
      },
    );
    return { status, output: stdout + stderr };
  }

  calls(): readonly string[] {
    return existsSync(join(this.root, 'calls')) ? this.read('calls').split('\n').slice(0, -1) : [];
  }

  /** The calls of AWS that contain a text. */
  aws(text: string): readonly string[] {
    return this.calls().filter((call) => call.startsWith('aws ') && call.includes(text));
  }
}
