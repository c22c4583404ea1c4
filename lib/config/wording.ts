import { didYouMean, listed, nearest } from './nearest';
import { schemaAt } from './overrides';
import { settingsSchema } from './schema';

/** Keys allowed in the place of an unknown one, the likeliest named first, with its full path. */
export function allowedInstead(key: string): string {
  const parts = key.split('.');
  const unknown = parts.findIndex((_, index) => schemaAt(parts.slice(0, index + 1).join('.')) === undefined);
  const siblings = keysAt(parts.slice(0, Math.max(unknown, 0)));
  const similar = likelyMeant(key);
  return `one of ${listed(siblings, parts[unknown] ?? key)}${similar === undefined ? '' : ` (did you mean ${similar}?)`}`;
}

/** The key that is likeliest meant by an unknown one: each part as it is, or the nearest that there is in its place. */
export function likelyMeant(key: string): string | undefined {
  const parts = key.split('.');
  const meant: string[] = [];
  for (const part of parts) {
    const siblings = keysAt(meant);
    const known = schemaAt([...meant, part].join('.')) !== undefined;
    const next = known ? part : nearest(part, siblings);
    // A path that begins well is followed as far as it goes.
    if (next === undefined) break;
    meant.push(next);
  }
  const similar = meant.join('.');
  return similar === '' || key.startsWith(similar) ? undefined : similar;
}

function keysAt(path: readonly string[]): string[] {
  const schema = path.length === 0 ? settingsSchema._zod : schemaAt(path.join('.'));
  return schema?.def.type === 'object' ? Object.keys((schema.def as { shape?: object }).shape ?? {}) : [];
}

/** Values that a key allows, in its own words, with the values nearest to what was received. */
export function allowedAt(key: string, message: string, received: unknown): string {
  const schema = schemaAt(key);
  if (schema?.def.type === 'object') return 'an object';
  if (schema?.def.type !== 'enum' && schema?.def.type !== 'literal') return message;
  const { entries, values = Object.values(entries ?? {}) } = schema.def as {
    entries?: Record<string, string>;
    values?: readonly unknown[];
  };
  const allowed = values.map(String);
  const all = `one of ${allowed.join(', ')}`;
  if (message === all) return `one of ${listed(allowed, String(received))}${hint(received, allowed)}`;
  if (typeof received !== 'string' || allowed.includes(received)) return message;
  const family = allowed.filter((value) => value.startsWith(`${received.split('.')[0]}.`));
  if (family.length > 0) return `${message}; of that family: ${listed(family, received)}`;
  return `${message}${didYouMean(received, allowed)}`;
}

function hint(received: unknown, allowed: readonly string[]): string {
  return typeof received === 'string' && !allowed.includes(received) ? didYouMean(received, allowed) : '';
}
