import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Command line as a user has it, where nobody answers for AWS. test/prepare.ts has built it. */
export function runCommandLine(
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> {
  const env = {
    PATH: process.env['PATH'],
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_MAX_ATTEMPTS: '1',
    ...more,
  };
  return spawnSync(process.execPath, ['.build/beamstalk.cjs', ...words], { cwd: root, env, encoding: 'utf8' });
}
