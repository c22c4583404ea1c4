import { readConfiguration } from '../../config/configuration';
import { DeployedParameters } from '../environment/deployed-parameters';
import { inWordsOfFlags } from '../in-words-of-flags';
import { table } from '../table';
import { booted } from './booted';
import { type Release, releasesOf } from './releases';

export interface ListProps {
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  readonly pathStyle: boolean;
}

/** A release as `release list` shows it. */
export interface ListedRelease extends Release {
  /** True for the one that nodes boot. */
  readonly runs: boolean;
}

export interface ReleaseList {
  readonly environment: string;
  /** Address of the release that nodes boot, or `none`. It may be of another bucket. */
  readonly boots: string;
  /** The newest first. */
  readonly releases: readonly ListedRelease[];
}

/**
 * Lists what may be rolled out, and which release nodes boot.
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when the environment is not deployed, or AWS refuses.
 */
export async function list({ environment, directory, pathStyle }: ListProps): Promise<ReleaseList> {
  const { region } = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  const parameters = await DeployedParameters.in(environment, region);
  const [releases, known] = await Promise.all([
    releasesOf(parameters, { region, pathStyle }).then((all) => all.list()),
    parameters.read(['release/uri', 'release/current']),
  ]);
  const boots = booted(known['release/current'], known['release/uri'] ?? 'none');
  return { environment, boots, releases: releases.map((one) => ({ ...one, runs: one.uri === boots })) };
}

/** A list for people. */
export function listInWords({ environment, boots, releases }: ReleaseList): string {
  if (releases.length === 0) {
    const runs = boots === 'none' ? '' : `\nnodes boot ${boots}`;
    return `no release yet; \`beamstalk release push FILE --env ${environment}\` brings one${runs}\n`;
  }
  const rows = releases.map(({ version, archive, bytes, at, runs, whole }) => [
    version,
    archive,
    `${(bytes / 1e6).toFixed(1)} MB`,
    at.slice(0, 16).replace('T', ' '),
    runs ? 'runs' : whole ? '' : 'not whole: push it again',
  ]);
  const elsewhere = boots === 'none' || releases.some(({ runs }) => runs) ? '' : `nodes boot ${boots}\n`;
  return `${table(['version', 'release', 'size', 'pushed (UTC)', ''], rows)}${elsewhere}`;
}
