import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const ROOM = 'lib/verdict';

/** The source file that declares each rule of the verdict, from the root of the project on, by the id of the rule. */
export function ruleFiles(): ReadonlyMap<string, string> {
  const names = readdirSync(join(ROOT, ROOM), { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => name.endsWith('.ts'))
      .sort()
      .flatMap((name) => {
        const file = `${ROOM}/${name.replaceAll('\\', '/')}`;
        const source = readFileSync(join(ROOT, file), 'utf8');
        return [...source.matchAll(/\bid: '([a-z-]+)',\s+severity:/g)].map(([, id = '']) => [id, file] as const);
      }),
  );
}
