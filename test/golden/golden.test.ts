import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { synthesise } from '../cdk-context';
import { ENVIRONMENTS } from '../variants';
import { outline } from './outline';

// One file per environment and phase: the diff of these files is the review of a change. `npx vitest -u` writes them.
describe.each(ENVIRONMENTS)('%s', (environment) => {
  test.each(PHASES)('phase $number, $name', async ({ number }) => {
    const stacks = Object.entries(synthesise(environment, number));
    const text = stacks.map(([name, template]) => outline(name, template)).join('\n\n');
    await expect(`${text}\n`).toMatchFileSnapshot(`${environment}-phase-${number}.txt`);
  });
});
