import { didYouMean, nearest } from './nearest';
import { schemaAt } from './overrides';
import { settingsSchema } from './schema';

/** What stands where an unknown key was given, with the likeliest one named, dots and all. */
export function allowedInstead(key: string): string {
  const parts = key.split('.');
  const unknown = parts.findIndex((_, index) => schemaAt(parts.slice(0, index + 1).join('.')) === undefined);
  const siblings = keysAt(parts.slice(0, Math.max(unknown, 0)));
  const similar = likelyMeant(key);
  return `one of ${siblings.join(', ')}${similar === undefined ? '' : ` (did you mean ${similar}?)`}`;
}

/** The key that is likeliest meant by an unknown one: each part as it is, or the nearest that there is in its place. */
export function likelyMeant(key: string): string | undefined {
  const parts = key.split('.');
  const meant: string[] = [];
  for (const part of parts) {
    const siblings = keysAt(meant);
    const known = schemaAt([...meant, part].join('.')) !== undefined;
    const next = known ? part : nearest(part, siblings);
    // What begins well leads at least to where it ends.
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

/** What a key allows, in its own words, with the values nearest to what was received. */
export function allowedAt(key: string, message: string, received: unknown): string {
  const schema = schemaAt(key);
  if (schema?.def.type === 'object') return 'an object';
  if (schema?.def.type !== 'enum' || typeof received !== 'string') return message;
  const values = Object.values((schema.def as { entries?: Record<string, string> }).entries ?? {});
  const family = values.filter((value) => value.startsWith(`${received.split('.')[0]}.`));
  if (values.includes(received)) return message;
  if (family.length > 0) return `${message}; of that family: ${family.join(', ')}`;
  return `${message}${didYouMean(received, values)}`;
}
