import { Stack, type StackProps } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { ReadModelPlan, TablePlan } from '../architecture/extreme';
import { DataTables } from '../constructs/tables/data-tables';
import { ReadModelFeed } from '../constructs/tables/read-model-feed';
import { FEED_ATTRIBUTES } from '../facts/read-model-attributes';

export interface TablesStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly tables: readonly TablePlan[];
  readonly readModels: readonly ReadModelPlan[];
}

/** DynamoDB: tables that nodes write, and read models that are fed from their streams. */
export class TablesStack extends Stack {
  readonly tables: DataTables;
  readonly readModels: DataTables;
  readonly feeds: readonly ReadModelFeed[];

  constructor(scope: Construct, id: string, { architecture, tables, readModels, ...props }: TablesStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment, logDays, warehouse } = architecture;
    const exported = warehouse !== undefined;
    const streamed = new Set(readModels.map(({ from }) => from));
    const common = { environment, exported };
    this.tables = new DataTables(this, 'Tables', { ...common, plans: tables, streamed, access: 'read and write' });
    this.readModels = new DataTables(this, 'ReadModels', {
      ...common,
      plans: readModels.map((plan) => ({
        ...plan,
        // Fed from another table, it is another table: its rows would stay, and no change would ever remove them. Names
        // have no underscore, so that no two models get one id.
        id: `${plan.name}_from_${plan.from}`,
        // The feed marks a row that an item has left, and DynamoDB takes the mark away (lambda/read-model/model.ts).
        ttlAttribute: FEED_ATTRIBUTES.expires,
      })),
      streamed: new Set(),
      // What is made from another table is not taken over twice.
      exported: false,
      access: 'read',
    });
    const tableOf = (all: DataTables, name: string): dynamodb.TableV2 => {
      const table = all.tables.get(name);
      if (table === undefined) throw new Error(`a read model names the table ${name}, which is not there`);
      return table;
    };
    this.feeds = tables
      .filter(({ name }) => streamed.has(name))
      .map(
        (plan) =>
          new ReadModelFeed(this, `Feed-${plan.name}`, {
            source: { plan, table: tableOf(this.tables, plan.name) },
            models: readModels
              .filter(({ from }) => from === plan.name)
              .map((model) => ({ plan: model, table: tableOf(this.readModels, model.name) })),
            logDays,
          }),
      );
  }

  /** Gives a role the tables. Called by the side of the fleet. */
  letUse(role: iam.Role): void {
    this.tables.letUse(role);
    this.readModels.letUse(role);
  }
}
