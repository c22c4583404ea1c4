// What `cdk deploy --app` runs in a rehearsal: the app of cdk.json, and then the changes that the engine needs.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adaptTemplate } from './adapt';

const { app } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { readonly app: string };
const { status } = spawnSync(app, { shell: true, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const assembly = process.env['CDK_OUTDIR'];
if (assembly === undefined) throw new Error('the CDK names its output folder in CDK_OUTDIR, and did not');
for (const file of readdirSync(assembly).filter((name) => name.endsWith('.template.json'))) {
  const path = join(assembly, file);
  const { template, changes } = adaptTemplate(JSON.parse(readFileSync(path, 'utf8')));
  if (changes > 0) writeFileSync(path, JSON.stringify(template, null, 1));
}
