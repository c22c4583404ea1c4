import { ConfigurationError } from '../../config/configuration-error';
import type { EnvironmentFile } from '../../config/environment-file';

/**
 * What is configured is what is deployed next, and its phase decides almost everything: a phase that nobody wrote down would
 * be taken for 0, and every change judged as one of a single server.
 *
 * @throws ConfigurationError when the file leaves its phase out.
 */
export function mustSayItsPhase({ name, tree }: Pick<EnvironmentFile, 'name' | 'tree'>): void {
  if (Object.hasOwn(tree, 'phase')) return;
  const allowed =
    'an integer from 0 to 6: the phase that the environment is at, because it is asked for as it is configured';
  throw new ConfigurationError(name, [{ key: 'phase', allowed, where: `${name}, or name a phase, such as 3` }]);
}
