import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const RUNBOOKS = readFileSync('docs/runbooks.md', 'utf8');

/** Indented blocks of commands, without their indentation. */
const blocks = [...RUNBOOKS.matchAll(/\n\n((?: {4,}\S.*\n)+)/g)].map(([, text = '']) => text.replace(/^ +/gm, ''));

test('the runbooks leave an administrator no statement in which a name of the application could be taken for another', () => {
  const administrators = blocks.filter((one) => /^(create|grant|alter|select) /m.test(one) && one.includes('NAME'));
  expect(administrators).toHaveLength(1);
  for (const statements of administrators) expect(statements).toMatch(/^set search_path = pg_catalog, pg_temp;\n/);
});

test('the runbooks leave nobody to write that data have moved: the mover does', () => {
  expect(RUNBOOKS).not.toMatch(/put-parameter[^\n]*(verified\/(?!1-2)|\/source)/);
  for (const climb of ['0-1', '5-6']) expect(RUNBOOKS).toContain(`beamstalk move ${climb} finish`);
});
