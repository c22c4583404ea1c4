import type { z } from 'zod';
import { type JsonText, readJson } from './json-text';
import { settingsSchema } from './schema';

/** One value set on the command line with `--context key=value`, still to be checked. */
export interface Override {
  /** Dotted path, for example `app.instanceType`. */
  readonly key: string;
  readonly value: unknown;
  /** As it was given, when that is text. */
  readonly text?: string;
  /** Parsed value, when it is JSON. */
  readonly json?: JsonText;
}

/** Context keys that name something other than a setting: they are said with each deployment, never in a file. */
export const RESERVED: ReadonlySet<string> = new Set(['env', 'from', 'force']);

/** Keys that the CDK CLI keeps for itself in the context, by `cdk acknowledge` and `cdk cli-telemetry`, under bare names. */
const OF_THE_CLI = new Set(['acknowledged-issue-numbers', 'cli-telemetry']);

/**
 * Picks the settings out of a context map. Keys of the CDK itself and of libraries hold a colon or an at sign; every
 * other key is ours, so that a misspelt one is reported rather than ignored.
 */
export function overridesFrom(context: Readonly<Record<string, unknown>>): Override[] {
  return Object.entries(context)
    .filter(([key]) => !/[:@]/.test(key) && !key.startsWith('cdk-') && !RESERVED.has(key) && !OF_THE_CLI.has(key))
    .map(([key, value]) => (typeof value === 'string' ? fromText(key, value) : { key, value }));
}

/** The command line only knows text: reads it as the type that the schema has at that key. */
function fromText(key: string, text: string): Override {
  const type = schemaAt(key)?.def.type;
  if (type === 'boolean') return { key, text, value: text === 'true' ? true : text === 'false' ? false : text };
  if ((type === 'number' || type === 'literal') && /^-?\d+(\.\d+)?(e\d{1,2})?$/.test(text))
    return { key, text, value: Number(text) };
  if (type === 'object' || type === 'record' || (type === 'array' && text.startsWith('['))) {
    const json = jsonIn(text);
    return json === undefined ? { key, text, value: text } : { key, text, value: json.value, json };
  }
  return { key, text, value: type === 'array' ? text.split(',').filter((item) => item !== '') : text };
}

function jsonIn(text: string): JsonText | undefined {
  try {
    return readJson(text);
  } catch {
    return undefined;
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
