import type { Relief } from '../../capacity/relief';
import { withoutParts } from '../cost/in-words';
import { dollars } from '../cost/money';

/** Change of the bill by a relief: `+$58.40 a month`. */
export function reliefInWords({ usd, notPriced }: Relief): string {
  return `${usd < 0 ? '' : '+'}${dollars(usd)} a month${withoutParts(notPriced)}`;
}
