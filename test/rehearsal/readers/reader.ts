import type { Clients } from '../clients';
import type { StackResource } from '../stacks';

/** What a service says of a resource, reduced to what stays the same as long as its template does. */
export type Live = Readonly<Record<string, unknown>>;

/** Asks the service itself for a resource; undefined when the service knows nothing of it. */
export type Reader = (resource: StackResource, aws: Clients) => Promise<Live | undefined>;

/** Takes the named properties of what a service answered. */
export function pick<T extends object>(from: T | undefined, ...keys: (keyof T)[]): Live | undefined {
  return from && Object.fromEntries(keys.map((key) => [String(key), from[key]]));
}
