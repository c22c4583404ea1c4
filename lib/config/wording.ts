import { distance } from 'fastest-levenshtein';
import { schemaAt } from './overrides';
import { settingsSchema } from './schema';

/** What stands where an unknown key was given, with the likeliest one named, dots and all. */
export function allowedInstead(key: string): string {
  const parts = key.split('.');
  const unknown = parts.findIndex((_, index) => schemaAt(parts.slice(0, index + 1).join('.')) === undefined);
  const siblings = keysAt(parts.slice(0, Math.max(unknown, 0)));
  const similar = similarKey(parts);
  return `one of ${siblings.join(', ')}${similar === undefined ? '' : ` (did you mean ${similar}?)`}`;
}

/** The key that is likeliest meant: each part as it is, or the nearest that there is in its place. */
function similarKey(parts: readonly string[]): string | undefined {
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
  return similar === '' || parts.join('.').startsWith(similar) ? undefined : similar;
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
  if (family.length > 0) return `${message}; of that family: ${family.join(', ')}`;
  const similar = nearest(received, values);
  return similar === undefined ? message : `${message} (did you mean ${similar}?)`;
}

/** The candidate that takes the fewest single-character edits, if those are few. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .filter(({ edits, candidate }) => edits <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return best?.candidate;
}
