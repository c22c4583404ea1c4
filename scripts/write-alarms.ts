// Writes the tables of docs/alarms.md from the alarms that production has; the text around them is written by hand.
import { readFileSync, writeFileSync } from 'node:fs';
import { alarmsDocument } from './alarms/document';

process.env['CDK_VALIDATION'] = 'false';
const page = new URL('../docs/alarms.md', import.meta.url);
writeFileSync(page, alarmsDocument(readFileSync(page, 'utf8')));
