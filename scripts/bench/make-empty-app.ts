import { cpSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Makes an app with one empty stack, with this project's cdk.json and bundler, in a folder of the project: packages are found from there. */
export function emptyApp(folder: string): string {
  cpSync(join(root, 'scripts', 'bench', 'empty-app'), folder, { recursive: true });
  for (const part of ['cdk.json', 'scripts/build.mjs', 'scripts/build', 'tsconfig.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  return folder;
}
