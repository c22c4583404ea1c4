import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Binds the folder of the arguments into the root, in a namespace of its own, and starts a program in there. */
const IN_ROOT = `set -e
mount --bind "$2" "$1/mnt"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$1" erl "\${@:3}"`;

/**
 * Starts a BEAM with the arguments of a node, as a release does, and evaluates an expression in it: the BEAM of the Debian
 * root that `BEAM_ROOT` names (scripts/test-node.sh), else that on the path.
 *
 * @param folder Folder of the test's own.
 * @param more Arguments beside those of the file.
 * @returns What the expression printed.
 * @throws Error with what the BEAM said, when it does not start.
 */
export function inBeam(folder: string, vmArgs: string, more: readonly string[], expression: string): string {
  const file = 'vm.args';
  writeFileSync(join(folder, file), vmArgs);
  const root = process.env['BEAM_ROOT'];
  const erl = (path: string): string[] => ['-args_file', path, ...more, '-noinput', '-eval', expression];
  const { status, stdout, stderr, error } =
    root === undefined
      ? spawnSync('erl', erl(join(folder, file)), { encoding: 'utf8' })
      : spawnSync('unshare', ['--mount', 'bash', '-c', IN_ROOT, '-', root, folder, ...erl(`/mnt/${file}`)], {
          encoding: 'utf8',
        });
  if (error !== undefined) throw new Error(`no BEAM: ${error.message}; scripts/test-node.sh says what it needs`);
  if (status !== 0) throw new Error(`the BEAM ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}
