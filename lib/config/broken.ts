import type { Check } from './check';
import { CHECKS } from './checks';
import type { Configuration } from './configuration';

/** Returns the rules over several keys that a configuration breaks. Reading one refuses it then, so only one that was changed afterwards has any. */
export function broken(configuration: Configuration): Check[] {
  const { phase, from = phase } = configuration;
  return CHECKS.filter(({ violated }) => violated(configuration, Math.min(phase, from)) !== undefined);
}
