import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { WarehousePlan } from '../architecture/extreme';
import type { WarehouseSource } from '../constructs/warehouse/feeds';
import { Warehouse } from '../constructs/warehouse/warehouse';
import type { FederationStack } from './federation';
import type { NetworkStack } from './network';
import type { TablesStack } from './tables';

export interface WarehouseStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly plan: WarehousePlan;
  readonly network: NetworkStack;
  readonly federation?: FederationStack;
  readonly tables?: TablesStack;
}

/** Analytics, fed by what the others hold. Nothing depends on it. */
export class WarehouseStack extends Stack {
  constructor(scope: Construct, id: string, props: WarehouseStackProps) {
    const { architecture, plan, network, federation, tables, ...rest } = props;
    super(scope, id, { terminationProtection: true, ...rest });
    const { environment, logDays } = architecture;
    const databases = (federation?.databases ?? []).map(
      ({ plan: { function: name, name: database }, database: { instance } }): WarehouseSource => ({
        kind: 'database',
        name,
        arn: instance.instanceArn,
        database,
      }),
    );
    const items = [...(tables?.tables.tables ?? [])].map(
      ([name, { tableArn: arn }]): WarehouseSource => ({ kind: 'table', name, arn }),
    );
    const sources = [...databases, ...items];
    new Warehouse(this, 'Warehouse', { environment, plan, vpc: network.vpc, sources, logDays });
  }
}
