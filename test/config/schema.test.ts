import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../lib/config/configuration';
import { DEFAULTS } from '../../lib/config/defaults';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { environmentsIn } from '../../lib/config/environment-file';
import { configurationJsonSchema } from '../../lib/config/json-schema';
import { schemaAt } from '../../lib/config/overrides';
import { settingsSchema } from '../../lib/config/schema';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly default?: unknown;
  readonly description?: string;
  readonly required?: unknown;
  readonly additionalProperties?: unknown;
}

const file = JSON.parse(readFileSync(join(CONFIGURATION_DIRECTORY, 'schema.json'), 'utf8')) as JsonSchema;

/** The leaves of the schema: dotted path -> schema. */
function leaves(schema: JsonSchema, path = ''): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]): [string, JsonSchema][] =>
    inner.properties === undefined ? [[`${path}${key}`, inner]] : leaves(inner, `${path}${key}.`),
  );
}

/** The leaves of the defaults: dotted path -> value. Things with names of the user's choice are one leaf. */
function values(tree: object, path = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, inner]): [string, unknown][] =>
    typeof inner === 'object' &&
    inner !== null &&
    !Array.isArray(inner) &&
    schemaAt(`${path}${key}`)?.def.type === 'object'
      ? values(inner, `${path}${key}.`)
      : [[`${path}${key}`, inner]],
  );
}

test('the defaults are a sound configuration', () => {
  expect(settingsSchema.safeParse(DEFAULTS).error).toBeUndefined();
});

describe.each(environmentsIn(CONFIGURATION_DIRECTORY))('config/%s.json', (env) => {
  test('is sound', () => {
    expect(readConfiguration({ context: { env }, directory: CONFIGURATION_DIRECTORY }).environment).toBe(env);
  });

  test('points editors at the schema', () => {
    const content = JSON.parse(readFileSync(join(CONFIGURATION_DIRECTORY, `${env}.json`), 'utf8')) as {
      $schema: string;
    };
    expect(content.$schema).toBe('./schema.json');
  });
});

test('environments do not share addresses, so that they can be peered', () => {
  const cidrs = environmentsIn(CONFIGURATION_DIRECTORY).map(
    (env) => readConfiguration({ context: { env }, directory: CONFIGURATION_DIRECTORY }).network.cidr,
  );
  expect(new Set(cidrs).size).toBe(cidrs.length);
});

describe('config/schema.json', () => {
  test('is up to date: `npm run schema` writes it', () => {
    expect(file).toEqual(configurationJsonSchema());
  });

  test('documents every key', () => {
    const silent = leaves(file).filter(([key, { description }]) => key !== '$schema' && !description);
    expect(silent).toEqual([]);
  });

  test('carries the default of every key that has one, and no other', () => {
    const documented = leaves(file).filter(([, { default: value }]) => value !== undefined);
    expect(Object.fromEntries(documented.map(([key, { default: value }]) => [key, value]))).toEqual(
      Object.fromEntries(values(DEFAULTS)),
    );
  });

  test('asks for no key, and knows no others', () => {
    const branches = [file, ...Object.values(file.properties ?? {}).filter(({ properties }) => properties)];
    expect(branches.length).toBeGreaterThan(10);
    for (const { required, additionalProperties } of branches) {
      expect(required).toBeUndefined();
      expect(additionalProperties).toBe(false);
    }
  });
});
