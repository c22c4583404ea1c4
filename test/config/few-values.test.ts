import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../lib/config/defaults';
import { didYouMean, listed, nearest } from '../../lib/config/nearest';
import { schemaAt } from '../../lib/config/overrides';
import { isTree, type Tree } from '../../lib/config/tree';
import { complaint, problem } from './configuration-folder';

/** More than eight words, one after the other: nobody reads them. */
const WALL = /(?:[\w.:"/-]+, ){8,}[\w.:"/-]+/;

/** Dotted keys of branches and of single values. */
function keys(tree: Tree, path = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const whole = path === '' ? key : `${path}.${key}`;
    return isTree(value) ? [whole, ...keys(value, whole)] : [whole];
  });
}

const KEYS = keys(DEFAULTS as unknown as Tree).filter((key) => schemaAt(key) !== undefined);
const BRANCHES = ['', ...KEYS.filter((key) => schemaAt(key)?.def.type === 'object')];

/** Message for one wrong value, or nothing when it is right. */
function said(context: Readonly<Record<string, unknown>>, content: unknown = {}): readonly string[] {
  try {
    return complaint(content, context);
  } catch (error) {
    if (error instanceof Error && error.message === 'the configuration was accepted') return [];
    throw error;
  }
}

describe('no message lists more than can be read', () => {
  test.each([
    ['a text', '"nonsense"'],
    ['a number', '31'],
    ['a list', '["nonsense"]'],
    ['a flag', 'true'],
    ['null', 'null'],
  ])('of values, for %s under any key', (_, value) => {
    const single = KEYS.filter((key) => key !== 'phase' && !BRANCHES.includes(key));
    const all = Object.fromEntries(single.map((key) => [key, value]));
    const branches = BRANCHES.slice(1).map((key) => ({ [key]: value }));
    const lines = [all, ...branches, { phase: value }].flatMap((context) => said(context));
    expect(lines.length).toBeGreaterThan(50);
    const walls = lines.filter((line) => WALL.test(line));
    expect(walls).toEqual([]);
  });

  test('of keys, for one that there is not', () => {
    expect(BRANCHES.length).toBeGreaterThan(20);
    const lines = BRANCHES.flatMap((branch) => said({ [branch === '' ? 'zzz' : `${branch}.zzz`]: '1' }));
    expect(lines.length).toBeGreaterThan(2 * (BRANCHES.length - 6));
    expect(lines.filter((line) => WALL.test(line))).toEqual([]);
  });

  test.each([
    ['an instance type', { 'app.instanceType': 'c7i.5xlarge' }, 'c7i.4xlarge'],
    ['a class', { phase: '2', 'database.class': 'db.z9g.large' }, 'db.m9g.large'],
    ['a version', { phase: '2', 'database.engineVersion': '17.99' }, '17.9'],
    ['a region', { region: 'eu-wset-1' }, 'eu-west-1'],
    ['a number of days', { logDays: '31' }, '30'],
    ['an AWS service', { 'network.interfaceEndpoints': '["log"]' }, 'logs'],
    ['a table', { phase: '6', 'data.readModels.one': '{"from":"evnts","partitionKey":"a:S"}' }, 'events'],
    [
      'a time zone',
      { 'scaling.schedule': '[{"name":"a","cron":"0 1 * * *","minNodes":2,"timeZone":"Europe/Berln"}]' },
      'Europe/Berlin',
    ],
  ])('%s says the nearest', (_, context, near) => {
    const lines = said(context).slice(1);
    expect(lines.join('\n')).toContain(near);
    expect(lines.filter((line) => WALL.test(line) || line.length > 400)).toEqual([]);
  });

  test('of queues and of tables, which a user may have many of', () => {
    const queues = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`queue-${at}`, { worker: 'lambda' }]));
    const schedules = { nightly: { expression: 'rate(1 day)', queue: 'queue-99' } };
    const line = problem({ phase: '5' }, { queues, schedules });
    expect(line).toContain('schedules.nightly.queue: received "queue-99"; allowed: one of ');
    expect(line).toMatch(/queue-9, .*\(nearest 4 of \d+\)/);
    expect(line).not.toMatch(WALL);
    const tables = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`table-${at}`, { partitionKey: 'a:S' }]));
    const of = { data: { tables, readModels: { one: { from: 'table-99', partitionKey: 'a:S' } } } };
    expect(problem({ phase: '6' }, of)).not.toMatch(WALL);
  });
});

describe('nearest', () => {
  test('names few of many, in the order of their distance, and all of few', () => {
    expect(listed(['b', 'a'], 'a')).toBe('b, a');
    const many = Array.from({ length: 30 }, (_, at) => `1${at}`);
    expect(listed(many, '17')).toBe('17, 16, 18, 15 (nearest 4 of 30)');
    expect(listed(Array.from('abcdefghi'), 'c')).toBe('c, a, b, d (nearest 4 of 9)');
  });

  test('guesses only at what is like it', () => {
    expect(nearest('zzzzzzzz', ['app', 'web'])).toBeUndefined();
    expect(didYouMean('wbe', ['app', 'web'])).toBe(' (did you mean web?)');
  });
});
