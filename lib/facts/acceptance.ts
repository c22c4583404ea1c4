import { z } from 'zod';

/**
 * Rules of the verdict whose finding a team may accept (docs/adr/0023-*): each reports that one resource is removed, which
 * a team may really want. What the gate refuses, what AWS would reject and what leaves data with fewer guards is not here.
 */
export const ACCEPTABLE_RULES = ['data-removed', 'protector-removed'] as const;

const RULE = `one of ${ACCEPTABLE_RULES.join(', ')}; what the gate refuses, and what needs a migration, is never accepted`;
const RESOURCE =
  'one resource, <stack>/<logical id> as the diff names it, such as prod-tables/TablescartsTable3564B2A8; no wildcards';
const REASON = 'a sentence of 10 to 500 characters, on one line and without control characters, that says why';
const UNTIL = 'a day such as 2026-12-31';

/** One finding of the verdict that a team accepts, once, until a day. */
export const acceptanceSchema = z.strictObject({
  rule: z.enum(ACCEPTABLE_RULES, RULE).describe('Id of the rule that refuses the removal, as the diff prints it.'),
  resource: z
    .string(RESOURCE)
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}\/[A-Za-z0-9]{1,255}$/, RESOURCE)
    .describe('The one resource that is removed: stack and logical id.'),
  reason: z
    .string(REASON)
    .trim()
    .min(10, REASON)
    .max(500, REASON)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, REASON)
    .describe('Why, for whoever reads the diff.'),
  until: z
    .string(UNTIL)
    .refine(isDay, UNTIL)
    .describe('Last day (UTC) on which it holds. From the next on every diff is refused until the entry is taken out.'),
});

/** See `acceptanceSchema`. */
export type Acceptance = z.infer<typeof acceptanceSchema>;

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
