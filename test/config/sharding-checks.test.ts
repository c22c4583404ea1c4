import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../lib/config/configuration';
import { ConfigurationError } from '../../lib/config/configuration-error';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';

type Context = Readonly<Record<string, unknown>>;

function errorsOf(context: Context): string[] {
  try {
    readConfiguration({ context: { env: 'dev', phase: 6, ...context }, directory: CONFIGURATION_DIRECTORY });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ key, allowed }) => `${key}: ${allowed}`);
    throw error;
  }
  return [];
}

/** So many of the default table, besides the one that is there by default. */
function readModels(count: number): Context {
  const keys = Array.from({ length: count }, (_, index) => [
    [`data.readModels.m${index}.from`, 'events'],
    [`data.readModels.m${index}.partitionKey`, `key_${index}:S`],
  ]);
  return Object.fromEntries(keys.flat());
}

test.each<[string, Context]>([
  ['data.sharding.clusters: an integer from 1 to 256', { 'data.sharding.clusters': 257 }],
  ['data.sharding.maxCapacity: at least 1', { 'data.sharding.minCapacity': 0.5, 'data.sharding.maxCapacity': 0.5 }],
  [
    'data.sharding.maxCapacity: at least data.sharding.minCapacity, which is 16',
    { 'data.sharding.minCapacity': 16, 'data.sharding.maxCapacity': 8 },
  ],
  [
    'data.sharding.logicalShards: at least data.sharding.clusters, which is 32: a cluster holds whole logical shards',
    { 'data.sharding.logicalShards': 16, 'data.sharding.clusters': 32 },
  ],
  ['data.sharding.limitlessMaxCapacity: an integer from 16 to 6144', { 'data.sharding.limitlessMaxCapacity': 8 }],
  [
    'data.tables: another attribute as data.tables.events.sortKey than as its partitionKey, which is user_id',
    { 'data.tables.events.sortKey': 'user_id:N' },
  ],
  [
    'data.tables: a number as data.tables.events.ttlAttribute, but user_id is a key of the type S',
    { 'data.tables.events.ttlAttribute': 'user_id' },
  ],
  [
    'data.readModels: a table of data.tables (events) as data.readModels.events-by-kind.from, which is evnts',
    { 'data.readModels.events-by-kind.from': 'evnts' },
  ],
  [
    'data.readModels: a table of data.tables (events) as data.readModels.events-by-kind.from, which is events-by-kind',
    { 'data.readModels.events-by-kind.from': 'events-by-kind' },
  ],
  [
    'data.readModels: names that no table has: events-by-kind is in data.tables too',
    { 'data.tables.events-by-kind.partitionKey': 'x:S' },
  ],
  [
    'data.readModels: another attribute as data.readModels.events-by-kind.sortKey than as its partitionKey, which is kind',
    { 'data.readModels.events-by-kind.sortKey': 'kind:N' },
  ],
  [
    'data.readModels: the type S for the attribute id of data.readModels.events-by-kind, as data.tables.events has it',
    { 'data.readModels.events-by-kind.sortKey': 'id:N' },
  ],
  [
    'data.readModels: other keys than those of data.tables.events for data.readModels.events-by-kind: it would be a copy of it',
    { 'data.readModels.events-by-kind.partitionKey': 'user_id:S' },
  ],
  ...['beamstalk_row', 'beamstalk_expires'].map((name): [string, Context] => [
    `data.readModels: another attribute than ${name} as a key of data.readModels.events-by-kind: it is the feed's own`,
    { 'data.readModels.events-by-kind.partitionKey': `${name}:S` },
  ]),
  ['data.readModels: at most 12 read models of one table; data.tables.events has 13', readModels(12)],
])('%s', (message, context) => {
  expect(errorsOf(context)).toEqual([message]);
});

describe('what is well', () => {
  test.each<[string, Context]>([
    ['as many logical shards as clusters', { 'data.sharding.logicalShards': 256, 'data.sharding.clusters': 256 }],
    ['as many read models of a table as there may be', readModels(11)],
    [
      'a read model by an attribute that is the expiry of many',
      { 'data.readModels.events-by-kind.sortKey': 'expiration:N' },
    ],
    ['one capacity', { 'data.sharding.minCapacity': 4, 'data.sharding.maxCapacity': 4 }],
    [
      'few logical shards, of an engine that has none',
      { 'data.sharding.engine': 'dsql', 'data.sharding.logicalShards': 16, 'data.sharding.clusters': 32 },
    ],
    [
      'an expiry that is the sort key',
      {
        'data.tables.log.partitionKey': 'id:S',
        'data.tables.log.sortKey': 'at:N',
        'data.tables.log.ttlAttribute': 'at',
      },
    ],
  ])('%s', (_what, context) => {
    expect(errorsOf(context)).toEqual([]);
  });
});
