import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folder of the boot scripts, found upwards from this module so that bundled and plain runs agree. */
export const BOOT_DIRECTORY = findUpwards(import.meta.dirname, join('lib', 'node', 'boot'));

function findUpwards(from: string, wanted: string): string {
  const candidate = join(from, wanted);
  if (existsSync(candidate)) return candidate;
  if (dirname(from) === from) throw new Error(`${wanted} is in no folder above ${import.meta.dirname}`);
  return findUpwards(dirname(from), wanted);
}
