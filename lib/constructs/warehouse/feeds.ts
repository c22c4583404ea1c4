import * as rds from 'aws-cdk-lib/aws-rds';
import type { CfnNamespace } from 'aws-cdk-lib/aws-redshiftserverless';
import { Construct } from 'constructs';
import { TableFeeds, type TableSource } from './table-feeds';

/** A PostgreSQL database that feeds the warehouse: an instance or an Aurora cluster. */
export interface DatabaseSource {
  readonly kind: 'database';
  /** Name in this template; another name is another integration. */
  readonly name: string;
  readonly arn: string;
  /** The database of the engine that is taken over, with all its schemas and tables. */
  readonly database: string;
}

export type WarehouseSource = DatabaseSource | TableSource;

export interface FeedsProps {
  readonly environment: string;
  readonly sources: readonly WarehouseSource[];
  readonly namespace: CfnNamespace;
  readonly logDays: number;
}

/**
 * Zero-ETL integrations, one for each source, and one after the other: Redshift refuses to begin with one while it works
 * on another of the same warehouse. What arrives can be queried once a database was made of the integration, which is
 * SQL and no template's business (docs/runbooks.md).
 */
export class Feeds extends Construct {
  constructor(scope: Construct, id: string, { environment, sources, namespace, logDays }: FeedsProps) {
    super(scope, id);
    const sorted = sources.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const tables = sorted.filter((source) => source.kind === 'table');
    const chain: Construct[] = this.feedDatabases(
      sorted.filter((source) => source.kind === 'database'),
      namespace.attrNamespaceNamespaceArn,
    );
    if (tables.length > 0) {
      chain.push(...new TableFeeds(this, 'TableFeeds', { environment, tables, namespace, logDays }).feeds);
    }
    for (const [index, feed] of chain.entries()) {
      const before = chain[index - 1];
      if (before !== undefined) feed.node.addDependency(before);
    }
  }

  private feedDatabases(databases: readonly DatabaseSource[], targetArn: string): rds.CfnIntegration[] {
    const scope = new Construct(this, 'Databases');
    return databases.map(
      ({ name, arn: sourceArn, database }) =>
        new rds.CfnIntegration(scope, name, {
          sourceArn,
          targetArn,
          description: `Database ${database}`,
          // RDS for PostgreSQL wants at least one filter.
          // Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/zero-etl.filtering.html (2026-11-21)
          dataFilter: `include: ${database}.*.*`,
        }),
    );
  }
}
