import { z } from 'zod';
import { DEFAULTS } from './defaults';
import { settingsSchema } from './schema';

type Json = { [key: string]: unknown };

/**
 * The JSON Schema (draft 2020-12) of `config/<env>.json`: every key is optional there, because `DEFAULTS` stands
 * behind it, and carries its default.
 */
export function configurationJsonSchema(): Json {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input' }) as Json;
  const file = fileSchema(schema, DEFAULTS);
  const properties = { $schema: { type: 'string' }, ...(file['properties'] as Json) };
  return { ...file, title: 'Configuration of one Beamstalk environment', properties };
}

function fileSchema(schema: Json, defaults: unknown): Json {
  const { required: _, ...rest } = schema;
  const named = rest['additionalProperties'];
  if (typeof named === 'object' && named !== null) {
    // Null takes a default away.
    return { ...rest, additionalProperties: { anyOf: [named, { type: 'null' }] }, default: defaults };
  }
  const properties = rest['properties'] as Record<string, Json> | undefined;
  if (properties === undefined) return defaults === undefined ? rest : { ...rest, default: defaults };
  const branch = (defaults ?? {}) as Json;
  const filled = Object.entries(properties).map(([key, value]) => [key, fileSchema(value, branch[key])]);
  return { ...rest, properties: Object.fromEntries(filled) as Json };
}
