import type { z } from 'zod';
import { settingsSchema } from './schema';

/** One value set on the command line with `--context key=value`, still to be checked. */
export interface Override {
  /** Dotted path, for example `app.instanceType`. */
  readonly key: string;
  readonly value: unknown;
}

/** Context keys that name something other than a setting: they are said with each deployment, never in a file. */
export const RESERVED: ReadonlySet<string> = new Set(['env', 'from', 'force']);

/** What the CDK CLI keeps for itself in the context, by `cdk acknowledge` and `cdk cli-telemetry`, under bare names. */
const OF_THE_CLI = new Set(['acknowledged-issue-numbers', 'cli-telemetry']);

/**
 * Picks the settings out of a context map. Keys of the CDK itself and of libraries hold a colon or an at sign; every
 * other key is ours, so that a misspelt one is reported rather than ignored.
 */
export function overridesFrom(context: Readonly<Record<string, unknown>>): Override[] {
  return Object.entries(context)
    .filter(([key]) => !/[:@]/.test(key) && !key.startsWith('cdk-') && !RESERVED.has(key) && !OF_THE_CLI.has(key))
    .map(([key, value]) => ({ key, value: typeof value === 'string' ? parseText(key, value) : value }));
}

/** The command line only knows text: reads it as the type that the schema has at that key. */
function parseText(key: string, text: string): unknown {
  const type = schemaAt(key)?.def.type;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if ((type === 'number' || type === 'literal') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === 'array') return text.startsWith('[') ? parseJson(text) : text.split(',').filter((item) => item !== '');
  if (type === 'object' || type === 'record') return parseJson(text);
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The schema of one key, or undefined when there is no such key. */
export function schemaAt(key: string): z.core.$ZodType['_zod'] | undefined {
  let schema: z.core.$ZodType | undefined = settingsSchema;
  for (const part of key.split('.')) {
    // Only what the schema names itself: `constructor` is a key that every object has.
    schema = inside(schema, part);
    while (isOptional(schema)) schema = schema._zod.def.innerType;
    if (schema === undefined) return undefined;
  }
  return schema?._zod;
}

/** The schema of the things with names of the user's choice that a key holds, or undefined when it holds no such. */
export function itemSchemaAt(key: string): z.core.$ZodType | undefined {
  const def = schemaAt(key)?.def;
  return def?.type === 'record' ? (def as z.core.$ZodRecordDef).valueType : undefined;
}

function inside(schema: z.core.$ZodType | undefined, key: string): z.core.$ZodType | undefined {
  if (isRecord(schema)) return schema._zod.def.valueType;
  if (isArray(schema)) return /^\d+$/.test(key) ? schema._zod.def.element : undefined;
  return isObject(schema) && Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
}

function isRecord(schema: z.core.$ZodType | undefined): schema is z.core.$ZodRecord {
  return schema?._zod.def.type === 'record';
}

function isArray(schema: z.core.$ZodType | undefined): schema is z.core.$ZodArray {
  return schema?._zod.def.type === 'array';
}

function isObject(schema: z.core.$ZodType | undefined): schema is z.ZodObject {
  return schema?._zod.def.type === 'object';
}

function isOptional(schema: z.core.$ZodType | undefined): schema is z.core.$ZodOptional | z.core.$ZodDefault {
  return schema?._zod.def.type === 'optional' || schema?._zod.def.type === 'default';
}
