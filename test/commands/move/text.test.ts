import { describe, expect, test } from 'vitest';
import {
  findingsInWords,
  frozenInWords,
  openOf,
  progressInWords,
  statusInWords,
} from '../../../lib/commands/move/text';
import type { Finding } from '../../../lib/move/finding';
import type { Frozen, Status } from '../../../lib/move/results';

const FINDINGS: readonly Finding[] = [
  { id: 'trigger-functions', level: 'note', what: 'functions f, g', remedy: '' },
  { id: 'collation', level: 'accept', what: 'C.UTF-8 and en_US.UTF-8', remedy: '' },
  { id: 'large-objects', level: 'refuse', what: '3 large objects', remedy: 'move them to S3' },
];

describe('findings', () => {
  test('the gravest comes first, each with what to do', () => {
    expect(findingsInWords(FINDINGS, [])).toBe(
      `refused: large-objects: 3 large objects
    move them to S3
to be decided: collation: C.UTF-8 and en_US.UTF-8
    or add "collation" to accepted
note: trigger-functions: functions f, g
2 findings stand against the move
`,
    );
  });

  test('what was accepted stands against nothing, and what is refused cannot be accepted', () => {
    expect(openOf(FINDINGS, ['collation', 'large-objects']).map(({ id }) => id)).toEqual(['large-objects']);
    expect(findingsInWords(FINDINGS.slice(0, 2), ['collation'])).toContain('nothing stands against the move');
  });
});

const STATUS: Status = {
  step: 'copying',
  serving: 'source',
  interrupted: false,
  epoch: 0,
  tables: { total: 12, copied: 3 },
  rows: { done: 10, expected: 100 },
  bytes: { done: 1_150_000_000, expected: 2_300_000_000 },
  lagBytes: 16_000,
  verified: false,
  next: 'start goes on where it was',
  problems: [],
};

test('progress is one line with a bar', () => {
  expect(progressInWords(STATUS)).toBe(
    'copying [###############               ] 50 %  3 of 12 tables, 1.1 GB of 2.3 GB, 16.0 kB behind',
  );
});

test('more than was expected is all of it', () => {
  expect(progressInWords({ ...STATUS, bytes: { done: 5, expected: 4 } })).toContain('100 %');
});

test('a status says where users write, what is wrong and what comes next', () => {
  const titles = { source: 'the box', target: 'RDS' };
  expect(
    statusInWords({ ...STATUS, step: 'ready', serving: 'target', epoch: 1, problems: ['it hangs'] }, titles),
  ).toContain('users write to RDS, after 1 switch\nproblem: it hangs\nnext: start goes on');
  const interrupted = { ...STATUS, serving: undefined, interrupted: true };
  expect(statusInWords(interrupted, titles)).toContain('users write to nowhere: a switch was interrupted');
  const unknown = statusInWords({ ...STATUS, serving: undefined }, titles);
  expect(unknown).toContain('users write to RDS, or nowhere: it does not say');
});

test('a freeze says what it cost, and shouts when rows differ', () => {
  const verification = { equal: true, tables: 1, rows: 22_000, digest: 'ab', differences: [], seconds: 0.21 };
  const frozen: Frozen = {
    from: 'source',
    to: 'target',
    lockingMilliseconds: 12.2,
    lockedMilliseconds: 38.6,
    triesBefore: 2,
    verification,
  };
  expect(frozenInWords(frozen, 'rehearsed')).toBe(
    'rehearsed\n  locks held: 39 ms, 12 ms to get them, after 2 tries that did not get them\n  22,000 rows of 1 table compared in 0.2 s: equal\n',
  );
  const different = { ...verification, equal: false, differences: ['public.a: 1 and 2 rows'] };
  expect(frozenInWords({ ...frozen, verification: different }, 'rehearsed')).toContain(
    'NOT EQUAL: public.a: 1 and 2 rows',
  );
});
