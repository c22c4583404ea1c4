import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CDK_JSON } from '../../lib/config/directory';
import { alarmsDocument, reasonsWithoutAlarm } from '../../scripts/alarms/document';

const FILE = join(CDK_JSON, '..', 'docs', 'alarms.md');
const PAGE = readFileSync(FILE, 'utf8');

test('docs/alarms.md is up to date (npm run alarms writes it)', async () => {
  await expect(alarmsDocument(PAGE)).toMatchFileSnapshot(FILE);
});

test('every reason belongs to an alarm', () => {
  expect(reasonsWithoutAlarm(PAGE)).toEqual([]);
});
