import type { S3Client } from '@aws-sdk/client-s3';
import { answered, answeredBy } from '../environment/answered';
import type { DeployedParameters } from '../environment/deployed-parameters';
import { OperatorError } from '../environment/operator-error';

/** Folder of the bucket below which each release has a folder of its own: docs/adr/0031-*. */
const FOLDER = 'releases';

/** A release in the bucket of its environment. */
export interface Release {
  /** Its folder: the version, or the execution of the pipeline that built it. */
  readonly version: string;
  /** File name without `.tar.gz`: `<name>-<version>`. */
  readonly archive: string;
  readonly uri: string;
  readonly bytes: number;
  /** Time of its upload: ISO 8601, UTC. */
  readonly at: string;
  /** False for an archive without its checksum: its upload did not end, or goes on. */
  readonly whole: boolean;
}

export interface BucketProps {
  readonly region: string;
  readonly bucket: string;
  /** True for a local engine that has no name for each bucket. */
  readonly pathStyle: boolean;
}

/** Releases of an environment, in its bucket. */
export class Releases {
  private constructor(
    readonly client: S3Client,
    readonly bucket: string,
  ) {}

  static async in({ region, bucket, pathStyle }: BucketProps): Promise<Releases> {
    const { S3Client } = await import('@aws-sdk/client-s3');
    return new Releases(new S3Client({ region, forcePathStyle: pathStyle }), bucket);
  }

  /** Message when the bucket, which a parameter names, is not there. */
  get gone(): string {
    return `the bucket ${this.bucket} is gone, which the parameter delivery/releases-bucket names: nodes that boot find no release; make a bucket of that name anew, and push the releases again`;
  }

  /** All of them, the newest first; or those in the folder of one version. */
  async list(version?: string): Promise<Release[]> {
    const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
    const prefix = version === undefined ? `${FOLDER}/` : `${FOLDER}/${version}/`;
    const objects = new Map<string, { readonly bytes: number; readonly at: Date }>();
    const pages = paginateListObjectsV2({ client: this.client }, { Bucket: this.bucket, Prefix: prefix });
    await answeredBy(`list the releases in ${this.bucket}`, this.gone, async () => {
      for await (const { Contents = [] } of pages) {
        for (const { Key = '', Size = 0, LastModified = new Date(0) } of Contents) {
          objects.set(Key, { bytes: Size, at: LastModified });
        }
      }
    });
    return [...objects]
      .flatMap(([key, { bytes, at }]): Release[] => {
        const [, folder, archive] = /^releases\/([^/]+)\/([^/]+)\.tar\.gz$/.exec(key) ?? [];
        if (folder === undefined || archive === undefined) return [];
        const whole = objects.has(`${key}.sha256`);
        return [{ version: folder, archive, uri: `s3://${this.bucket}/${key}`, bytes, at: at.toISOString(), whole }];
      })
      .sort((one, other) => other.at.localeCompare(one.at) || one.version.localeCompare(other.version));
  }

  /** Checksum that an archive was uploaded with: in the file beside it, or while that is not there with the archive. */
  async checksumOf({ uri, whole }: Release): Promise<string | undefined> {
    const { GetObjectCommand, HeadObjectCommand } = await import('@aws-sdk/client-s3');
    const key = uri.slice(`s3://${this.bucket}/`.length);
    if (!whole) {
      const head = new HeadObjectCommand({ Bucket: this.bucket, Key: key });
      return (await answered(`describe ${uri}`, () => this.client.send(head)))?.Metadata?.['sha256'];
    }
    const get = new GetObjectCommand({ Bucket: this.bucket, Key: `${key}.sha256` });
    const answer = await answered(`read ${uri}.sha256`, async () => {
      const { Body } = await this.client.send(get);
      return (await Body?.transformToString()) ?? '';
    });
    return answer?.split(/\s+/)[0];
  }
}

/**
 * Opens the releases of an environment.
 *
 * @throws OperatorError when it is not deployed, or by an older version of this program.
 */
export async function releasesOf(
  parameters: DeployedParameters,
  { region, pathStyle }: Pick<BucketProps, 'region' | 'pathStyle'>,
): Promise<Releases> {
  const found = await parameters.read(['delivery/releases-bucket', 'release/uri']);
  const bucket = found['delivery/releases-bucket'];
  if (bucket !== undefined) return Releases.in({ region, bucket, pathStyle });
  if (found['release/uri'] === undefined) throw parameters.notDeployed();
  throw new OperatorError(
    'the environment has no bucket for releases: it was deployed by an older version; run `npx cdk deploy --all` once more',
  );
}

/** Key of a release that is pushed. */
export function keyOf(name: string, version: string): string {
  return `${FOLDER}/${version}/${name}-${version}.tar.gz`;
}
