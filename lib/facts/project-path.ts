import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A file or folder of the project, found upwards from this module, so that bundled and plain runs agree.
 *
 * @throws Error when no folder above holds it, for example because the project has not been built.
 */
export function projectPath(...parts: readonly string[]): string {
  const wanted = join(...parts);
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, wanted);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) throw new Error(`${wanted} is in no folder above ${import.meta.dirname}`);
  }
}
