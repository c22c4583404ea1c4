import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiffProps } from '../../lib/commands/diff';
import type { SideName } from '../../lib/commands/diff/side';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import type { Templates } from '../../lib/template/template';

/** Properties of a plain `beamstalk diff`: no setting, text without colours, the configuration of this project. */
export const ASKED: Omit<DiffProps, 'before' | 'after'> = {
  setBefore: {},
  setAfter: {},
  format: 'text',
  colour: false,
  all: false,
  today: '2026-11-29',
  failOn: [],
  directory: CONFIGURATION_DIRECTORY,
  cdkJson: CDK_JSON,
};

/** Writes templates into a folder of their own below another, as `cdk synth` names them, and gives it as a side. */
export function folderSide(root: string, name: string, templates: Templates): SideName {
  const path = join(root, name);
  mkdirSync(path);
  for (const [stack, template] of Object.entries(templates)) {
    writeFileSync(join(path, `${stack}.template.json`), JSON.stringify(template));
  }
  return { kind: 'directory', path };
}
