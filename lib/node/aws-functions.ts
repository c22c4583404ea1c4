import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeService } from '../facts/endpoints';
import { BOOT_DIRECTORY } from './boot-directory';
import { endpointList } from './endpoint-list';
import { shellQuote } from './shell';

/**
 * The functions of `aws.sh` with the endpoints of the given services, for a script that has no boot bundle yet. Without
 * its comments: user data is limited to 16 KB.
 */
export function awsFunctions(region: string, services: readonly NodeService[]): string {
  const functions = readFileSync(join(BOOT_DIRECTORY, 'aws.sh'), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n');
  return `ENDPOINTS=${shellQuote(endpointList(region, services).trimEnd())}\n${functions}`;
}
