import * as rds from 'aws-cdk-lib/aws-rds';
import * as redshift from 'aws-cdk-lib/aws-redshift';
import type { CfnNamespace } from 'aws-cdk-lib/aws-redshiftserverless';
import { Construct } from 'constructs';

/** What feeds the warehouse: a PostgreSQL database (an instance or an Aurora cluster), or a DynamoDB table. */
export type WarehouseSource =
  | {
      readonly kind: 'database';
      /** What it is called in this template; another name is another integration. */
      readonly name: string;
      readonly arn: string;
      /** The database of the engine that is taken over, with all its schemas and tables. */
      readonly database: string;
    }
  | { readonly kind: 'table'; readonly name: string; readonly arn: string };

export interface FeedsProps {
  readonly sources: readonly WarehouseSource[];
  readonly namespace: CfnNamespace;
}

/**
 * Zero-ETL integrations, one for each source. What arrives can be queried once a database was made of the integration,
 * which is SQL and no template's business (docs/runbooks.md).
 */
export class Feeds extends Construct {
  constructor(scope: Construct, id: string, { sources, namespace }: FeedsProps) {
    super(scope, id);
    const [databases, tables] = [new Construct(this, 'Databases'), new Construct(this, 'Tables')];
    const targetArn = namespace.attrNamespaceNamespaceArn;
    for (const source of sources) {
      const { name, arn: sourceArn } = source;
      if (source.kind === 'database') {
        new rds.CfnIntegration(databases, name, {
          sourceArn,
          targetArn,
          description: `Database ${source.database}`,
          // RDS for PostgreSQL wants at least one filter.
          // Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/zero-etl.filtering.html (2026-11-21)
          dataFilter: `include: ${source.database}.*.*`,
        });
      } else {
        new redshift.CfnIntegration(tables, name, { sourceArn, targetArn });
      }
    }
  }
}
