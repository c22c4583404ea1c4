import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Rooms whose comments are written in the field's idiom; one that is rewritten joins the list. */
const ROOMS = [
  'account',
  'architecture',
  'capacity',
  'climb',
  'commands',
  'config',
  'constructs',
  'cost',
  'facts',
  'move',
  'node',
  'policies',
  'postgres',
  'resharding',
  'sharding',
  'template',
  'verdict',
];

/** A comment that begins with a free relative clause or a question, where a noun or a verb says the same at once. */
const RELATIVE = /^\s*(?:\/\*\*|\*|\/\/) (?:What|Whether|Who|Whom|Where|How|Which) /;

function relativeIn(source: string): string[] {
  const lines = source.split('\n');
  return lines.filter((line, index) => {
    if (!RELATIVE.test(line)) return false;
    // A line that carries on a sentence may begin with any word.
    const before = lines[index - 1] ?? '';
    return !/^\s*(?:\*|\/\/) \S/.test(before) || /[.:]$/.test(before);
  });
}

test('comments begin with a noun or a verb', () => {
  const found = ROOMS.flatMap((room) =>
    readdirSync(join(root, 'lib', room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) =>
        relativeIn(readFileSync(join(root, 'lib', room, name), 'utf8')).map(
          (line) => `${room}/${name}: ${line.trim()}`,
        ),
      ),
  );
  expect(found).toEqual([]);
});

test('a comment that does not is found, and one that carries on a sentence is none', () => {
  expect(relativeIn('/** Whether it is on. */')).toHaveLength(1);
  expect(relativeIn('/**\n * What a node reads.\n */')).toHaveLength(1);
  expect(relativeIn('// The loop ends here, and says\n// what it found.\n// Whether it did.')).toHaveLength(1);
  expect(relativeIn('/** True when it is on. */\n// Names say\n// What others mean.')).toEqual([]);
});
