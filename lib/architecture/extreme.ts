import type { DatabasePlan } from './database';

/** A database of its own for one function (phase 6). */
export interface FunctionPlan extends DatabasePlan {
  /** The function: `users`, `catalogue`, ... */
  readonly function: string;
  /** True when the warehouse is fed from it. */
  readonly feedsWarehouse: boolean;
}

/** Store of rows that are spread by key (phase 6). */
export type ShardingPlan =
  | {
      readonly engine: 'clusters';
      readonly clusters: number;
      readonly readers: number;
      /** Aurora capacity units of an instance. */
      readonly minCapacity: number;
      readonly maxCapacity: number;
      readonly backupDays: number;
      readonly engineVersion: string;
    }
  | {
      readonly engine: 'limitless';
      readonly maxCapacity: number;
      readonly backupDays: number;
      /** As of any other database. */
      readonly passwordDays?: number;
    }
  | { readonly engine: 'dsql' };

export interface AttributePlan {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

export interface TablePlan {
  readonly name: string;
  readonly partitionKey: AttributePlan;
  readonly sortKey?: AttributePlan;
  readonly ttlAttribute?: string;
}

/** A table that is fed from the stream of another. */
export interface ReadModelPlan extends TablePlan {
  readonly from: string;
}

export interface WarehousePlan {
  readonly baseRpu: number;
  readonly maxRpuHoursPerDay: number;
  readonly snapshotDays: number;
}

/** The other families of stores: document, wide column, graph. */
export interface NoSqlPlan {
  readonly documents?: { readonly class: string; readonly instances: number; readonly backupDays: number };
  readonly wideColumns?: true;
  /** Capacities in Neptune capacity units. */
  readonly graph?: {
    readonly instances: number;
    readonly minCapacity: number;
    readonly maxCapacity: number;
    readonly backupDays: number;
  };
}
