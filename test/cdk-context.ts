import type { PhaseNumber } from '../lib/config/configuration';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../lib/config/directory';
import { featureFlags } from '../lib/config/feature-flags';
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

const synthesised = new Map<string, Readonly<Record<string, CloudFormationTemplate>>>();

/**
 * The templates of one environment at one phase, by stack name and in the order of deployment, exactly as `cdk synth`
 * writes them. Made once per process and deeply frozen: tests share them. `overrides` is what `--context` would set,
 * for example `{ 'web.enabled': false }`.
 *
 * @throws ConfigurationError as `cdk synth` would report it.
 */
export function synthesise(
  environment: string,
  phase: PhaseNumber,
  overrides: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, CloudFormationTemplate>> {
  const key = JSON.stringify([environment, phase, overrides]);
  const known = synthesised.get(key);
  if (known !== undefined) return known;
  const context = { env: environment, phase, ...overrides };
  const { templates } = synthesiseAnew({ context, directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON });
  synthesised.set(key, frozen(templates));
  return templates;
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
