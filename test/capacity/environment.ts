import { join } from 'node:path';
import type { Architecture } from '../../lib/architecture/architecture';
import { architectureOf } from '../../lib/architecture/phases';
import { type Configuration, readConfiguration } from '../../lib/config/configuration';

const directory = join(import.meta.dirname, '..', '..', 'config');

/** A configuration of this project, with settings by their dotted paths. */
export function configured(
  env: string,
  phase: number,
  settings: Readonly<Record<string, unknown>> = {},
): Configuration {
  return readConfiguration({ context: { env, phase, ...settings }, directory });
}

export function built(env: string, phase: number, settings: Readonly<Record<string, unknown>> = {}): Architecture {
  return architectureOf(configured(env, phase, settings));
}
