import type { Place } from '../../template/references';
import { resolved } from '../../template/resolve';
import type { Templates } from '../../template/template';
import { numberOf } from '../../template/values';
import { subnetUses } from './addresses';
import { type Consumer, consumersIn, pollersOf } from './consumers';
import { databasesIn } from './providers';
import { reachOf } from './reach';

/** Kinds of things that a consumer may ask of its provider beyond what that has. */
export type Kind = 'database connections' | 'function concurrency' | 'addresses';

/** A consumer that may grow past what its provider takes. */
export interface Asymmetry {
  readonly kind: Kind;
  readonly provider: Place;
  readonly consumers: readonly Place[];
  /** Amount that all consumers together may ask for, and that the provider has. */
  readonly wanted: number;
  readonly most: number;
  /** Reckoning of both, in words. */
  readonly why: string;
  /** True when a figure of the reckoning is assumed, and in no template. */
  readonly assumed: boolean;
}

/**
 * Every consumer in a set of templates, of whatever origin, that may scale past what its provider takes: fleets and
 * functions against the connections of a database that their security groups may enter, queues against the concurrency
 * of the function that works on them, and all against the addresses of their subnets.
 */
export function asymmetriesOf(templates: Templates): Asymmetry[] {
  const read = Object.fromEntries(Object.entries(templates).map(([stack, one]) => [stack, resolved(one)] as const));
  const consumers = consumersIn(read);
  return [...ofDatabases(read, consumers), ...ofFunctions(read), ...ofSubnets(read, consumers)];
}

/** Asymmetries that the second set of templates has, and the first has not, or has less of. */
export function newAsymmetries(before: Templates, after: Templates): Asymmetry[] {
  const found = asymmetriesOf(after);
  // Most sets have none: then there is nothing to compare, and a diff pays for one side.
  if (found.length === 0) return [];
  const known = new Map(asymmetriesOf(before).map((one) => [keyOfAsymmetry(one), one] as const));
  return found.filter((one) => {
    const other = known.get(keyOfAsymmetry(one));
    return other === undefined || one.wanted - one.most > other.wanted - other.most;
  });
}

function keyOfAsymmetry({ kind, provider }: Asymmetry): string {
  return `${kind} ${provider.stack}/${provider.id}`;
}

function ofDatabases(templates: Templates, consumers: readonly Consumer[]): Asymmetry[] {
  const reach = reachOf(templates);
  return databasesIn(templates).flatMap((provider): Asymmetry[] => {
    const entering = new Set(provider.groups.flatMap((group) => [...(reach.get(group) ?? [])]));
    const users = consumers.filter(({ groups }) => groups.some((group) => entering.has(group)));
    const wanted = users.reduce((sum, { most, pool }) => sum + most * pool, 0);
    if (wanted <= provider.most) return [];
    const { stack, id, most } = provider;
    // One that never runs twice explains nothing.
    const counted = users.filter(({ most: copies, pool }) => copies * pool > 1);
    const each = counted.map((user) => `${user.id} ${user.most} x ${user.pool} (${user.why})`).join(', ');
    const why = `${each} against ${provider.why}`;
    // By its memory a database takes about so many, not exactly.
    return [
      { kind: 'database connections', provider: { stack, id }, consumers: counted, wanted, most, why, assumed: true },
    ];
  });
}

/**
 * Concurrency with which Lambda reads a queue that has no limit of its own.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html (read 2026-11-30)
 */
const UNLIMITED_POLLERS = 1250;

/** A function with fewer places than its queues send jobs at once turns some away, until they count as failed. */
function ofFunctions(templates: Templates): Asymmetry[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]): Asymmetry[] => {
      const most = Type === 'AWS::Lambda::Function' ? numberOf(Properties['ReservedConcurrentExecutions']) : undefined;
      if (most === undefined) return [];
      const pollers = pollersOf({ stack, id }, templates);
      const wanted = pollers.reduce<number>((sum, one) => sum + (one ?? UNLIMITED_POLLERS), 0);
      if (wanted <= most) return [];
      const why = pollers.includes(undefined)
        ? `a queue without MaximumConcurrency is read by up to ${UNLIMITED_POLLERS} at once, and ${most} are reserved`
        : `its queues ask for ${wanted} at once, and ${most} are reserved`;
      return [
        { kind: 'function concurrency', provider: { stack, id }, consumers: [], wanted, most, why, assumed: false },
      ];
    }),
  );
}

function ofSubnets(templates: Templates, consumers: readonly Consumer[]): Asymmetry[] {
  return subnetUses(templates, consumers)
    .filter(({ wanted, most }) => wanted > most)
    .map(({ stack, id, wanted, most, by }): Asymmetry => {
      const why = `all that may stand in it at once, ${by.map((one) => one.id).join(', ')} most of all`;
      return { kind: 'addresses', provider: { stack, id }, consumers: by, wanted, most, why, assumed: false };
    });
}
