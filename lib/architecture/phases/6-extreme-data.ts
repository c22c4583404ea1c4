import type { Configuration } from '../../config/configuration';
import { passwordAge } from '../../config/password-age';
import type { Architecture, Phase } from '../architecture';
import type { AttributePlan, FunctionPlan, NoSqlPlan, ShardingPlan, TablePlan } from '../extreme';
import { movedParts } from '../moved-parts';
import { moverPlan } from '../mover';

export const phase6 = {
  number: 6,
  name: 'extreme data',
  adds: 'a database per function, rows sharded by key, DynamoDB tables and read models, Redshift fed by zero-ETL',
  retires: ['database'],
  whileExpanding: ['mover'],
  moves: 'data',
} as const satisfies Phase;

/** One write master and one machine's disk stop being the ceiling. */
export function extremeData(below: Architecture, configuration: Configuration): Architecture {
  const { tables, readModels, warehouse } = configuration.data;
  const sharding = shardingPlan(configuration);
  const noSql = noSqlPlan(configuration);
  const { database: single, app } = below;
  const moves = movedParts(phase6, Object.keys(configuration.data.functions));
  return {
    ...below,
    ...(single && isLeaving(configuration) && { formerDatabase: single }),
    functions: functionPlans(configuration),
    // Two climbs may expand at once.
    mover: moverPlan(app?.instanceType, [...(below.mover?.moves ?? []), ...moves]),
    ...(sharding && { sharding }),
    ...(Object.keys(tables).length > 0 && {
      tables: Object.entries(tables).map(([name, table]) => tablePlan(name, table)),
      readModels: Object.entries(readModels).map(([name, { from, ...table }]) => ({ ...tablePlan(name, table), from })),
    }),
    ...(warehouse.enabled && {
      warehouse: {
        baseRpu: warehouse.baseRpu,
        maxRpuHoursPerDay: warehouse.maxRpuHoursPerDay,
        snapshotDays: warehouse.snapshotDays,
      },
    }),
    ...(Object.keys(noSql).length > 0 && { noSql }),
  };
}

/** While a climb expands, the single database is at work beside the others, and no former one. */
function isLeaving({ phase, from, data }: Configuration): boolean {
  return data.singleDatabase === 'kept' && from === undefined && phase >= phase6.number;
}

/** Each function's database has what the single one had, but its own size, replicas and credentials. */
function functionPlans(configuration: Configuration): FunctionPlan[] {
  const { data, database } = configuration;
  const { engineVersion, replicaEngineVersion = engineVersion, backupDays, insights, slowQueryMs } = database;
  return Object.entries(data.functions).map(([name, { replicas, ...size }]) => ({
    function: name,
    name: name.replaceAll('-', '_'),
    ...size,
    engineVersion,
    multiAz: true,
    backupDays,
    insights,
    slowQueryMs,
    ...passwordAge(configuration),
    readers: { count: replicas, class: size.class, engineVersion: replicaEngineVersion },
    feedsWarehouse: data.warehouse.enabled,
  }));
}

function shardingPlan(configuration: Configuration): ShardingPlan | undefined {
  const { data } = configuration;
  const { engine, clusters, readers, engineVersion, minCapacity, maxCapacity, backupDays } = data.sharding;
  switch (engine) {
    case 'none':
      return undefined;
    case 'clusters':
      return { engine, clusters, readers, engineVersion, minCapacity, maxCapacity, backupDays };
    case 'limitless':
      return { engine, maxCapacity: data.sharding.limitlessMaxCapacity, backupDays, ...passwordAge(configuration) };
    case 'dsql':
      return { engine };
  }
}

interface KeyedTable {
  readonly partitionKey: string;
  readonly sortKey?: string | undefined;
  readonly ttlAttribute?: string | undefined;
}

function tablePlan(name: string, { partitionKey, sortKey, ttlAttribute }: KeyedTable): TablePlan {
  return {
    name,
    partitionKey: attribute(partitionKey),
    ...(sortKey !== undefined && { sortKey: attribute(sortKey) }),
    ...(ttlAttribute !== undefined && { ttlAttribute }),
  };
}

/** `user_id:S`; without a type, a string. */
function attribute(text: string): AttributePlan {
  const [name = text, type = 'S'] = text.split(':');
  return { name, type: type === 'N' || type === 'B' ? type : 'S' };
}

function noSqlPlan({ data, database }: Configuration): NoSqlPlan {
  const { documents, wideColumns, graph } = data;
  const { backupDays } = database;
  return {
    ...(documents.enabled && {
      documents: { class: documents.class, instances: documents.instances, backupDays },
    }),
    ...(wideColumns.enabled && { wideColumns: true }),
    ...(graph.enabled && {
      graph: {
        instances: graph.instances,
        minCapacity: graph.minCapacity,
        maxCapacity: graph.maxCapacity,
        backupDays,
      },
    }),
  };
}
