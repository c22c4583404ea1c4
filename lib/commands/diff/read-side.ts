import type { Configuration } from '../../config/configuration';
import { ConfigurationError } from '../../config/configuration-error';
import { mustSayPhase } from '../../config/said-phase';
import { FIRST_PHASE_OF } from '../../facts/phase-numbers';
import type { SynthesisProps } from '../../synthesis';
import { asFlags } from '../as-flags';
import { readDeployed } from './deployed';
import { contextOf, readDirectory, type Side, type SideName, titleOf } from './side';

/** Reads a side that is a folder, which needs neither the constructs library nor the account, and says whose it is. */
export function folderSide(name: SideName): Side | undefined {
  return name.kind === 'directory' ? readDirectory(name.path) : undefined;
}

/**
 * Makes or asks for a side that is no folder.
 *
 * @param flag What sets a key of this side, for messages.
 * @throws ConfigurationError when its configuration is not sound, or the account does not answer.
 */
export async function madeSide(
  name: SideName,
  settings: Readonly<Record<string, string>>,
  flag: string,
  environment: string,
  { directory, cdkJson }: Pick<SynthesisProps, 'directory' | 'cdkJson'>,
): Promise<Side> {
  try {
    if (name.kind === 'deployed') {
      const { readConfiguration } = await import('../../config/configuration');
      return await readDeployed(environment, readConfiguration({ context: { env: environment }, directory }).region);
    }
    const { synthesise } = await import('../../synthesis');
    const context = contextOf(name, environment, settings);
    mustSayPhase({ context, directory });
    const { configuration, templates } = synthesise({ context, directory, cdkJson });
    const { phase, from, region, traffic } = configuration;
    const state = { phase, ...(from !== undefined && { from }) };
    const shards = shardsOf(configuration);
    return { title: titleOf(state, settings), templates, state, environment, region, shards, traffic };
  } catch (error) {
    throw error instanceof ConfigurationError ? asFlags(error, flag) : error;
  }
}

/** Logical shards of an environment that has clusters for them. */
function shardsOf({ phase, data }: Configuration): number | undefined {
  const has = phase >= FIRST_PHASE_OF.extremeData && data.sharding.engine === 'clusters';
  return has ? data.sharding.logicalShards : undefined;
}

/** Two environments share no stack: to compare them is a slip, of `--env` most often. */
export function sameEnvironment(before: Side, after: Side): string | undefined {
  if (before.environment === undefined || after.environment === undefined || before.environment === after.environment) {
    return after.environment ?? before.environment;
  }
  const allowed = `${before.environment}, of which the other side is`;
  const problem = { key: 'env', received: after.environment, allowed, where: '--env ..., or name another folder' };
  throw new ConfigurationError('what is compared', [problem]);
}

/** Environments in two regions are two, and share nothing. */
export function sameRegion(before: Side, after: Side): void {
  if (before.region === undefined || after.region === undefined || before.region === after.region) return;
  const allowed = `${before.region}: in another region it is another environment, empty, beside the old one`;
  const problem = { key: 'region', received: after.region, allowed, where: '--set region=... or the file' };
  throw new ConfigurationError('what is compared', [problem]);
}
