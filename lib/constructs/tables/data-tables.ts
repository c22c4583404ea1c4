import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AttributePlan, TablePlan } from '../../architecture/extreme';
import { TABLE_PARAMETERS } from '../../node/parameters';
import { allow } from '../../policies/allow';
import { PublishedParameters } from '../parameters/published-parameters';
import { KeptTable } from './kept-table';

export interface DataTablePlan extends TablePlan {
  /**
   * Its construct id. With another id it is another table, empty, and the one of before stays in the account.
   *
   * @default - its name
   */
  readonly id?: string;
}

export interface DataTablesProps {
  readonly environment: string;
  readonly plans: readonly DataTablePlan[];
  /** Names of the tables whose changes something follows. */
  readonly streamed: ReadonlySet<string>;
  /** True when the warehouse may take the tables over. */
  readonly exported: boolean;
  /** Access of nodes to them: read models are written by their feed alone. */
  readonly access: 'read and write' | 'read';
}

/** Tables of one kind, each published under `tables/<name>`. DynamoDB is reached by the network's gateway endpoint. */
export class DataTables extends Construct {
  readonly tables: ReadonlyMap<string, dynamodb.TableV2>;
  private readonly access: DataTablesProps['access'];

  constructor(scope: Construct, id: string, { environment, plans, streamed, exported, access }: DataTablesProps) {
    super(scope, id);
    this.access = access;
    this.tables = new Map(
      plans.map(({ name, id: tableId = name, partitionKey, sortKey, ttlAttribute }) => {
        const { table } = new KeptTable(this, tableId, {
          partitionKey: attribute(partitionKey),
          ...(sortKey && { sortKey: attribute(sortKey) }),
          ...(ttlAttribute !== undefined && { timeToLiveAttribute: ttlAttribute }),
          stream: streamed.has(name),
          contributorInsights: true,
          exported,
        });
        return [name, table];
      }),
    );
    new PublishedParameters(this, 'Published', {
      environment,
      topic: TABLE_PARAMETERS,
      values: Object.fromEntries([...this.tables].map(([name, { tableName }]) => [name, tableName])),
    });
  }

  /** Gives a role the items of these tables. Called by the side of the fleet. */
  letUse(role: iam.Role): void {
    const arns = [...this.tables.values()].map(({ tableArn }) => tableArn);
    if (arns.length === 0) return;
    allow(role, { actions: this.access === 'read' ? READ : [...READ, ...WRITE], resources: arns });
  }
}

const READ = [
  'dynamodb:BatchGetItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DescribeTable',
  'dynamodb:GetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
];
const WRITE = ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];

function attribute({ name, type }: AttributePlan): dynamodb.Attribute {
  const types = {
    S: dynamodb.AttributeType.STRING,
    N: dynamodb.AttributeType.NUMBER,
    B: dynamodb.AttributeType.BINARY,
  };
  return { name, type: types[type] };
}
