import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSystem } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { projectPath } from '../../facts/project-path';
import type { NodeBlueprint } from '../../node/blueprint';
import { BOOT_DIRECTORY } from '../../node/boot-directory';
import { generatedFiles } from '../../node/boot-files';

/** `beamstalk move` in one file, as scripts/build.mjs bundles it with the app. */
const MOVER = projectPath('.build', 'move.cjs');

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
      const hasMover = blueprint.steps.includes('mover');
      if (hasMover) copyFileSync(MOVER, join(directory, 'move.cjs'));
      const generated = [...generatedFiles(blueprint)];
      for (const [name, text] of generated) writeFileSync(join(directory, name), text);
      const parts = [scriptsDigest(), ...(hasMover ? [FileSystem.fingerprint(MOVER)] : []), generated];
      const assetHash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
      this.asset = new Asset(this, 'Files', { path: directory, assetHash });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

let scripts: string | undefined;

/** Digest of what all fleets have: hashing it for each of them took a thirtieth of a diff (2026-11-30). */
function scriptsDigest(): string {
  scripts ??= FileSystem.fingerprint(BOOT_DIRECTORY);
  return scripts;
}
