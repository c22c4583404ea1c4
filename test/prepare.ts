import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Builds what templates carry (the Lambda functions), and gives a test run a temporary folder of its own which it
 * removes afterwards: every `new App()` leaves an assembly behind, and nothing in the CDK removes it.
 */
export function setup(): () => void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  const folder = mkdtempSync(join(tmpdir(), 'beamstalk-test-'));
  process.env['TMPDIR'] = folder;
  process.env['SYNTHESISED_TEMPLATES'] = join(folder, 'synthesised');
  mkdirSync(join(folder, 'synthesised'));
  return () => rmSync(folder, { recursive: true, force: true });
}
