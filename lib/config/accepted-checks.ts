import type { Check } from './check';

/** An entry that stands twice has two reasons or two last days, of which one would be lost. */
export const ACCEPTED_ONCE: Check = {
  keys: ['accepted'],
  violated: ({ accepted }) => {
    const named = accepted.map(({ rule, resource }) => `${rule} ${resource}`);
    const second = named.findIndex((one, index) => named.indexOf(one) !== index);
    if (second === -1) return undefined;
    return {
      key: `accepted.${second}`,
      allowed: `each rule and resource once; accepted.${named.indexOf(named[second] ?? '')} has them too`,
    };
  },
};
