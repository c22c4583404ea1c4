import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { parametersOf, type VerificationsProps, verificationsOf, writtenOf } from '../../lib/climb/verifications';

const SINCE = new Date('2026-11-30T04:00:00Z');
const NOW = new Date('2026-11-30T06:00:00Z');
const BEGUN = SINCE.getTime() / 1000;

const record = (name: string, value: object) => ({ name, value: JSON.stringify(value), modified: NOW });
const of = (name: string) => ({
  ...{ environment: 'prod', climb: '5-6', function: name, source: 'single', target: `${name}.test` },
  ...{ begun: BEGUN, epoch: 3, tables: 2, rows: 7, digest: 'ab'.repeat(32) },
  verifiedAt: '2026-11-30T05:00:00.123Z',
});

/** The record of a function and the word of its nodes, as one mover has written them. */
const writtenFor = (name: string): [string, string][] => [
  [`climb/verified/${name}`, 'mover'],
  [`database/${name.replace('5-6/', '')}/source`, 'mover'],
];

function ask(props: Partial<VerificationsProps>) {
  return verificationsOf({
    ...{
      environment: 'prod',
      phases: PHASES,
      functions: ['a', 'b'],
      records: [],
      parameters: new Map(),
      writers: new Map(props.records?.flatMap(({ name }) => writtenFor(name))),
      since: SINCE,
      now: NOW,
    },
    ...props,
  });
}

const parameters = new Map(
  ['a', 'b'].flatMap((name) => [
    [`database/${name}/endpoint`, `${name}.test`],
    [`database/${name}/source`, `own ${BEGUN}.3`],
  ]) as [string, string][],
);
const records = ['a', 'b'].map((name) => record(`5-6/${name}`, of(name)));

describe('verifications', () => {
  test('ask for the endpoint and the word of each part, and of nothing that moves no data', () => {
    expect(parametersOf(PHASES, ['a'])).toEqual([
      ...['database/endpoint', 'database/source', 'database/a/endpoint', 'database/a/source'],
    ]);
  });

  test('ask who wrote the records that there are, and the words that go with them', () => {
    expect(writtenOf({ phases: PHASES, functions: ['a', 'b'], records: [records[0] ?? record('', {})] })).toEqual([
      ...['climb/verified/5-6/a', 'database/a/source'],
    ]);
    expect(ask({ records, parameters, writers: new Map() }).lacking['5-6']).toMatch(
      /^a: its record was written by nobody known, /,
    );
  });

  test('of data need every part, and none has moved before nodes are told so', () => {
    expect(ask({ records, parameters })).toMatchObject({ verified: ['5-6'], lacking: { '0-1': 'no record' } });
    expect(ask({ records: records.slice(1), parameters }).lacking['5-6']).toBe('a: no record');
    expect(ask({ records }).lacking['5-6']).toMatch(/^a: its record names another .*; b: its record names another /);
    expect(ask({ records }).moved).toEqual({});
    expect(ask({ parameters }).moved).toEqual({
      '5-6': ['/beamstalk/prod/database/a/source', '/beamstalk/prod/database/b/source'],
    });
  });

  test('of data that have left another database than the one that stands are none', () => {
    const standing = new Map([...parameters, ['database/endpoint', 'single']]);
    expect(ask({ records, parameters: standing }).verified).toEqual(['5-6']);
    standing.set('database/endpoint', 'restored.test');
    expect(ask({ records, parameters: standing }).lacking['5-6']).toMatch(
      /^a: its record names another database that data have left than database\/endpoint; b: /,
    );
  });

  test('of functions that there are none of are none', () => {
    expect(ask({ functions: [], records, parameters })).toMatchObject({
      verified: [],
      lacking: { '5-6': 'nothing has a database of its own to move to' },
    });
  });

  test('begin with their expansion, but for clocks that differ by minutes', () => {
    const at = (verifiedAt: string) =>
      ask({ functions: ['a'], records: [record('5-6/a', { ...of('a'), verifiedAt })], parameters }).verified;
    expect(at('2026-11-30T03:56:00Z')).toEqual(['5-6']);
    expect(at('2026-11-30T03:54:00Z')).toEqual([]);
    expect(at('2026-11-30T06:04:00Z')).toEqual(['5-6']);
    expect(at('2026-11-30T06:06:00Z')).toEqual([]);
    expect(ask({ records, parameters, since: undefined }).verified).toEqual([]);
    const [first, second] = records;
    const old = [first, { ...second, modified: new Date('2026-11-30T03:59:59Z') }];
    expect(ask({ records: old as typeof records, parameters }).lacking['5-6']).toBe(
      'b: its record is older than the expansion',
    );
  });

  test('of a move that was finished without proof are none, and say so', () => {
    const { tables: _, rows: __, digest: ___, verifiedAt: ____, ...end } = of('a');
    for (const value of [
      { ...end, proven: false },
      { ...of('a'), proven: false },
    ]) {
      expect(ask({ functions: ['a'], records: [record('5-6/a', value)], parameters })).toMatchObject({
        verified: [],
        lacking: { '5-6': 'a: its move was finished without proof that rows were equal' },
      });
    }
  });

  test.each(['null', '[]', '"x"', '7', '{', '{"verifiedAt": 1}'])('are no %s', (value) => {
    const broken = [{ name: '5-6/a', value, modified: NOW }];
    expect(ask({ functions: ['a'], records: broken, parameters }).lacking['5-6']).toBe(
      'a: its record is none of beamstalk move',
    );
  });
});
