import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const GOLDEN = join(import.meta.dirname, '..', 'golden');

// `npx vitest run --project quick test/policies -u` writes it, once the golden files are.
test('the validator starts for the types of resources that the phases have', async () => {
  const types = new Set<string>();
  for (const file of readdirSync(GOLDEN).filter((name) => name.endsWith('.txt'))) {
    for (const [, type = ''] of readFileSync(join(GOLDEN, file), 'utf8').matchAll(/^\w+: (\w+::[\w:]+)/gm))
      types.add(type);
  }
  expect(types).toContain('AWS::RDS::DBInstance');
  const text = JSON.stringify([...types].sort(), null, 2);
  await expect(`${text}\n`).toMatchFileSnapshot('../../lib/policies/resource-types.json');
});
