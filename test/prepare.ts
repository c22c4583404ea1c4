import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject, Vitest } from 'vitest/node';

/**
 * Builds what templates carry (the Lambda functions), and gives a test run a temporary folder of its own which it
 * removes afterwards: every `new App()` leaves an assembly behind, and nothing in the CDK removes it.
 */
export async function setup({ vitest }: TestProject): Promise<() => void> {
  await refuseForeignNames(vitest);
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  const folder = mkdtempSync(join(tmpdir(), 'beamstalk-test-'));
  process.env['TMPDIR'] = folder;
  process.env['SYNTHESISED_TEMPLATES'] = join(folder, 'synthesised');
  mkdirSync(join(folder, 'synthesised'));
  return () => {
    rmSync(folder, { recursive: true, force: true });
    failWithoutTest(vitest);
  };
}

/** Vitest runs what the other names of a command line find, and passes: the one that finds nothing is a mistake, and tests less. */
async function refuseForeignNames(vitest: Vitest): Promise<void> {
  // Not among the types of vitest 4.1; test/house/arguments.slow.test.ts fails when it goes.
  const { filenamePattern = [] } = vitest as Vitest & { readonly filenamePattern?: readonly string[] };
  for (const name of filenamePattern) {
    if ((await vitest.globTestSpecifications([name])).length === 0)
      throw new Error(`no file of tests is called ${name}`);
  }
}

/** A pattern for the names of tests (`-t`) that none has skips all of them, which vitest takes for success. One that is there may be skipped here. */
function failWithoutTest(vitest: Vitest): void {
  const pattern = vitest.getGlobalTestNamePattern();
  // Whatever else failed is told; and a run of several projects comes by here for each.
  if (pattern === undefined || process.exitCode === 1) return;
  const tests = vitest.state.getTestModules().flatMap(({ children }) => [...children.allTests()]);
  // Vitest compares the pattern with the words, and joins them here by another sign.
  if (tests.some(({ fullName }) => pattern.test(fullName.replaceAll(' > ', ' ')))) return;
  console.error(`no test is called ${pattern.source}`);
  process.exitCode = 1;
}
