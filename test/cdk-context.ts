import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildApp } from '../lib/app';
import { type PhaseNumber, readConfiguration } from '../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../lib/config/directory';

/** A CloudFormation template, as far as every test may rely on its shape. */
export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, CloudFormationResource>>;
  readonly [section: string]: unknown;
}

export interface CloudFormationResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of a resource are whatever its type says.
  readonly Properties?: Readonly<Record<string, any>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string | readonly string[];
  readonly [attribute: string]: unknown;
}

type Context = Record<string, unknown>;

/**
 * The context that the CDK CLI hands to the app: feature flags from cdk.json, and what it adds for its settings there.
 * `new App()` alone knows none of it (aws/aws-cdk#17553), and builds other templates than those that are deployed:
 *
 *     new App({ context: { ...cdkContext(), ...overrides }, analyticsReporting: false })
 */
export function cdkContext(): Context {
  const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'cdk.json'), 'utf8')) as {
    context: Context;
  };
  return {
    ...context,
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
    'aws:cdk:bundling-stacks': ['**'],
  };
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
  overrides: Readonly<Context> = {},
): Readonly<Record<string, CloudFormationTemplate>> {
  const key = JSON.stringify([environment, phase, overrides]);
  const known = synthesised.get(key);
  if (known !== undefined) return known;

  const outdir = mkdtempSync(join(tmpdir(), 'beamstalk-assembly-'));
  try {
    const context = { ...cdkContext(), env: environment, phase, ...overrides };
    const app = new App({ context, outdir, analyticsReporting: false });
    buildApp(app, readConfiguration({ context, directory: CONFIGURATION_DIRECTORY }));
    const templates = Object.fromEntries(
      app.synth().stacks.map(({ stackName, template }) => [stackName, frozen(template)]),
    );
    synthesised.set(key, Object.freeze(templates));
    return templates;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
