import { describe, expect, test } from 'vitest';
import { MOST_FUNCTIONS } from '../../lib/config/extreme-checks';
import { MOST_TABLES } from '../../lib/config/sharding-checks';
import { problem, read } from './configuration-folder';

const functions = (of: unknown) => ({ data: { functions: of } });
/** Takes the functions that every environment has by default away. */
const NONE = { users: null, catalogue: null, forum: null };

describe('functions', () => {
  test('are three by default, of which a file takes away what it does not want', () => {
    expect(Object.keys(read({}).data.functions)).toEqual(['users', 'catalogue', 'forum']);
    const { data } = read(functions({ ...NONE, orders: {} }));
    expect(data.functions).toEqual({
      orders: { class: 'db.t4g.medium', storageGiB: 20, maxStorageGiB: 200, replicas: 0 },
    });
  });

  test('are at least one and at most sixteen', () => {
    expect(problem({}, functions(NONE))).toContain('allowed: 1 to 16 functions; these are 0');
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`part-${at}`, {}]));
    expect(problem({}, functions({ ...NONE, ...many(17) }))).toContain('allowed: 1 to 16 functions; these are 17');
    expect(Object.keys(read(functions({ ...NONE, ...many(16) })).data.functions)).toHaveLength(16);
  });

  test('share a number of replicas', () => {
    const eight = (replicas: number) =>
      functions({ ...NONE, ...Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`part-${at}`, { replicas }])) });
    expect(problem({}, eight(11))).toContain('at most 80 replicas together; these have 88');
    expect(read(eight(10)).data.functions['part-0']?.replicas).toBe(10);
  });

  test.each(['user', 'order', 'postgres', 'rdsadmin', 'current-user', 'session-user', 'current-date', 'current-role'])(
    'cannot be called %s, which names a database',
    (name) => {
      expect(problem({}, functions({ [name]: {} }))).toMatch(
        new RegExp(`^ {2}data\\.functions\\.${name}: .*allowed: a name that PostgreSQL does not reserve`),
      );
    },
  );

  test.each(['Users', '9lives', 'a_b', 'x'.repeat(31), ''])('cannot be called %j', (name) => {
    expect(problem({}, functions({ [name]: {} }))).toContain('data.functions');
  });

  test('grow by at least a tenth, each by itself', () => {
    expect(problem({}, functions({ users: { storageGiB: 200, maxStorageGiB: 210 } }))).toContain(
      'data.functions.users.maxStorageGiB: received 210; allowed: at least 220, a tenth more than data.functions.users.storageGiB',
    );
    // What is left out is what the default says.
    expect(problem({}, functions({ orders: { storageGiB: 190 } }))).toContain('data.functions.orders.maxStorageGiB');
    expect(problem({ 'data.functions.forum.storageGiB': '199' })).toContain('data.functions.forum.maxStorageGiB');
    expect(read(functions({ orders: { storageGiB: 180 } })).data.functions['orders']?.maxStorageGiB).toBe(200);
  });
});

describe('the warehouse', () => {
  test.each(['5', '12', '1020'])('has no base of %s RPU', (rpu) => {
    expect(problem({ 'data.warehouse.baseRpu': rpu })).toContain(
      `data.warehouse.baseRpu: received ${rpu}; allowed: 4, or a multiple of 8`,
    );
  });

  test('has a base that its subnets have room for', () => {
    const small = { 'network.cidr': '10.0.0.0/21' };
    expect(problem({ ...small, 'data.warehouse.baseRpu': '128' })).toContain(
      'allowed: less than 128, because a data subnet of network.cidr 10.0.0.0/21 has 27 addresses',
    );
    expect(read({}, { ...small, 'data.warehouse.baseRpu': '64' }).data.warehouse.baseRpu).toBe(64);
    expect(read({}, { 'data.warehouse.baseRpu': '1024' }).data.warehouse.baseRpu).toBe(1024);
    const off = { 'data.warehouse.enabled': 'false', 'data.warehouse.baseRpu': '128' };
    expect(read({}, { ...small, ...off }).data.warehouse.enabled).toBe(false);
  });

  test('is not fed from PostgreSQL 16.2', () => {
    const context = { phase: '6', 'database.engineVersion': '16.2' };
    expect(problem(context)).toContain('at least 16.3, because data.warehouse.enabled is true');
    expect(read({}, { ...context, phase: '5' }).database.engineVersion).toBe('16.2');
    expect(read({}, { ...context, 'data.warehouse.enabled': 'false' }).phase).toBe(6);
  });

  test('is fed from at most 50 sources', () => {
    expect(MOST_TABLES + MOST_FUNCTIONS).toBeLessThanOrEqual(50);
  });
});

test('tables and read models are bounded together', () => {
  const tables = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`table-${at}`, { partitionKey: 'id:S' }]));
  // Beside the one of the defaults, and its read model.
  expect(problem({}, { data: { tables: tables(MOST_TABLES - 1) } })).toContain(
    `at most ${MOST_TABLES} tables, those of data.readModels among them; these are ${MOST_TABLES + 1};`,
  );
  expect(Object.keys(read({ data: { tables: tables(MOST_TABLES - 2) } }).data.tables)).toHaveLength(MOST_TABLES - 1);
});

test('functions and read replicas of the single database are watched together while one takes over from the other', () => {
  const context = { phase: '6', 'database.replicas': '15' };
  const four = functions({ orders: {} });
  expect(problem(context, four)).toContain('database.replicas: received 15; allowed: at most 14 at phase 6, because');
  expect(read(four, { ...context, phase: '5' }).database.replicas).toBe(15);
  expect(read({}, { ...context, 'database.replicas': '15' }).database.replicas).toBe(15);
});

test('the graph is at least as large at most as at least', () => {
  expect(problem({ 'data.graph.minCapacity': '16' })).toContain(
    'data.graph.maxCapacity: received 8, the default; allowed: at least data.graph.minCapacity, which is 16',
  );
});
