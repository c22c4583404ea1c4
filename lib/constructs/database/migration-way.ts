import { Construct } from 'constructs';
import type { FunctionDatabase } from './federation';
import type { Postgres } from './postgres';
import { openReplicationWay } from './replication-way';

export interface MigrationWayProps {
  readonly single: Postgres;
  readonly databases: readonly FunctionDatabase[];
}

/**
 * The network between the single database and those of the functions, while a climb expands: a function's database
 * subscribes to its tables, and the single one subscribes back until the climb contracts (docs/moving.md).
 */
export class MigrationWay extends Construct {
  constructor(scope: Construct, id: string, { single, databases }: MigrationWayProps) {
    super(scope, id);
    for (const { plan, database } of databases) {
      const own = new Construct(this, plan.function);
      openReplicationWay(own, 'There', { from: database, to: single });
      openReplicationWay(own, 'Back', { from: single, to: database });
    }
  }
}
