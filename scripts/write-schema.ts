// Writes what is generated and committed: config/schema.json, which the files in config/ point their editors at, and
// docs/rules.md. Tests fail when they are out of date.
import { writeFileSync } from 'node:fs';
import { configurationJsonSchema } from '../lib/config/json-schema';
import { RULES } from '../lib/verdict/rules';
import { rulesDocument } from '../lib/verdict/rules-document';
import { ruleFiles } from './rule-files';

function write(path: string, text: string): void {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
}

write('config/schema.json', `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
write('docs/rules.md', rulesDocument(RULES.values(), ruleFiles()));
