import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, vi } from 'vitest';
import { type UseProps, use } from '../../../lib/commands/release/use';
import { CONFIGURATION_DIRECTORY } from '../../../lib/config/directory';
import { DeployedEnvironment } from '../../peers/deployed-environment';

// What the tests of `release use` share: an environment with two releases, made anew for each test.

/** Program of a node on which no release becomes healthy. */
export const FAILS = '#!/bin/bash\necho "beamstalk: the release does not answer after 480 s"\nexit 1\n';

export let aws: DeployedEnvironment;
/** Lines that the rollouts of a test have said. */
export let said: string[];
export let first: string;
export let second: string;

/** Makes an environment for each test of a file, and takes it away after it. */
export function useEnvironment(): void {
  beforeEach(async () => {
    aws = await DeployedEnvironment.start();
    aws.deploy();
    first = aws.release('1.0.0');
    second = aws.release('1.1.0');
    said = [];
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.stop();
  });
}

export function rollOut(
  version: string | undefined,
  { migrate = true, ...props }: Partial<UseProps> & { readonly migrate?: boolean } = {},
) {
  const { signal = new AbortController().signal } = props;
  return use({
    environment: 'prod',
    directory: CONFIGURATION_DIRECTORY,
    pathStyle: true,
    ...(version !== undefined && { version }),
    ...(migrate && { how: 'migrate' }),
    takeOver: false,
    say: (line) => said.push(line),
    onWait: () => undefined,
    pause: () => setTimeout(5, undefined, { signal }),
    ...props,
    signal,
  });
}

export async function refusal(version: string | undefined, props: Partial<UseProps> = {}): Promise<string> {
  return rollOut(version, props).then(
    () => 'rolled out',
    (error: Error) => error.message,
  );
}
