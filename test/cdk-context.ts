import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../lib/config/directory';
import { featureFlags } from '../lib/config/feature-flags';
import type { PhaseNumber } from '../lib/facts/phase-numbers';
import { synthesise as synthesiseAnew, type TemplateResource } from '../lib/synthesis';

/** A CloudFormation template, as far as every test may rely on its shape. */
export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, CloudFormationResource>>;
  readonly [section: string]: unknown;
}

export interface CloudFormationResource extends TemplateResource {
  // biome-ignore lint/suspicious/noExplicitAny: the properties of a resource are whatever its type says.
  readonly Properties?: Readonly<Record<string, any>>;
}

/** The context that the CDK CLI hands to an app, for tests that build one: `new App({ context: cdkContext() })`. */
export function cdkContext(): Record<string, unknown> {
  return featureFlags(CDK_JSON);
}

/** The templates of one environment at one phase, and the region of each stack, by stack name. */
export interface Synthesised {
  readonly templates: Readonly<Record<string, CloudFormationTemplate>>;
  readonly regions: Readonly<Record<string, string>>;
}

const synthesised = new Map<string, Synthesised>();

/**
 * The templates of one environment at one phase, by stack name and in the order of deployment, exactly as `cdk synth`
 * writes them. Made once per run and deeply frozen: tests share them. `overrides` is what `--context` would set,
 * for example `{ 'web.enabled': false }`.
 *
 * @throws ConfigurationError as `cdk synth` would report it.
 */
export function synthesise(
  environment: string,
  phase: PhaseNumber,
  overrides: Readonly<Record<string, unknown>> = {},
): Synthesised['templates'] {
  return synthesisOf(environment, phase, overrides).templates;
}

/** The same, with the regions. */
export function synthesisOf(
  environment: string,
  phase: PhaseNumber,
  overrides: Readonly<Record<string, unknown>> = {},
): Synthesised {
  const key = JSON.stringify([environment, phase, overrides]);
  const known = synthesised.get(key);
  if (known !== undefined) return known;
  const context = { env: environment, phase, ...overrides };
  const made = frozen(FOLDER === undefined ? anew(context) : shared(FOLDER, context));
  synthesised.set(key, made);
  return made;
}

/** Where the workers of one run of the tests share what they make, see test/prepare.ts; gone when the run ends. */
const FOLDER = process.env['SYNTHESISED_TEMPLATES'];

function anew(context: Readonly<Record<string, unknown>>): Synthesised {
  const { templates, regions } = synthesiseAnew({ context, directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON });
  return { templates, regions };
}

function shared(folder: string, context: Readonly<Record<string, unknown>>): Synthesised {
  const file = join(folder, `${createHash('sha256').update(JSON.stringify(context)).digest('hex')}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Synthesised;
  const made = anew(context);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(made));
  renameSync(`${file}.${process.pid}`, file);
  return made;
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
