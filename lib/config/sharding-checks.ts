import type { Check } from './check';
import type { Settings } from './schema';

type Data = Settings['data'];

/** Rules over the sharded store, the tables and the read models of phase 6. */
export const SHARDING_CHECKS: readonly Check[] = [
  {
    keys: ['data.sharding.logicalShards', 'data.sharding.clusters'],
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
    keys: ['data.tables'],
    violated: ({ data }) =>
      firstProblem(Object.entries(data.tables), ([name, table]) => clashIn(`data.tables.${name}`, table)),
  },
  {
    keys: ['data.readModels', 'data.tables'],
    violated: ({ data }) => firstProblem(Object.entries(data.readModels), (model) => problemOf(model, data)),
  },
];

function problemOf([name, model]: [string, Data['readModels'][string]], { tables }: Data): string | undefined {
  const key = `data.readModels.${name}`;
  const source = Object.hasOwn(tables, model.from) ? tables[model.from] : undefined;
  if (source === undefined) {
    const known = Object.keys(tables).sort().join(', ') || 'of which there is none';
    return `a table of data.tables (${known}) as ${key}.from, which is ${model.from}`;
  }
  if (Object.hasOwn(tables, name)) return `names that no table has: ${name} is in data.tables too`;
  const clash = clashIn(key, model);
  if (clash !== undefined) return clash;
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
