import { z } from 'zod';
import { acceptanceSchema } from '../facts/acceptance';
import { LAST_PHASE } from '../facts/phase-numbers';

const judgement = z.enum(['safe', 'needs-migration', 'refused']);
const change = z.enum(['adds', 'updates', 'restarts', 'replaces', 'removes']);
const source = z.string().optional().describe('The page, thread or measurement that says so.');

const state = z
  .strictObject({
    phase: z.int().min(0).max(LAST_PHASE),
    from: z
      .int()
      .min(0)
      .max(LAST_PHASE)
      .optional()
      .describe('While a climb expands: the phase whose parts still stand.'),
  })
  .describe('How far an environment is.');

const place = {
  stack: z.string(),
  id: z.string().describe('Logical id.'),
  type: z.string().describe('CloudFormation resource type.'),
  name: z.string().describe('Type by the name that AWS gives it, and its role where that tells more.'),
};

const effect = z.strictObject({
  property: z.string(),
  effect: z.enum(['in place', 'restarts', 'replaces', 'refused']),
  why: z.string().optional(),
  interruption: z.string().optional().describe('What users notice.'),
  source,
  values: z
    .array(z.strictObject({ path: z.string(), before: z.string().optional(), after: z.string().optional() }))
    .optional()
    .describe('Values that differ inside the property, shortened in the middle; a secret is never among them.'),
});

const finding = z.strictObject({
  severity: z.enum(['note', 'needs-migration', 'refused']).describe('A note does not change the verdict.'),
  rule: z.string().describe('Stable name of the rule.'),
  stack: z.string().optional(),
  id: z.string().optional(),
  message: z.string(),
  remedy: z.string().optional(),
  source,
  accepted: z
    .strictObject({ reason: z.string(), until: z.string() })
    .optional()
    .describe('Why and until when the configuration accepts it, when it does: it is a note then.'),
});

/** Result of comparing two architectures. Its published form is a part of docs/verdict.schema.json. */
export const verdictSchema = z.strictObject({
  version: z.literal(1),
  verdict: judgement.describe('safe: exit code 0. needs-migration: 3. refused: 4.'),
  climb: z.strictObject({ before: state, after: state }).optional().describe('When both sides say how far they are.'),
  summary: z
    .strictObject({
      adds: z.int(),
      updates: z.int(),
      restarts: z.int(),
      replaces: z.int(),
      removes: z.int(),
    })
    .describe('Resources, each counted once, by the gravest of what happens to it.'),
  changes: z.array(
    z.strictObject({
      ...place,
      change,
      holdsData: z.boolean(),
      verdict: judgement,
      effects: z.array(effect).describe('What each changed property does.'),
    }),
  ),
  findings: z.array(finding).describe('What decides the verdict, the gravest first, and what is worth knowing.'),
  moves: z
    .array(
      z.strictObject({
        type: place.type,
        name: place.name,
        from: z.strictObject({ stack: place.stack, id: place.id }),
        to: z.strictObject({ stack: place.stack, id: place.id }),
      }),
    )
    .describe(
      'What is the same under another logical id or in another stack, by `cdk refactor` (preview) to be moved.',
    ),
  accepted: z
    .array(
      acceptanceSchema.extend({
        status: z
          .enum(['in force', 'spent', 'void'])
          .describe(
            'in force: it lets a finding through. spent: what it names is gone. void: it cannot be applied, and refuses the step.',
          ),
      }),
    )
    .describe('Every removal that the side after accepts (docs/accepting.md).'),
  data: z
    .array(
      z.strictObject({
        ...place,
        holds: z.string(),
        guards: z.array(z.string()),
        change: z.union([change, z.literal('unchanged')]),
      }),
    )
    .describe('Everything that holds data on either side, and what guards it afterwards.'),
  security: z.array(
    z.strictObject({
      stack: z.string(),
      kind: z.enum(['iam', 'network']),
      direction: z.enum(['opened', 'closed']),
      subject: z.string().describe('Who is allowed, or the group that lets in or out.'),
      what: z.string(),
      world: z.boolean().describe('Whether it concerns everybody.'),
    }),
  ),
  interruptions: z.array(
    z.strictObject({
      stack: z.string(),
      id: z.string(),
      name: z.string(),
      what: z.string(),
      because: z.string(),
      source,
    }),
  ),
  order: z
    .array(z.strictObject({ stack: z.string(), action: z.enum(['creates', 'updates', 'leaves alone', 'stays']) }))
    .describe('Order of deployment. `stays`: no longer in the app, which cdk deploy does not remove.'),
});

/** See `verdictSchema`. */
export type Verdict = z.infer<typeof verdictSchema>;

const money = z.number().describe('US dollars a month at list prices, whole cents.');

const billSchema = z
  .strictObject({
    region: z.string(),
    checked: z.string().optional().describe('Day on which the prices were compared with their sources.'),
    before: money.optional(),
    after: money.optional(),
    change: money.optional(),
    notPriced: z
      .strictObject({ before: z.int(), after: z.int() })
      .optional()
      .describe('Parts that no price is known of, and that the totals do not hold.'),
    confidence: z.enum(['high', 'medium', 'low']).optional().describe('Of the prices of the side after.'),
  })
  .describe('What the step does to the bill; `region` alone where there are no prices of it.');

const outgrownSchema = z.strictObject({
  kind: z.enum(['database connections', 'function concurrency', 'addresses']),
  provider: z.strictObject({ stack: place.stack, id: place.id }),
  consumers: z.array(z.strictObject({ stack: place.stack, id: place.id })),
  wanted: z.number().describe('Amount that all consumers together may ask for.'),
  most: z.number().describe('Amount that the provider has.'),
  why: z.string(),
  assumed: z.boolean().describe('Whether a figure of the reckoning is in no template.'),
});

/** Output of `beamstalk diff --json`: the verdict, what the step does to the bill, and what it lets outgrow its provider. */
export const diffSchema = verdictSchema.extend({
  bill: billSchema,
  outgrown: z.array(outgrownSchema).describe('Consumers that the step lets grow past what they depend on.'),
});

/** See `billSchema`. */
export type BillChange = z.infer<typeof billSchema>;

/** The JSON Schema (draft 2020-12) of what `beamstalk diff --json` prints. */
export function verdictJsonSchema(): Record<string, unknown> {
  return { title: 'What beamstalk diff --json prints', ...z.toJSONSchema(diffSchema) };
}
