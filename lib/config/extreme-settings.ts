import { z } from 'zod';
import { MOST } from './bounds';
import { DATABASE_CLASS, flag, integer, named, oneOf, text } from './fields';

const databaseClass = (description: string) =>
  text(DATABASE_CLASS, 'an RDS instance class such as db.r7g.large', description);

/** Defaults of a function's database. */
export const DEFAULT_FUNCTION = { class: 'db.t4g.medium', storageGiB: 20, maxStorageGiB: 200, replicas: 0 } as const;

const functions = named(
  z
    .strictObject({
      class: databaseClass('Instance class of the writer.').default(DEFAULT_FUNCTION.class),
      storageGiB: integer(20, MOST.storageGiB, 'Storage allocated at first, GiB (gp3).').default(
        DEFAULT_FUNCTION.storageGiB,
      ),
      maxStorageGiB: integer(22, MOST.storageGiB, 'Storage up to which RDS grows by itself, GiB.').default(
        DEFAULT_FUNCTION.maxStorageGiB,
      ),
      replicas: integer(0, MOST.replicas, 'Read replicas.').default(DEFAULT_FUNCTION.replicas),
    })
    .describe('The database of one function'),
  'Databases by function, which take over from the single write master.',
);

const ACU = `a number of Aurora capacity units from 0 to ${MOST.capacityUnits}, in halves`;
const capacity = (description: string) =>
  z
    .number(ACU)
    .min(0, ACU)
    .max(MOST.capacityUnits, ACU)
    .refine((units) => Number.isInteger(units * 2), ACU)
    .describe(description);

const sharding = z
  .strictObject({
    engine: oneOf(
      ['none', 'clusters', 'limitless', 'dsql'],
      'What holds the sharded tables: nothing, Aurora clusters with a shard map, Aurora PostgreSQL Limitless, or Aurora DSQL.',
    ),
    clusters: integer(
      1,
      MOST.clusters,
      'Aurora clusters (engine clusters). Adding one moves nothing: logical shards are moved to it.',
    ),
    logicalShards: integer(16, 16_384, 'Logical shards, many for each cluster (engine clusters). Chosen once.'),
    readers: integer(0, 15, 'Readers beside the writer of each cluster (engine clusters).'),
    engineVersion: text(
      /^1[67]\.\d{1,2}$/,
      'a version of Aurora PostgreSQL, 16 or 17 with its minor, such as 17.9',
      'Engine version of the clusters, which is not always that of RDS (engine clusters).',
    ),
    minCapacity: capacity('Least capacity of an instance of a cluster, Aurora capacity units (engine clusters).'),
    maxCapacity: capacity('Greatest capacity of an instance of a cluster, Aurora capacity units (engine clusters).'),
    limitlessMaxCapacity: integer(
      16,
      6144,
      'Greatest capacity of the shard group, Aurora capacity units (engine limitless).',
    ),
    backupDays: integer(1, 35, 'Days for which automated backups are kept.'),
  })
  .describe('Rows spread by key.');

const KEY = /^[A-Za-z_][A-Za-z0-9_]{0,62}(:(S|N|B))?$/;
const key = (description: string) => text(KEY, 'an attribute with its type, such as user_id:S', description);

const tables = named(
  z
    .strictObject({
      partitionKey: key('Partition key, name and type (S, N or B). Chosen once.'),
      sortKey: key('Sort key, name and type. Chosen once.').optional(),
      ttlAttribute: text(
        /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
        'the name of an attribute',
        'When an item expires.',
      ).optional(),
    })
    .describe('A DynamoDB table'),
  'DynamoDB tables by name.',
);

const readModels = named(
  z
    .strictObject({
      from: text(/^[a-z][a-z0-9-]{0,29}$/, 'the name of a table of data.tables', 'Table whose stream feeds it.'),
      partitionKey: key('Attribute of the items by which this model is read, with its type.'),
      sortKey: key(
        'Attribute by which its items are sorted, with its type. Together with the partition key it must be unique.',
      ).optional(),
    })
    .describe('A read model'),
  'Denormalised tables fed from the stream of another, by name, at most 12 of one table. Each begins empty (lambda/read-model/README.md).',
);

const warehouse = z
  .strictObject({
    enabled: flag('Whether there is a Redshift Serverless warehouse.'),
    baseRpu: integer(4, 1024, 'Base capacity, Redshift processing units: 4, or a multiple of 8.'),
    maxRpuHoursPerDay: integer(1, 100_000, 'Usage limit, RPU hours a day; queries stop beyond it.'),
    snapshotDays: integer(1, 3653, 'Days for which a snapshot is kept.'),
  })
  .describe('Redshift Serverless, fed by zero-ETL.');

const singleDatabase = oneOf(
  ['kept', 'gone'],
  'Whether the template still holds the database of phases 1 to 5, which nobody uses any more in phase 6. Set it to kept for the deployment that contracts 5 to 6: a node that does not come up then takes the stack back to a template that refers to that database.',
);

const documents = z
  .strictObject({
    enabled: flag('Whether there is a DocumentDB cluster.'),
    class: databaseClass('Instance class.'),
    instances: integer(1, 16, 'Instances, one of them the writer.'),
  })
  .describe('Document store: Amazon DocumentDB.');

const wideColumns = z
  .strictObject({ enabled: flag('Whether there is a keyspace.') })
  .describe('Wide-column store: Amazon Keyspaces.');

const graph = z
  .strictObject({
    enabled: flag('Whether there is a Neptune cluster.'),
    instances: integer(1, 16, 'Instances, one of them the writer.'),
    minCapacity: integer(1, 128, 'Least capacity, Neptune capacity units.'),
    maxCapacity: integer(3, 128, 'Greatest capacity, Neptune capacity units.'),
  })
  .describe('Graph store: Amazon Neptune Serverless.');

const data = z
  .strictObject({ functions, sharding, tables, readModels, singleDatabase, warehouse, documents, wideColumns, graph })
  .describe('The data tier of phase 6.');

/** Settings of phase 6. */
export const extreme = { data };
