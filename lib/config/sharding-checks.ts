import { FEED_ATTRIBUTES } from '../facts/read-model-attributes';
import type { Check } from './check';
import { listed } from './nearest';
import type { Settings } from './schema';

type Data = Settings['data'];

/**
 * Read models of one table. One function feeds them all and gets their names and keys in its environment, which Lambda
 * limits to 4 KB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (2026-11-21). So many fit with
 * the longest names that are allowed (test/constructs/tables.test.ts).
 */
export const MOST_READ_MODELS = 12;

/**
 * With this many tables and read models together, of the longest names, what lets nodes use them stays below the 6,144
 * characters of a managed policy, and together with `MOST_FUNCTIONS` they are fewer than the 50 sources that may feed one
 * warehouse (a test counts).
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/zero-etl.html#zero-etl.reqs-lims (2026-11-21)
 */
export const MOST_TABLES = 28;

/** Rules over the sharded store, the tables and the read models of phase 6. */
export const SHARDING_CHECKS: readonly Check[] = [
  {
    keys: ['data.sharding.logicalShards', 'data.sharding.clusters', 'data.sharding.engine'],
    violated: ({ data: { sharding } }) =>
      sharding.engine !== 'clusters' || sharding.logicalShards >= sharding.clusters
        ? undefined
        : `at least data.sharding.clusters, which is ${sharding.clusters}: a cluster holds whole logical shards`,
  },
  {
    keys: ['data.sharding.maxCapacity', 'data.sharding.minCapacity'],
    violated: ({ data: { sharding } }) => {
      const { minCapacity, maxCapacity } = sharding;
      // Aurora wants more than 0.5, in halves.
      // Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-rds-dbcluster-serverlessv2scalingconfiguration.html
      // (2026-11-21)
      if (maxCapacity < 1) return 'at least 1';
      return maxCapacity >= minCapacity ? undefined : `at least data.sharding.minCapacity, which is ${minCapacity}`;
    },
  },
  {
    keys: ['data.tables', 'data.readModels'],
    violated: ({ data: { tables, readModels } }) => {
      const count = Object.keys(tables).length + Object.keys(readModels).length;
      return count <= MOST_TABLES
        ? undefined
        : `at most ${MOST_TABLES} tables, those of data.readModels among them; these are ${count}`;
    },
  },
  {
    keys: ['data.tables'],
    violated: ({ data }) =>
      firstProblem(Object.entries(data.tables), ([name, table]) => clashIn(`data.tables.${name}`, table)),
  },
  {
    keys: ['data.readModels', 'data.tables'],
    violated: ({ data }) => firstProblem(Object.entries(data.readModels), (model) => problemOf(model, data)),
  },
  {
    keys: ['data.readModels'],
    violated: ({ data: { readModels } }) => {
      const sources = Object.values(readModels).map(({ from }) => from);
      return firstProblem([...new Set(sources)], (source) => {
        const count = sources.filter((one) => one === source).length;
        return count <= MOST_READ_MODELS
          ? undefined
          : `at most ${MOST_READ_MODELS} read models of one table; data.tables.${source} has ${count}`;
      });
    },
  },
];

const RESERVED: ReadonlySet<string> = new Set(Object.values(FEED_ATTRIBUTES));

function problemOf([name, model]: [string, Data['readModels'][string]], { tables }: Data): string | undefined {
  const key = `data.readModels.${name}`;
  const source = Object.hasOwn(tables, model.from) ? tables[model.from] : undefined;
  if (source === undefined) {
    const known = listed(Object.keys(tables).sort(), model.from) || 'of which there is none';
    return `a table of data.tables (${known}) as ${key}.from, which is ${model.from}`;
  }
  if (Object.hasOwn(tables, name)) return `names that no table has: ${name} is in data.tables too`;
  const clash = clashIn(key, model);
  if (clash !== undefined) return clash;
  const reserved = keysOf(model).find(({ name: attribute }) => RESERVED.has(attribute));
  if (reserved !== undefined) return `another attribute than ${reserved.name} as a key of ${key}: it is the feed's own`;
  const typed = new Map(keysOf(source).map(({ name: attribute, type }) => [attribute, type]));
  const other = keysOf(model).find(({ name: attribute, type }) => (typed.get(attribute) ?? type) !== type);
  if (other !== undefined) {
    return `the type ${typed.get(other.name)} for the attribute ${other.name} of ${key}, as data.tables.${model.from} has it`;
  }
  return sameKeys(source, model)
    ? `other keys than those of data.tables.${model.from} for ${key}: it would be a copy of it`
    : undefined;
}

interface Keyed {
  readonly partitionKey: string;
  readonly sortKey?: string | undefined;
  readonly ttlAttribute?: string | undefined;
}

interface Key {
  readonly name: string;
  readonly type: string;
}

/** An attribute is one thing: it cannot be both keys, and DynamoDB wants an expiry to be a number of its own. */
function clashIn(key: string, table: Keyed): string | undefined {
  const [partition, sort] = keysOf(table);
  if (partition !== undefined && sort !== undefined && partition.name === sort.name) {
    return `another attribute as ${key}.sortKey than as its partitionKey, which is ${partition.name}`;
  }
  const expiring = keysOf(table).find(({ name, type }) => name === table.ttlAttribute && type !== 'N');
  return expiring === undefined
    ? undefined
    : `a number as ${key}.ttlAttribute, but ${expiring.name} is a key of the type ${expiring.type}`;
}

function keysOf({ partitionKey, sortKey }: Keyed): Key[] {
  return [partitionKey, sortKey].flatMap((text) => {
    if (text === undefined) return [];
    const [name = text, type = 'S'] = text.split(':');
    return [{ name, type }];
  });
}

function sameKeys(one: Keyed, other: Keyed): boolean {
  const written = (table: Keyed): string =>
    keysOf(table)
      .map(({ name, type }) => `${name}:${type}`)
      .join(' ');
  return written(one) === written(other);
}

function firstProblem<Item>(items: readonly Item[], problem: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = problem(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
