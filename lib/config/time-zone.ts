import { z } from 'zod';
import { didYouMean } from './nearest';

const ALLOWED = 'an IANA time zone such as Europe/Berlin';

/** Also what has no place in the list of canonical names, such as UTC; written as the database of zones writes it. */
function isZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // Node.js takes a name in any case, AWS does not. An alias resolves to another name.
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

export const timeZone = (description: string) =>
  z
    .string(ALLOWED)
    .regex(/^[A-Za-z_]+(\/[A-Za-z_+-]+\d{0,2})*$/, ALLOWED)
    .refine(isZone, {
      error: ({ input }) => `${ALLOWED}${didYouMean(String(input), Intl.supportedValuesOf('timeZone'))}`,
    })
    .describe(description);
