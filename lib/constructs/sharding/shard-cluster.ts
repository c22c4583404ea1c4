import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { ShardingPlan } from '../../architecture/extreme';
import { acknowledge } from '../../policies/acknowledge';
import type { CredentialsFunction } from '../database/credentials-function';
import { SUBNETS } from '../network/environment-network';
import { TokenUser } from './token-user';

export type ClustersPlan = Extract<ShardingPlan, { engine: 'clusters' }>;

/** Settings that the clusters of one stack share. */
export interface SharedByClusters {
  readonly engine: rds.IClusterEngine;
  readonly parameterGroup: rds.IParameterGroup;
  readonly subnetGroup: rds.ISubnetGroup;
  readonly monitoringRole: iam.IRole;
}

export interface ShardClusterProps extends SharedByClusters {
  readonly number: number;
  readonly plan: ClustersPlan;
  readonly vpc: ec2.IVpc;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly environment: string;
  /** Makes the role of the application. */
  readonly maker: CredentialsFunction;
}

/** Name of the database in every sharded cluster. */
export const SHARD_DATABASE = 'shard';

/** One Aurora PostgreSQL cluster, Serverless v2: a writer, readers, and storage that grows by itself to 128 TiB. */
export class ShardCluster extends Construct {
  constructor(scope: Construct, id: string, props: ShardClusterProps) {
    super(scope, id);
    const { number, plan, vpc, securityGroup, engine, parameterGroup, subnetGroup, monitoringRole } = props;
    const instance = {
      publiclyAccessible: false,
      enablePerformanceInsights: true,
      performanceInsightRetention: rds.PerformanceInsightRetention.DEFAULT,
      autoMinorVersionUpgrade: false,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
    };
    const cluster = new rds.DatabaseCluster(this, 'Cluster', {
      engine,
      // RDS makes, keeps and rotates it. No dynamic reference, of which a template may have sixty, and no resource.
      manageMasterUserPassword: true,
      credentials: rds.Credentials.fromUsername('beamstalk'),
      defaultDatabaseName: SHARD_DATABASE,
      serverlessV2MinCapacity: plan.minCapacity,
      serverlessV2MaxCapacity: plan.maxCapacity,
      writer: rds.ClusterInstance.serverlessV2('Writer', instance),
      readers: Array.from({ length: plan.readers }, (_, index) =>
        rds.ClusterInstance.serverlessV2(`Reader${index + 1}`, {
          ...instance,
          // The first stands by for the writer, at its size; the others follow the reads.
          scaleWithWriter: index === 0,
        }),
      ),
      vpc,
      vpcSubnets: SUBNETS.data,
      subnetGroup,
      securityGroups: [securityGroup],
      parameterGroup,
      storageEncrypted: true,
      backup: { retention: Duration.days(plan.backupDays), preferredWindow: '03:00-04:00' },
      preferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      copyTagsToSnapshot: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      iamAuthentication: true,
      cloudwatchLogsExports: ['postgresql'],
      monitoringInterval: Duration.seconds(60),
      monitoringRole,
    });
    // The library keeps every instance that belongs to a cluster that is kept. That is right of the writer, without which
    // the rows are there and nobody serves them; a reader comes and goes with the configured number.
    for (const part of cluster.node.findAll()) {
      const reader = part instanceof rds.CfnDBInstance && part.node.path.includes('/Reader');
      if (reader) part.applyRemovalPolicy(RemovalPolicy.DESTROY);
    }
    acknowledge(cluster, 'AwsSolutions-RDS11', 'A port that hides nothing; the network is closed but to the fleets.');

    const { clusterEndpoint, clusterReadEndpoint, secret } = cluster;
    if (secret === undefined) throw new Error('a cluster whose password RDS manages has a secret');
    new TokenUser(this, 'Login', {
      environment: props.environment,
      maker: props.maker,
      cluster: { host: clusterEndpoint.hostname, database: SHARD_DATABASE, secretArn: secret.secretArn },
    }).node.addDependency(cluster);
    const stack = Stack.of(this);
    const output = new CfnOutput(stack, `Shard${number}`, {
      description: `How cluster ${number} is reached, for beamstalk shards register`,
      value: stack.toJsonString({
        cluster: number,
        endpoint: clusterEndpoint.hostname,
        readerEndpoint: clusterReadEndpoint.hostname,
        port: 5432,
        database: SHARD_DATABASE,
        secret: secret.secretArn,
      }),
    });
    output.overrideLogicalId(`Shard${number}`);
  }
}
