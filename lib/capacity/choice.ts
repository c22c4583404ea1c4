import type { Architecture } from '../architecture/architecture';
import { architectureOf } from '../architecture/phases';
import type { Configuration } from '../config/configuration';

/** Settings by their dotted paths, as `--context` and `--set` take them. */
export type Choice = Readonly<Record<string, string | number>>;

/** A configuration with some settings chosen; shares all others with the one that it is made from. */
export function chosen(configuration: Configuration, choice: Choice): Configuration {
  const result: Record<string, unknown> = { ...configuration };
  const copied = new Set<string>();
  for (const [key, value] of Object.entries(choice)) {
    const path = key.split('.');
    const last = path.pop() ?? key;
    let node = result;
    path.forEach((part, depth) => {
      const place = path.slice(0, depth + 1).join('.');
      const inner = node[part] as Record<string, unknown>;
      if (!copied.has(place)) node[part] = { ...inner };
      copied.add(place);
      node = node[part] as Record<string, unknown>;
    });
    node[last] = value;
  }
  // A choice has keys and values of the schema: `size` reads what it writes by the schema again.
  return result as unknown as Configuration;
}

/** The architecture of a configuration with some settings chosen. */
export function architectureWith(configuration: Configuration, choice: Choice): Architecture {
  return architectureOf(chosen(configuration, choice));
}

/** A bill in short. */
export interface Priced {
  /** US dollars a month. */
  readonly usd: number;
  /** Parts that have no price, and are not in it. */
  readonly notPriced: number;
}

/** The bill of an architecture under a traffic. */
export type PriceOf = (architecture: Architecture, traffic: Configuration['traffic']) => Priced;
