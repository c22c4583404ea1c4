import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as redshift from 'aws-cdk-lib/aws-redshiftserverless';
import { Construct } from 'constructs';
import type { WarehousePlan } from '../../architecture/extreme';
import { SUBNETS } from '../network/environment-network';
import { Feeds, type WarehouseSource } from './feeds';
import { Snapshots } from './snapshots';
import { SpendingLimit } from './spending-limit';

export interface WarehouseProps {
  readonly environment: string;
  readonly plan: WarehousePlan;
  readonly vpc: ec2.IVpc;
  readonly sources: readonly WarehouseSource[];
  readonly logDays: number;
}

/**
 * Redshift Serverless: history and analytics, away from what users wait for. Analysts reach it through the query editor
 * by their own IAM identity; no fleet has a way to it, and nothing in the network but itself.
 */
export class Warehouse extends Construct {
  constructor(scope: Construct, id: string, { environment, plan, vpc, sources, logDays }: WarehouseProps) {
    super(scope, id);
    const name = `${environment}-warehouse`;
    // Redshift leaves no name to CloudFormation. Nothing else of a namespace or workgroup replaces it.
    const namespace = new redshift.CfnNamespace(this, 'Namespace', {
      namespaceName: name,
      dbName: 'analytics',
      adminUsername: 'beamstalk',
      // Nothing here keeps a pool of connections that a rotated password would break.
      manageAdminPassword: true,
      logExports: ['userlog', 'connectionlog', 'useractivitylog'],
      ...(sources.length > 0 && { namespaceResourcePolicy: this.letFeed(sources) }),
    });
    // Kept, but not what a failed first deployment leaves behind: its name would stand in the way of the next.
    namespace.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);

    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Warehouse: closed, the query editor comes by the service itself',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'COPY and UNLOAD, by the gateway of S3');
    const workgroup = new redshift.CfnWorkgroup(this, 'Workgroup', {
      workgroupName: name,
      namespaceName: namespace.namespaceName,
      baseCapacity: plan.baseRpu,
      publiclyAccessible: false,
      enhancedVpcRouting: true,
      // With routing through the network: three subnets in three zones.
      // Source: https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html (2026-11-21)
      subnetIds: vpc.selectSubnets(SUBNETS.data).subnetIds,
      securityGroupIds: [securityGroup.securityGroupId],
      configParameters: [
        { parameterKey: 'require_ssl', parameterValue: 'true' },
        { parameterKey: 'enable_user_activity_logging', parameterValue: 'true' },
        // Zero-ETL refuses a warehouse without it.
        { parameterKey: 'enable_case_sensitive_identifier', parameterValue: 'true' },
      ],
    });
    // Given by name, not by reference.
    workgroup.addResourceDependency(namespace);

    const limit = new SpendingLimit(this, 'Limit', { environment, plan, workgroup, logDays });
    new Snapshots(this, 'Snapshots', { environment, plan, namespace });
    const feeds = new Feeds(this, 'Feeds', { environment, sources, namespace, logDays });
    // A source that begins to fill the warehouse finds it ready, and its bill bounded.
    feeds.node.addDependency(workgroup, limit);
  }

  /** Sources come by the service, in their own name, and this account's administrators may join them to the namespace. */
  private letFeed(sources: readonly WarehouseSource[]): unknown {
    const { partition, account } = Stack.of(this);
    return {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'redshift.amazonaws.com' },
          Action: 'redshift:AuthorizeInboundIntegration',
          Condition: { StringEquals: { 'aws:SourceArn': sources.map(({ arn }) => arn) } },
        },
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:${partition}:iam::${account}:root` },
          Action: 'redshift:CreateInboundIntegration',
        },
      ],
    };
  }
}
