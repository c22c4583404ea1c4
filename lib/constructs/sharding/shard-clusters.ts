import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';
import { CredentialsFunction } from '../database/credentials-function';
import { MONITORING_POLICY, MONITORING_REASON } from '../database/postgres';
import { SUBNETS } from '../network/environment-network';
import { type ClustersPlan, ShardCluster } from './shard-cluster';

export interface ShardClustersProps {
  readonly plan: ClustersPlan;
  /** Numbers of the clusters of this stack. */
  readonly numbers: readonly number[];
  readonly vpc: ec2.IVpc;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly environment: string;
  readonly logDays: number;
}

/** The clusters of one stack, and what they share: of subnet groups an account has fifty. */
export class ShardClusters extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { plan, numbers, vpc, securityGroup, environment, logDays }: ShardClustersProps,
  ) {
    super(scope, id);
    const [major = ''] = plan.engineVersion.split('.');
    const engine = rds.DatabaseClusterEngine.auroraPostgres({
      version: rds.AuroraPostgresEngineVersion.of(plan.engineVersion, major),
    });
    const parameterGroup = new rds.ParameterGroup(this, 'Parameters', {
      engine,
      removalPolicy: RemovalPolicy.RETAIN,
      description: `Aurora PostgreSQL ${major} for sharded rows`,
      parameters: {
        'rds.force_ssl': '1',
        // Logical shards move by logical replication; turning it on later would restart every cluster.
        'rds.logical_replication': '1',
        shared_preload_libraries: 'pg_stat_statements',
        log_min_duration_statement: '500',
        log_lock_waits: '1',
        // A node that dies in a transaction holds a fence open, milliseconds.
        idle_in_transaction_session_timeout: '60000',
      },
    });
    const subnetGroup = new rds.SubnetGroup(this, 'Subnets', {
      description: 'Sharded databases',
      vpc,
      vpcSubnets: SUBNETS.data,
      // As long as the clusters, which are kept.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const monitoringRole = new iam.Role(this, 'Monitoring', {
      assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole')],
    });
    acknowledge(monitoringRole, MONITORING_POLICY, MONITORING_REASON);
    const maker = new CredentialsFunction(this, 'Credentials', { environment, vpc, logDays });
    maker.connections.allowTo(securityGroup, ec2.Port.tcp(5432), 'Makes the role of the application');
    for (const number of numbers) {
      new ShardCluster(this, `Cluster${number}`, {
        number,
        plan,
        vpc,
        securityGroup,
        environment,
        maker,
        engine,
        parameterGroup,
        subnetGroup,
        monitoringRole,
      });
    }
  }
}
