import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { NodeBlueprint } from '../../node/blueprint';
import { BOOT_DIRECTORY } from '../../node/boot-directory';
import { generatedFiles } from '../../node/boot-files';

/**
 * The boot scripts and the files generated for one fleet, zipped under a name made of their content: a node boots
 * exactly what was tested with its template, and a change of a script is a new version of the fleet.
 */
export class BootBundle extends Construct {
  readonly asset: Asset;

  constructor(scope: Construct, id: string, blueprint: NodeBlueprint) {
    super(scope, id);
    const directory = mkdtempSync(join(tmpdir(), 'beamstalk-boot-'));
    try {
      // The CDK follows a link that leads out of the directory, and hashes and stages what is behind it. Copying the
      // folders for each fleet took an eighth of a synth.
      for (const entry of readdirSync(BOOT_DIRECTORY, { withFileTypes: true })) {
        const [from, to] = [join(BOOT_DIRECTORY, entry.name), join(directory, entry.name)];
        if (entry.isDirectory()) symlinkSync(from, to, 'junction');
        else copyFileSync(from, to);
      }
      for (const [name, text] of generatedFiles(blueprint)) writeFileSync(join(directory, name), text);
      this.asset = new Asset(this, 'Files', { path: directory });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}
