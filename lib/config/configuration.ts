import { z } from 'zod';
import type { CpuArchitecture } from '../facts/instance-type';
import { isStep, type PhaseNumber } from '../facts/phase-numbers';
import { ConfigurationError } from './configuration-error';
import { DEFAULTS } from './defaults';
import { readEnvironmentFile } from './environment-file';
import { NAME } from './fields';
import { itemSchemaAt, type Override, overridesFrom } from './overrides';
import { problemsOf } from './problems';
import { releaseArchitecture } from './release-architecture';
import { type Settings, settingsSchema } from './schema';
import { isTree, overlay, type Tree, valueAt } from './tree';

/** A checked configuration: what is deployed, where, and how far it has grown. */
export interface Configuration extends Settings {
  /** Name of the environment, for example `prod`: the file it came from and the prefix of its stacks. */
  readonly environment: string;
  readonly phase: PhaseNumber;
  readonly release: Settings['release'] & { readonly architecture: CpuArchitecture };
  /**
   * The phase that a climb comes from while it expands: what the phases above it retire is still built, beside the
   * new. Left out, the climb contracts.
   */
  readonly from?: PhaseNumber;
  /** The one step that the gate lets through in spite of its rules, for example `3-to-2` or `3+1-to-2+1`. */
  readonly force?: string;
}

/** Sources of a configuration. */
export interface ConfigurationSource {
  /** The CDK's context: `env`, `phase` and any setting by its dotted path. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
}

/**
 * Reads, merges and checks a configuration: `--context` over `config/<env>.json` over `DEFAULTS`.
 *
 * @throws ConfigurationError that lists everything that is wrong, each with its key, what was received, what is
 * allowed and where to set it.
 */
export function readConfiguration({ context, directory }: ConfigurationSource): Configuration {
  const { environment, name, tree, numberAt } = readEnvironmentFile(context['env'], directory);
  const subject = `the configuration of environment ${environment}`;
  const overrides = overridesFrom(context);
  const defaults = DEFAULTS as unknown as Tree;
  const received = withNamedThings(
    overlay(overlay(structuredClone(defaults), structuredClone(tree)), overridesTree(overrides)),
    [defaults, tree],
  );

  const problems = problemsOf({ tree: received, overrides, file: { name, tree, numberAt }, from: context['from'] });
  if (problems.length > 0) throw new ConfigurationError(subject, problems);
  const settings = settingsSchema.parse(received);
  const from = readFrom(context['from'], settings.phase, subject);
  const force = readForce(context['force'], subject);
  const architecture = releaseArchitecture(settings, from ?? settings.phase);
  return {
    ...settings,
    release: { ...settings.release, architecture },
    environment,
    ...(from !== undefined && { from }),
    ...(force !== undefined && { force }),
  } as Configuration;
}

function readFrom(value: unknown, phase: number, subject: string): number | undefined {
  if (value === undefined) return undefined;
  const from = typeof value === 'string' && /^\d$/.test(value) ? Number(value) : value;
  if (typeof from === 'number' && Number.isInteger(from) && from >= 0 && from < phase) return from;
  const allowed =
    phase === 0 ? 'nothing: phase 0 has no phase below it' : `an integer from 0 to ${phase - 1}, below phase`;
  throw new ConfigurationError(subject, [{ key: 'from', received: value, allowed, where: '--context from=...' }]);
}

function readForce(value: unknown, subject: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && isStep(value)) return value;
  const allowed = 'the exact step as the gate names it, such as 3-to-2 or 3+1-to-2+1';
  throw new ConfigurationError(subject, [{ key: 'force', received: value, allowed, where: '--context force=...' }]);
}

function overridesTree(overrides: readonly Override[]): Tree {
  const tree: Tree = {};
  for (const { key, value } of overrides) {
    const parts = key.split('.');
    const nested = parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), structuredClone(value)) as Tree;
    overlay(tree, nested);
  }
  return tree;
}

/**
 * Named things, such as queues, come with defaults: a file takes one away by setting it to null, and what one leaves
 * out has the default of its kind. A null that takes nothing away stays, to be reported. Returns a new tree.
 */
function withNamedThings(tree: Tree, below: readonly Tree[], path: readonly string[] = []): Tree {
  const result: Tree = {};
  const kind = path.length === 0 ? undefined : itemSchemaAt(path.join('.'));
  for (const [key, value] of Object.entries(tree)) {
    const place = [...path, key];
    const isThere = (layer: Tree): boolean => (valueAt(layer, place) ?? null) !== null;
    if (kind !== undefined && value === null && below.some(isThere)) continue;
    const item = kind && NAME.test(key) ? z.core.safeParse(kind, value) : undefined;
    const whole = isTree(value) ? withNamedThings(value, below, place) : value;
    overlay(result, Object.fromEntries([[key, item?.success ? item.data : whole]]));
  }
  return result;
}
