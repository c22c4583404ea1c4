import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { projectPath } from '../../facts/project-path';

const FOLDER = projectPath('lib', 'constructs', 'delivery', 'files');

export type BuildSpec = 'toolchain.yml' | 'buildspec.yml' | 'publish.yml' | 'run.yml';

/** The scripts of delivery, zipped under a name made of their content; each is bash and tested as such. */
export class Scripts extends Construct {
  readonly asset = new Asset(this, 'Files', { path: FOLDER });

  /** The text of a build specification beside them. */
  static buildSpec(name: BuildSpec): string {
    return readFileSync(join(FOLDER, name), 'utf8');
  }
}
