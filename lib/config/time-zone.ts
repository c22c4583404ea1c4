import { z } from 'zod';
import { didYouMean } from './nearest';

const ALLOWED = 'an IANA time zone such as Europe/Berlin';

/**
 * As the database of zones writes names. Node.js takes any case, AWS does not; an alias resolves to another name, so
 * that its case cannot be compared.
 */
const WRITTEN = /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/;
const SHOUTED = /[A-Z]{5}/;

/** Also what has no place in the list of canonical names, such as UTC. */
function isZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

const withHint = ({ input }: { readonly input: unknown }): string =>
  `${ALLOWED}${didYouMean(String(input), Intl.supportedValuesOf('timeZone'))}`;

export const timeZone = (description: string) =>
  z
    .string(ALLOWED)
    .regex(WRITTEN, { error: withHint })
    .refine((name) => !SHOUTED.test(name) && isZone(name), { error: withHint })
    .describe(description);
