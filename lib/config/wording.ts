import { distance } from 'fastest-levenshtein';
import { schemaAt } from './overrides';
import { settingsSchema } from './schema';

/** What stands where an unknown key was given, with the likeliest one named. */
export function allowedInstead(path: string, key: string): string {
  const schema = path === '' ? settingsSchema._zod : schemaAt(path);
  const siblings = schema?.def.type === 'object' ? Object.keys((schema.def as { shape?: object }).shape ?? {}) : [];
  const similar = nearest(key, siblings);
  const hint = similar === undefined ? '' : ` (did you mean ${path === '' ? similar : `${path}.${similar}`}?)`;
  return `one of ${siblings.join(', ')}${hint}`;
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
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .filter(({ edits, candidate }) => edits <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return best?.candidate;
}
