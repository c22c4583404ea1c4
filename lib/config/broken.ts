import type { Check } from './check';
import { CHECKS } from './checks';
import type { Configuration } from './configuration';

/** Rules over several keys that a configuration breaks. Of one as it was read there are none: of one that was changed, or is shown in part. */
export function broken(configuration: Configuration): Check[] {
  const { phase, from = phase } = configuration;
  return CHECKS.filter(({ violated }) => violated(configuration, Math.min(phase, from)) !== undefined);
}
