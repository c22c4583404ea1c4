import { readConfiguration } from '../../config/configuration';
import { answeredBy } from '../environment/answered';
import { DeployedParameters } from '../environment/deployed-parameters';
import { OperatorError } from '../environment/operator-error';
import { inWordsOfFlags } from '../in-words-of-flags';
import type { Archive } from './archive/archive';
import { checkArchive } from './archive/check-archive';
import { readArchive } from './archive/read-archive';
import { keyOf, type Releases, releasesOf } from './releases';
import { upload } from './upload';

export interface PushProps {
  readonly file: string;
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  readonly pathStyle: boolean;
  /** Hears how many bytes of all have arrived. */
  readonly onProgress: (bytes: number, all: number) => void;
  readonly signal: AbortSignal;
}

export interface Pushed {
  readonly name: string;
  readonly version: string;
  readonly uri: string;
  readonly bytes: number;
  readonly sha256: string;
  /** `uploaded`, or `there` when the same release was there already. */
  readonly outcome: 'uploaded' | 'there';
}

/**
 * Checks a release and uploads it to the bucket of its environment. The checksum goes last: an archive without one is no
 * release yet, and a push of the same file goes on from there.
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when nodes could not run it, its version is taken, or AWS refuses.
 */
export async function push(props: PushProps): Promise<Pushed> {
  const { file, environment, directory, pathStyle, onProgress, signal } = props;
  const { region, release, node } = inWordsOfFlags(() =>
    readConfiguration({ context: { env: environment }, directory }),
  );
  const archive = await readArchive(file, signal);
  const { name, version } = checkArchive(file, archive, { architecture: release.architecture, image: node.image });
  const releases = await releasesOf(await DeployedParameters.in(environment, region), { region, pathStyle });
  const key = keyOf(name, version);
  const { bytes, sha256 } = archive;
  const pushed = { name, version, uri: `s3://${releases.bucket}/${key}`, bytes, sha256 };

  const there = await found(releases, { name, version }, archive);
  if (there === 'whole') return { ...pushed, outcome: 'there' };
  if (there === 'none') {
    await upload(releases, { file, archive, key, signal, onProgress: (arrived) => onProgress(arrived, bytes) });
  }
  await putChecksum(releases, key, `${sha256}  ${name}-${version}.tar.gz\n`);
  return { ...pushed, outcome: 'uploaded' };
}

/**
 * Finds out how much of a release is in the bucket.
 *
 * @throws OperatorError when its version has other content there.
 */
async function found(
  releases: Releases,
  { name, version }: Pick<Pushed, 'name' | 'version'>,
  { sha256 }: Archive,
): Promise<'whole' | 'archive' | 'none'> {
  const inFolder = await releases.list(version);
  const other = inFolder.find(({ archive }) => archive !== `${name}-${version}`);
  if (other !== undefined) {
    throw new OperatorError(
      `version ${version} is taken by ${other.archive}: raise the version of ${name}, or remove ${other.uri} and its checksum first`,
    );
  }
  const [same] = inFolder;
  if (same === undefined) return 'none';
  const known = await releases.checksumOf(same);
  if (known === sha256) return same.whole ? 'whole' : 'archive';
  throw new OperatorError(
    `version ${version} is in the bucket with other content, uploaded ${same.at}, and what was released is never overwritten: raise the version (mix.exs, or rebar.config) and build again`,
  );
}

async function putChecksum({ client, bucket, gone }: Releases, key: string, text: string): Promise<void> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const object = { Bucket: bucket, Key: `${key}.sha256`, Body: text, ContentType: 'text/plain', IfNoneMatch: '*' };
  await answeredBy(`take the checksum of ${key}`, gone, async () => {
    try {
      await client.send(new PutObjectCommand(object));
    } catch (error) {
      // Another push of the same archive has ended meanwhile.
      if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
    }
  });
}
