import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CDK_JSON } from '../../lib/config/directory';
import { synthesise } from '../cdk-context';
import { all } from './single-stack';

// The whole page is compared with the house by test/all-variants/alarms-document.test.ts; this is what `npm test` can afford.

const DOCS = join(CDK_JSON, '..', 'docs');

/** Rows of the page: name -> threshold and the file that defines it. */
const DOCUMENTED = new Map(
  readFileSync(join(DOCS, 'alarms.md'), 'utf8')
    .split('\n')
    .map((line) => line.split(' | '))
    .filter((cells) => cells.length === 9)
    .map((cells) => [(cells[0] ?? '').replace(/^\| /, '').replaceAll('`', ''), cells] as const),
);

test('the page has the threshold of every alarm of production in phase 4 that is a plain number', () => {
  const alarms = Object.values(synthesise('prod', 4)).flatMap((template) => all(template, 'AWS::CloudWatch::Alarm'));
  const plain = alarms.filter(
    ({ properties }) => properties['AlarmName'] !== undefined && properties['Threshold'] < 1024 ** 2,
  );
  expect(plain.length).toBeGreaterThan(30);
  for (const { properties } of plain) {
    const name = String(properties['AlarmName'])
      .replace('prod-', '')
      .replace(/^replica-\d+/, 'replica-N');
    expect([name, DOCUMENTED.get(name)?.[3]?.replace(/^[<>]=? /, '')]).toEqual([name, String(properties['Threshold'])]);
  }
});

test('the page names files that there are', () => {
  const files = [...DOCUMENTED.values()].flatMap((cells) => /\((\.\.\/[^)]+)\)/.exec(cells[8] ?? '')?.[1] ?? []);
  expect(files.length).toBeGreaterThan(30);
  expect([...new Set(files)].filter((file) => !existsSync(join(DOCS, file)))).toEqual([]);
});
