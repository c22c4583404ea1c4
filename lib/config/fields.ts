import { z } from 'zod';
import { parseCidr } from '../facts/cidr';
import { INSTANCE_TYPE_NAMES } from '../facts/instance-type';
import { MOST } from './bounds';

// Each key carries two texts: `describe` says what it is, for the editor; the message says what is allowed, for the
// error a user sees. The message is static so that one key has one wording wherever it fails.

export const integer = (least: number, most: number, description: string) => {
  const message = `an integer from ${least} to ${most}`;
  return z.number(message).int(message).min(least, message).max(most, message).describe(description);
};

export const oneOf = <const Value extends string>(values: readonly Value[], description: string) =>
  z.enum(values, `one of ${values.join(', ')}`).describe(description);

// The periods that CloudWatch Logs accepts.
// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html (2026-11-20)
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const retentionDays = (description: string) =>
  z.literal(RETENTION_DAYS, `one of ${RETENTION_DAYS.join(', ')}`).describe(description);

export const flag = (description: string) => z.boolean('true or false').describe(description);

export const text = (pattern: RegExp, allowed: string, description: string) =>
  z.string(allowed).regex(pattern, allowed).describe(description);

export const instanceTypeName = (description: string) => {
  const message = 'an instance type of lib/facts/instances.json';
  return z.enum(INSTANCE_TYPE_NAMES, message).describe(description);
};

export const cidrList = (description: string) => {
  const allowed = 'a CIDR such as 203.0.113.0/24, not wider than /8';
  const cidr = z.string(allowed).refine((value) => (parseCidr(value)?.prefix ?? 0) >= 8, allowed);
  return z.array(cidr, 'a list of CIDRs, for example ["203.0.113.0/24"]').describe(description);
};

/** A list in which nothing stands twice; the second is the one that is wrong. */
export const listOfDifferent = <Item extends z.ZodType>(item: Item, allowed: string) =>
  z.array(item, allowed).superRefine((items, context) => {
    for (const [index, value] of items.entries()) {
      if (items.indexOf(value) === index) continue;
      context.addIssue({ code: 'custom', path: [index], message: `${allowed}, each once` });
    }
  });

/**
 * A name of the user's choice: a word in lower case, which becomes part of logical ids and parameter names. What every
 * object of JavaScript has by itself names nothing, because constructs are kept by name in one.
 */
export const NAME = /^(?!(?:constructor|prototype)$)[a-z][a-z0-9-]{0,29}$/;
export const NAME_ALLOWED =
  'a name in lower case, such as jobs or mail-out, of at most 30 letters, digits and hyphens, and not constructor or prototype';

/** Things by name; a file takes a default one away by setting it to null. */
export const named = <Item extends z.ZodType>(item: Item, description: string) =>
  z.record(z.string().regex(NAME), item, 'an object of things by name').describe(description);

export const secretArn = (description: string) =>
  text(
    /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$/,
    'the ARN of a secret in Secrets Manager',
    description,
  );

/** The least and greatest number of nodes of a fleet. */
export const nodeRange = {
  minNodes: integer(1, MOST.nodes, 'Least number of nodes.'),
  maxNodes: integer(1, MOST.nodes, 'Greatest number of nodes.'),
};

export const DATABASE_CLASS = /^db\.[a-z][a-z0-9-]*\.(micro|small|medium|large|\d{0,2}xlarge)$/;
