import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { ShardingPlan } from '../../architecture/extreme';
import { acknowledge } from '../../policies/acknowledge';
import { keptPasswordOf } from '../database/generated-password';
import { MONITORING_POLICY, MONITORING_REASON } from '../database/postgres';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';
import type { ShardedStore } from './sharded-store';

/**
 * Engines of this kind have versions of their own.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/limitless-reqs-limits.html (2026-11-21)
 */
const ENGINE = rds.AuroraPostgresEngineVersion.VER_16_9_LIMITLESS;

/** Least capacity of a shard group, Aurora capacity units. */
const MIN_ACU = 16;

export interface LimitlessStoreProps {
  readonly environment: string;
  readonly plan: Extract<ShardingPlan, { engine: 'limitless' }>;
  readonly vpc: ec2.IVpc;
}

/**
 * Aurora PostgreSQL Limitless: one endpoint, behind which routers and shards are AWS's business. What it asks for:
 * I/O-Optimized storage, no instances, Enhanced Monitoring, Performance Insights for a month at least, and its log in
 * CloudWatch. The engine is chosen when the cluster is made: an existing cluster does not become one.
 */
export class LimitlessStore extends Construct implements ShardedStore {
  readonly connections: ec2.Connections;
  readonly backedUp: readonly string[] = [];
  /** ARN of the secret with the master user's name and password. */
  readonly secretArn: string;
  /** Host and database that nodes connect to, which the cluster's own secret does not say. */
  readonly target: { readonly host: string; readonly database: string };

  constructor(scope: Construct, id: string, { environment, plan, vpc }: LimitlessStoreProps) {
    super(scope, id);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Sharded database: each fleet that may connect adds its own rule',
      allowAllOutbound: false,
    });
    const cluster = new rds.DatabaseCluster(this, 'Cluster', {
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: ENGINE }),
      clusterScalabilityType: rds.ClusterScalabilityType.LIMITLESS,
      storageType: rds.DBClusterStorageType.AURORA_IOPT1,
      credentials: rds.Credentials.fromGeneratedSecret('beamstalk', {
        excludeCharacters: ' %+~`#$&*()|[]{}:;<>?!\'/@"\\,=^',
      }),
      vpc,
      vpcSubnets: SUBNETS.data,
      securityGroups: [securityGroup],
      storageEncrypted: true,
      backup: { retention: Duration.days(plan.backupDays), preferredWindow: '03:00-04:00' },
      preferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      copyTagsToSnapshot: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      enablePerformanceInsights: true,
      performanceInsightRetention: rds.PerformanceInsightRetention.MONTHS_1,
      enableClusterLevelEnhancedMonitoring: true,
      monitoringInterval: Duration.seconds(60),
      cloudwatchLogsExports: ['postgresql'],
    });
    acknowledge(cluster, MONITORING_POLICY, MONITORING_REASON);
    acknowledge(
      cluster,
      'AwsSolutions-RDS6',
      'Nodes log in with a password that nobody chose and that a secret holds.',
    );
    acknowledge(cluster, 'AwsSolutions-RDS11', 'A port that hides nothing; the network is closed but to the fleets.');
    this.secretArn = keptPasswordOf(cluster).secretArn;
    const group = new rds.CfnDBShardGroup(this, 'ShardGroup', {
      dbClusterIdentifier: cluster.clusterIdentifier,
      minAcu: MIN_ACU,
      maxAcu: plan.maxCapacity,
      // A standby of each shard in another zone.
      computeRedundancy: 1,
      publiclyAccessible: false,
    });
    group.applyRemovalPolicy(RemovalPolicy.RETAIN);

    // The shard group brings this database of its own.
    this.target = { host: group.attrEndpoint, database: 'postgres_limitless' };
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(5432) });
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'shards',
      values: {
        engine: 'limitless',
        endpoint: this.target.host,
        database: this.target.database,
        secret: this.secretArn,
      },
    });
  }

  /** With the login that is made for the application, as for any other database (lib/stacks/logins.ts). */
  letUse(): void {}
}
