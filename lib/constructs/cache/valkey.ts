import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { CachePlan } from '../../architecture/architecture';
import { acknowledge } from '../../policies/acknowledge';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';

const PORT = 6379;

export interface ValkeyProps {
  readonly environment: string;
  readonly plan: CachePlan;
  readonly vpc: ec2.IVpc;
  readonly logDays: number;
}

/** ElastiCache for Valkey: one primary with replicas in other zones, TLS and a password, snapshots. */
export class Valkey extends Construct implements ec2.IConnectable {
  readonly connections: ec2.Connections;
  readonly group: elasticache.CfnReplicationGroup;
  /** The password that nodes authenticate with. */
  readonly secret: secretsmanager.ISecret;

  constructor(scope: Construct, id: string, { environment, plan, vpc, logDays }: ValkeyProps) {
    super(scope, id);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Cache: each fleet that may connect adds its own rule',
      allowAllOutbound: false,
    });
    this.secret = new secretsmanager.Secret(this, 'Password', {
      description: `Password of the cache of ${environment}`,
      // ElastiCache takes 16 to 128 printable characters, of which it refuses some.
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      this.secret,
      'AwsSolutions-SMG4',
      'ElastiCache has no managed rotation; a new password is a rolling change that the operator times.',
    );
    const subnetGroup = new elasticache.CfnSubnetGroup(this, 'Subnets', {
      description: `Cache of ${environment}`,
      subnetIds: vpc.selectSubnets(SUBNETS.data).subnetIds,
    });
    const parameterGroup = new elasticache.CfnParameterGroup(this, 'Parameters', {
      cacheParameterGroupFamily: 'valkey8',
      description: 'Sessions and hot reads',
      properties: {
        // Entries that carry an expiry make room first: a session is never dropped for a cached read that has none.
        'maxmemory-policy': 'volatile-lru',
        // Dead clients are noticed after this many seconds.
        'tcp-keepalive': '60',
      },
    });
    const slowLog = new logs.LogGroup(this, 'SlowLog', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    const group = new elasticache.CfnReplicationGroup(this, 'Group', {
      replicationGroupDescription: `Sessions and hot reads of ${environment}`,
      engine: 'valkey',
      // Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html (2026-11-21)
      engineVersion: '8.2',
      cacheNodeType: plan.class,
      cacheParameterGroupName: parameterGroup.ref,
      cacheSubnetGroupName: subnetGroup.ref,
      securityGroupIds: [securityGroup.securityGroupId],
      port: PORT,
      numCacheClusters: plan.replicas + 1,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      authToken: this.secret.secretValue.unsafeUnwrap(),
      autoMinorVersionUpgrade: false,
      snapshotRetentionLimit: plan.snapshotDays,
      snapshotWindow: '02:00-03:00',
      preferredMaintenanceWindow: 'sun:05:30-sun:06:30',
      logDeliveryConfigurations: [
        {
          logType: 'slow-log',
          logFormat: 'json',
          destinationType: 'cloudwatch-logs',
          destinationDetails: { cloudWatchLogsDetails: { logGroup: slowLog.logGroupName } },
        },
      ],
    });
    group.applyRemovalPolicy(RemovalPolicy.SNAPSHOT);
    this.group = group;
    acknowledge(group, 'AwsSolutions-AEC5', 'A port that hides nothing; the network is closed but to the fleets.');
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(PORT) });

    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'cache',
      values: {
        endpoint: group.attrPrimaryEndPointAddress,
        'reader-endpoint': group.attrReaderEndPointAddress,
        port: String(PORT),
        secret: this.secret.secretArn,
      },
    });
  }
}
