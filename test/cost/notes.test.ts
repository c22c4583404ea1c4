import { describe, expect, test } from 'vitest';
import { architectureOf } from '../../lib/architecture/phases';
import { headline } from '../../lib/commands/cost/in-words';
import { markdown } from '../../lib/commands/cost/markdown';
import { type CostReport, sideReport } from '../../lib/commands/cost/report';
import { text } from '../../lib/commands/cost/text';
import { billOf } from '../../lib/cost/bill';
import { outlineOf } from '../../lib/cost/outline/outline';
import type { TemplateResource } from '../../lib/template/template';
import { configured } from '../capacity/environment';
import { synthesise } from '../cdk-context';
import { BOOK } from './book';
import { NO_TRAFFIC } from './traffic';

/** Traffic whose rows come to so many GB: they are stored twice as large as they are written. */
const rowsOf = (gb: number) => ({
  ...NO_TRAFFIC,
  writesPerMonth: (gb * 1024 ** 3) / 2000,
  rowBytes: 1000,
  keepMonths: 1,
});

const notesOf = (Resources: Readonly<Record<string, TemplateResource>>, gb: number): string[] =>
  billOf({ stack: { Resources } }, rowsOf(gb), BOOK).notes.map(({ id, note }) => `${id}: ${note}`);

const BEYOND = 'rows of the expected traffic come to';
const database = (more: Readonly<Record<string, unknown>> = {}): TemplateResource => ({
  Type: 'AWS::RDS::DBInstance',
  Properties: {
    ...{ Engine: 'postgres', DBInstanceClass: 'db.t4g.medium', StorageType: 'gp3' },
    ...{ AllocatedStorage: '20', MaxAllocatedStorage: 200, ...more },
  },
});
const VOLUME = { Type: 'AWS::EC2::Volume', Properties: { VolumeType: 'gp3', Size: 100 } };
const NODE = { Type: 'AWS::EC2::Instance', Properties: { InstanceType: 't3.medium' } };

describe('a bill says which rows do not fit', () => {
  test.each([
    [
      'a database, beyond what it may grow to',
      { Db: database() },
      201,
      [`Db: ${BEYOND} 201 GB, and it may hold 200 GB`],
    ],
    [
      'one that does not grow',
      { Db: database({ MaxAllocatedStorage: undefined }) },
      21,
      [`Db: ${BEYOND} 21 GB, and it may hold 20 GB`],
    ],
    ['one that holds them', { Db: database() }, 200, []],
    [
      'each of two, of half of them',
      { A: database(), B: database() },
      402,
      [`A: ${BEYOND} 201 GB`, `B: ${BEYOND} 201 GB`],
    ],
    [
      'a replica is told at its source',
      {
        Db: database(),
        Copy: {
          Type: 'AWS::RDS::DBInstance',
          Properties: {
            SourceDBInstanceIdentifier: { Ref: 'Db' },
            DBInstanceClass: 'db.t4g.medium',
            StorageType: 'gp3',
          },
        },
      },
      201,
      [`Db: ${BEYOND}`],
    ],
    [
      'the volume of a node that keeps them itself',
      { VOLUME, NODE },
      101,
      [`VOLUME: ${BEYOND} 101 GB, and it may hold 100 GB`],
    ],
    ['one that has room', { VOLUME, NODE }, 100, []],
    ['one beside a database, which has the rows', { VOLUME, NODE, Db: database() }, 150, []],
    ['one that no node uses', { VOLUME }, 101, []],
  ] as const)('%s', (_, resources, gb, expected) => {
    const notes = notesOf(resources, gb);
    expect(notes).toHaveLength(expected.length);
    for (const [at, words] of expected.entries()) expect(notes[at]).toContain(words);
  });

  test('of an outline as of the templates', () => {
    const configuration = configured('prod', 0, { 'box.dataVolumeGiB': 50 });
    const [outlined, made] = [
      outlineOf(architectureOf(configuration)),
      synthesise('prod', 0, { 'box.dataVolumeGiB': '50' }),
    ].map((templates) => billOf(templates, configuration.traffic, BOOK).notes.map(({ note }) => note));
    expect(outlined).toHaveLength(1);
    expect(made).toEqual(outlined);
  });
});

test('a sum that lacks a price says so beside it', () => {
  const { notPriced: _, ...rest } = billOf({ stack: { Resources: { VOLUME } } }, NO_TRAFFIC, BOOK);
  const lacking = [{ stack: 's', id: 'i', type: 'AWS::Kendra::Index', why: 'none' }];
  const headlines = [[], lacking, [...lacking, ...lacking]].map((notPriced) => {
    const prices = { checked: BOOK.checked, ageDays: 0, old: false };
    const after = sideReport('it', { ...rest, notPriced }, NO_TRAFFIC);
    return headline({ version: 1, environment: 'dev', region: 'us-east-1', prices, after });
  });
  expect(headlines).toEqual([
    'dev, it: $8.00 a month',
    'dev, it: $8.00 a month without 1 part that has no price',
    'dev, it: $8.00 a month without 2 parts that have no price',
  ]);
});

test('the note stands in the text, the markdown and the JSON of a report', () => {
  const bill = billOf({ stack: { Resources: { Db: database() } } }, rowsOf(201), BOOK);
  const after = sideReport('it', bill, rowsOf(201));
  const prices = { checked: BOOK.checked, ageDays: 0, old: false };
  const report: CostReport = { version: 1, environment: 'dev', region: 'us-east-1', prices, after };
  const [note] = after.notes;
  expect(note).toMatchObject({ stack: 'stack', id: 'Db', type: 'AWS::RDS::DBInstance' });
  expect(text(report).replaceAll(/\s+/g, ' ')).toContain(`Notes stack/Db (AWS::RDS::DBInstance): ${note?.note}`);
  expect(markdown(report)).toContain(`**Notes**\n\n- \`stack/Db\` (AWS::RDS::DBInstance): ${note?.note}`);
});
