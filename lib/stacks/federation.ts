import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { FunctionPlan } from '../architecture/extreme';
import { Federation, type FunctionDatabase } from '../constructs/database/federation';
import { MigrationWay } from '../constructs/database/migration-way';
import type { DataStack } from './data';
import type { NetworkStack } from './network';
import { keepPublished } from './published-output';

export interface FederationStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly functions: readonly FunctionPlan[];
  readonly network: NetworkStack;
  readonly data: DataStack;
}

/** A database for each function, which take over from the single write master. */
export class FederationStack extends Stack {
  readonly databases: readonly FunctionDatabase[];

  constructor(
    scope: Construct,
    id: string,
    { architecture, functions, network, data, ...props }: FederationStackProps,
  ) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment } = architecture;
    const { databases } = new Federation(this, 'Functions', { environment, functions, vpc: network.vpc });
    this.databases = databases;
    for (const { database } of databases) keepPublished(this, database.secretArn);
    if (data.database) new MigrationWay(this, 'Migration', { single: data.database, databases });
  }
}
