import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as docdb from 'aws-cdk-lib/aws-docdb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CaCertificate } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { NoSqlPlan } from '../../architecture/extreme';
import { acknowledge } from '../../policies/acknowledge';
import { keptPasswordOf } from '../database/generated-password';
import { instanceTypeOf } from '../database/postgres';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';

const PORT = 27_017;

export interface DocumentStoreProps {
  readonly environment: string;
  readonly plan: NonNullable<NoSqlPlan['documents']>;
  readonly vpc: ec2.IVpc;
}

/** Amazon DocumentDB in the isolated subnets: TLS, audit log, a password that nobody chose. */
export class DocumentStore extends Construct implements ec2.IConnectable {
  readonly connections: ec2.Connections;
  /** ARN of the secret with the master user's name and password. */
  readonly secretArn: string;

  constructor(scope: Construct, id: string, { environment, plan, vpc }: DocumentStoreProps) {
    super(scope, id);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Documents: each fleet that may connect adds its own rule',
      allowAllOutbound: false,
    });
    securityGroup.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const parameterGroup = new docdb.ClusterParameterGroup(this, 'Parameters', {
      family: 'docdb5.0',
      description: 'Connections by TLS alone, and a record of who did what',
      parameters: { tls: 'enabled', audit_logs: 'enabled' },
    });
    parameterGroup.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const cluster = new docdb.DatabaseCluster(this, 'Cluster', {
      // Another version would be another cluster: CloudFormation replaces it.
      engineVersion: '5.0.0',
      masterUser: { username: 'beamstalk', excludeCharacters: ' %+~`#$&*()|[]{}:;<>?!\'/@"\\,=^' },
      vpc,
      vpcSubnets: SUBNETS.data,
      securityGroup,
      parameterGroup,
      instanceType: instanceTypeOf(plan.class),
      instances: plan.instances,
      port: PORT,
      storageEncrypted: true,
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      backup: { retention: Duration.days(plan.backupDays), preferredWindow: '03:00-04:00' },
      preferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      copyTagsToSnapshot: true,
      exportAuditLogsToCloudWatch: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      // An instance holds nothing that the cluster does not: it comes and goes with the configured number.
      instanceRemovalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(cluster, 'AwsSolutions-DOC2', 'A port that hides nothing; the network is closed but to the fleets.');
    acknowledge(
      cluster,
      'AwsSolutions-DOC3',
      'The rule cannot read a reference: the password comes from a secret, and no template has it.',
    );
    for (const event of ['authenticate', 'createIndex', 'dropCollection']) {
      acknowledge(
        cluster,
        `AwsSolutions-DOC5[LogExport::${event}]`,
        'The rule looks for names of events; DocumentDB exports them all in the one log named audit.',
      );
    }
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(PORT) });

    this.secretArn = keptPasswordOf(cluster).secretArn;
    for (const group of cluster.node.findAll().filter((part) => part instanceof docdb.CfnDBSubnetGroup)) {
      group.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'documents',
      values: {
        endpoint: cluster.clusterEndpoint.hostname,
        'reader-endpoint': cluster.clusterReadEndpoint.hostname,
        port: String(PORT),
        secret: this.secretArn,
      },
    });
  }
}
