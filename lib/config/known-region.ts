import { REGIONS } from '../facts/regions';
import type { Check } from './check';
import { didYouMean } from './nearest';

/**
 * A region that there is. One that is newer than the list is taken when its zones are named, which nobody does by
 * mistake.
 */
export const KNOWN_REGION: Check = {
  keys: ['region', 'network.availabilityZones'],
  violated: ({ region, network }) => {
    if (REGIONS.includes(region) || network.availabilityZones !== undefined) return undefined;
    return `a region of AWS${didYouMean(region, REGIONS)}; one that is newer than this list is taken when network.availabilityZones names its zones`;
  },
};
