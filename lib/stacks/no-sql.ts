import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { NoSqlPlan } from '../architecture/extreme';
import { DocumentStore } from '../constructs/no-sql/document-store';
import { GraphStore } from '../constructs/no-sql/graph-store';
import { WideColumnStore } from '../constructs/no-sql/wide-column-store';
import type { NetworkStack } from './network';

export interface NoSqlStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly plan: NoSqlPlan;
  readonly network: NetworkStack;
}

/** The families of stores that few systems need: what of them the configuration switches on. */
export class NoSqlStack extends Stack {
  readonly documents?: DocumentStore;
  readonly wideColumns?: WideColumnStore;
  readonly graph?: GraphStore;

  constructor(scope: Construct, id: string, { architecture, plan, network, ...props }: NoSqlStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment } = architecture;
    const { vpc } = network;
    const { documents, wideColumns, graph } = plan;
    if (documents) this.documents = new DocumentStore(this, 'Documents', { environment, plan: documents, vpc });
    if (wideColumns) this.wideColumns = new WideColumnStore(this, 'WideColumns', { environment, vpc });
    if (graph) this.graph = new GraphStore(this, 'Graph', { environment, plan: graph, vpc });
  }
}
