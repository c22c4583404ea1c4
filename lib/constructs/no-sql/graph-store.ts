import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as neptune from 'aws-cdk-lib/aws-neptune';
import { Construct } from 'constructs';
import type { NoSqlPlan } from '../../architecture/extreme';
import { acknowledge } from '../../policies/acknowledge';
import { allow } from '../../policies/allow';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';

const PORT = 8182;

// Source: https://docs.aws.amazon.com/neptune/latest/userguide/engine-releases-1.4.6.0.html (2026-11-21)
const ENGINE = { version: '1.4.6.0', family: 'neptune1.4' };

export interface GraphStoreProps {
  readonly environment: string;
  readonly plan: NonNullable<NoSqlPlan['graph']>;
  readonly vpc: ec2.IVpc;
}

/** Amazon Neptune Serverless in the isolated subnets. Who connects is known by IAM: there is no password. */
export class GraphStore extends Construct implements ec2.IConnectable {
  readonly connections: ec2.Connections;
  private readonly data: string;

  constructor(scope: Construct, id: string, { environment, plan, vpc }: GraphStoreProps) {
    super(scope, id);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Graph: each fleet that may connect adds its own rule',
      allowAllOutbound: false,
    });
    const subnetGroup = new neptune.CfnDBSubnetGroup(this, 'Subnets', {
      dbSubnetGroupDescription: `Graph of ${environment}`,
      subnetIds: vpc.selectSubnets(SUBNETS.data).subnetIds,
    });
    const parameterGroup = new neptune.CfnDBClusterParameterGroup(this, 'Parameters', {
      family: ENGINE.family,
      description: 'A record of who did what',
      parameters: { neptune_enable_audit_log: '1' },
    });
    const cluster = new neptune.CfnDBCluster(this, 'Cluster', {
      engineVersion: ENGINE.version,
      dbSubnetGroupName: subnetGroup.ref,
      vpcSecurityGroupIds: [securityGroup.securityGroupId],
      dbClusterParameterGroupName: parameterGroup.ref,
      serverlessScalingConfiguration: { minCapacity: plan.minCapacity, maxCapacity: plan.maxCapacity },
      dbPort: PORT,
      iamAuthEnabled: true,
      storageEncrypted: true,
      backupRetentionPeriod: plan.backupDays,
      preferredBackupWindow: '03:00-04:00',
      preferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      copyTagsToSnapshot: true,
      enableCloudwatchLogsExports: ['audit'],
      deletionProtection: true,
    });
    // The cluster outlives its template, and Neptune keeps what it uses from being deleted.
    for (const kept of [cluster, subnetGroup, parameterGroup, securityGroup]) {
      kept.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
    for (let number = 1; number <= plan.instances; number++) {
      const instance = new neptune.CfnDBInstance(this, `Instance${number}`, {
        dbClusterIdentifier: cluster.ref,
        dbInstanceClass: 'db.serverless',
        autoMinorVersionUpgrade: false,
      });
      acknowledge(
        instance,
        'AwsSolutions-N2',
        'The version is pinned in the template: an automatic upgrade would leave it behind.',
      );
    }
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(PORT) });
    this.data = Stack.of(this).formatArn({
      service: 'neptune-db',
      resource: cluster.attrClusterResourceId,
      resourceName: '*',
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'graph',
      values: { endpoint: cluster.attrEndpoint, 'reader-endpoint': cluster.attrReadEndpoint, port: String(PORT) },
    });
  }

  /** Gives a role the graph. Called by the side of the fleet. */
  letUse(role: iam.Role): void {
    allow(role, {
      actions: [
        'neptune-db:connect',
        'neptune-db:ReadDataViaQuery',
        'neptune-db:WriteDataViaQuery',
        'neptune-db:DeleteDataViaQuery',
        'neptune-db:GetQueryStatus',
        'neptune-db:CancelQuery',
      ],
      resources: [this.data],
      wildcardsBecause: 'What is in a graph has no ARN of its own; the cluster is named.',
    });
  }
}
