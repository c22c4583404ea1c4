/**
 * Names the secrets that RDS manages, in the templates of a cloud assembly that was just written, where the engine would
 * refuse a policy: see the gap "managed secret". The CDK runs it after the app and says where the assembly is.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT } from './surroundings';

const folder = process.env.CDK_OUTDIR;
if (folder === undefined) throw new Error('CDK_OUTDIR is not set: the CDK runs this after the app, nobody else does');
const templates = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.template.json'),
);
for (const name of templates) {
  const file = join(folder, name);
  const text = readFileSync(file, 'utf8');
  if (!text.includes('MasterUserSecret.SecretArn')) continue;
  const template = JSON.parse(text) as { Resources: Record<string, { Type: string; Properties?: unknown }> };
  for (const resource of Object.values(template.Resources)) {
    if (resource.Type === 'AWS::IAM::Policy') resource.Properties = withNames(resource.Properties);
  }
  writeFileSync(file, JSON.stringify(template, undefined, 1));
}

function withNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNames);
  if (typeof value !== 'object' || value === null) return value;
  const attribute = 'Fn::GetAtt' in value ? (value['Fn::GetAtt'] as readonly string[]) : [];
  if (attribute[1] === 'MasterUserSecret.SecretArn') {
    return { 'Fn::Sub': `arn:aws:secretsmanager:\${AWS::Region}:${ACCOUNT}:secret:rds!cluster-${attribute[0]}` };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNames(item)]));
}
