import { ConfigurationError } from '../../config/configuration-error';
import { DEFAULTS } from '../../config/defaults';
import { environmentsIn } from '../../config/environment-file';
import type { Traffic } from '../../config/traffic-settings';
import { asFlags } from '../as-flags';
import type { Side } from '../diff/side';

/** Traffic and region that a bill reckons with. */
export interface Expected {
  readonly traffic: Traffic;
  readonly region: string;
}

/** Settings that a side was given, and the flag that gave them. */
export interface SaidBySide {
  readonly settings: Readonly<Record<string, string>>;
  readonly flag: string;
}

/**
 * Traffic and region that a side is billed by: those of its own configuration, or for a folder that of its environment, or the defaults where there is
 * none.
 *
 * @throws ConfigurationError when the configuration is not sound.
 */
export async function expectedOf(
  side: Side,
  environment: string,
  { settings, flag }: SaidBySide,
  directory: string,
): Promise<Expected> {
  if (side.traffic !== undefined && side.region !== undefined) return { traffic: side.traffic, region: side.region };
  if (!environmentsIn(directory).includes(environment)) {
    if (Object.keys(settings).length === 0) return DEFAULTS;
    const problem = { key: 'env', received: environment, allowed: 'an environment whose traffic can be set' };
    throw new ConfigurationError('the traffic of a folder', [{ ...problem, where: '--env ...' }]);
  }
  const { readConfiguration } = await import('../../config/configuration');
  try {
    return readConfiguration({ context: { env: environment, ...settings }, directory });
  } catch (error) {
    throw error instanceof ConfigurationError ? asFlags(error, flag) : error;
  }
}
