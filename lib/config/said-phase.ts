import { LAST_PHASE } from '../facts/phase-numbers';
import type { ConfigurationSource } from './configuration';
import { ConfigurationError } from './configuration-error';
import { readEnvironmentFile } from './environment-file';

/**
 * Asks that somebody wrote the phase down, on the command line or in the file. It decides almost everything: left out it
 * would be 0, and whatever runs at a later phase would be deployed or judged as a single server.
 *
 * @throws ConfigurationError when nobody says it.
 */
export function mustSayPhase({ context, directory }: ConfigurationSource): void {
  if (context['phase'] !== undefined) return;
  const { name, tree } = readEnvironmentFile(context['env'], directory);
  if (Object.hasOwn(tree, 'phase')) return;
  const allowed = `an integer from 0 to ${LAST_PHASE}: how far the environment has grown`;
  throw new ConfigurationError(name, [{ key: 'phase', allowed, where: name, orBy: '--context phase=...' }]);
}
