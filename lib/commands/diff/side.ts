import { existsSync, statSync } from 'node:fs';
import type { ClimbState } from '../../climb/gate-rules';
import type { Traffic } from '../../config/traffic-settings';
import type { TemplateResource, Templates } from '../../template/template';
import { templatesOf } from './folder';

/** One of the two architectures that are compared, as the user wrote it. */
export type SideName =
  | { readonly kind: 'phase'; readonly phase: number; readonly from?: number }
  | { readonly kind: 'configured' }
  | { readonly kind: 'deployed' }
  | { readonly kind: 'directory'; readonly path: string };

/** One of the two architectures, ready to be compared. */
export interface Side {
  /** Title in a headline, for example `phase 2`. */
  readonly title: string;
  readonly templates: Templates;
  /** Phase state, when it says so. */
  readonly state?: ClimbState;
  /** Whose it is, when it says so. */
  readonly environment?: string;
  /** Region, when its configuration says so. */
  readonly region?: string;
  /** Logical shards, when it is made from a configuration and has clusters for them. */
  readonly shards?: number | undefined;
  /** Traffic that is expected, when its configuration says so. */
  readonly traffic?: Traffic;
}

/** Ways to name an architecture on the command line. */
export const SIDES_HELP = `An architecture is one of:
  2             a phase of the environment
  2+1           phase 2 while the climb from 1 expands (--context from=1)
  configured    what config/<env>.json says, with its own phase
  deployed      the stacks of the environment in the AWS account
  ./cdk.out     a folder of synthesised templates`;

/** Reads what the user wrote; undefined when it is none of the forms. */
export function parseSide(text: string): SideName | undefined {
  if (text === 'deployed' || text === 'configured') return { kind: text };
  const [, phase, from] = /^(\d)(?:\+(\d))?$/.exec(text) ?? [];
  if (phase !== undefined) {
    return { kind: 'phase', phase: Number(phase), ...(from !== undefined && { from: Number(from) }) };
  }
  return existsSync(text) && statSync(text).isDirectory() ? { kind: 'directory', path: text } : undefined;
}

/** Why a text is none of the forms. */
export function whyNoSide(text: string): string {
  if (existsSync(text)) return `${text} is a file; templates are compared by the folder that holds them.`;
  if (/[\\/]|^\.|\.out$/.test(text)) return `The folder ${text} does not exist.`;
  return `It is none of the forms.\n${SIDES_HELP}`;
}

/** The context that `--context` would have for a side: its phase over the user's settings. */
export function contextOf(
  side: SideName,
  env: string,
  settings: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const { phase, from } = side.kind === 'phase' ? side : {};
  return {
    env,
    ...settings,
    ...(phase !== undefined && { phase }),
    ...(from !== undefined && { from }),
  };
}

/** Title of a phase in a headline. */
export function titleOf({ phase, from }: ClimbState, settings: Readonly<Record<string, string>>): string {
  const set = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const expanding = from === undefined ? '' : ` from ${from}`;
  return [`phase ${phase}${expanding}`, ...set].join(', ');
}

/**
 * Reads a folder that `cdk synth` wrote: see `templatesOf`.
 *
 * @throws ConfigurationError when it holds no template, or one that is none.
 */
export function readDirectory(path: string): Side {
  const templates = templatesOf(path);
  const [state, environment] = [stateIn(templates), environmentIn(templates)];
  return { title: path, templates, ...(state && { state }), ...(environment && { environment }) };
}

/** Phase state of a set of templates, as its gate says; undefined without a gate. */
export function stateIn(templates: Templates): ClimbState | undefined {
  const gate = gateOf(templates);
  const [phase, from] = [gate?.['Phase'], gate?.['From']].map((value) =>
    value === undefined || value === '' ? undefined : Number(value),
  );
  if (phase === undefined || !Number.isInteger(phase)) return undefined;
  return { phase, ...(from !== undefined && Number.isInteger(from) && { from }) };
}

/** Whose a set of templates is, as its gate says; undefined without a gate. */
export function environmentIn(templates: Templates): string | undefined {
  const environment = gateOf(templates)?.['Environment'];
  return typeof environment === 'string' ? environment : undefined;
}

function gateOf(templates: Templates): TemplateResource['Properties'] {
  const resources = Object.values(templates).flatMap((template) => Object.values(template.Resources ?? {}));
  return resources.find(({ Type }) => Type === 'Custom::PhaseGate')?.Properties;
}
