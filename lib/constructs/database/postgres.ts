import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { DatabasePlan } from '../../architecture/architecture';
import { acknowledge } from '../../policies/acknowledge';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';
import { keptPasswordOf } from './generated-password';
import { tunedParameters } from './tuned-parameters';

export interface PostgresProps {
  readonly environment: string;
  /** Below which its endpoint is published: `database`, or `database/<function>`. */
  readonly topic?: string;
  /** True when nodes are told where it is. */
  readonly published?: boolean;
  readonly plan: DatabasePlan;
  readonly vpc: ec2.IVpc;
  /** Parameters of the engine beside those that every database has. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Subnet group that several databases share; one of its own unless given. */
  readonly subnetGroup?: rds.ISubnetGroup;
  readonly monitoringRole?: iam.IRole;
}

/** RDS for PostgreSQL in the isolated subnets, with a master password that nobody chose and that a secret holds. */
export class Postgres extends Construct implements ec2.IConnectable {
  readonly connections: ec2.Connections;
  readonly instance: rds.DatabaseInstance;
  readonly parameterGroup: rds.ParameterGroup;
  /** ARN of the secret with the master user's name and password. */
  readonly secretArn: string;

  constructor(scope: Construct, id: string, props: PostgresProps) {
    super(scope, id);
    const { environment, topic = 'database', plan, vpc, published = true } = props;
    const [major = ''] = plan.engineVersion.split('.');
    const engine = rds.DatabaseInstanceEngine.postgres({
      version: rds.PostgresEngineVersion.of(plan.engineVersion, major),
    });
    this.parameterGroup = new rds.ParameterGroup(this, 'Parameters', {
      engine,
      description: `PostgreSQL ${major} for nodes with long-lived connection pools`,
      parameters: { ...tunedParameters(plan.slowQueryMs), ...props.parameters },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Database: each fleet that may connect adds its own rule',
      allowAllOutbound: false,
    });
    // The instance outlives its template, and RDS keeps what an instance uses from being deleted.
    securityGroup.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const advanced = plan.insights === 'advanced';
    this.instance = new rds.DatabaseInstance(this, 'Instance', {
      engine,
      databaseName: plan.name,
      // Not a password that RDS manages: it refuses to make read replicas of such a database (docs/adr/0010).
      credentials: rds.Credentials.fromGeneratedSecret('beamstalk', {
        excludeCharacters: ' %+~`#$&*()|[]{}:;<>?!\'/@"\\,=^',
      }),
      instanceType: instanceTypeOf(plan.class),
      vpc,
      vpcSubnets: SUBNETS.data,
      ...(props.subnetGroup && { subnetGroup: props.subnetGroup }),
      securityGroups: [securityGroup],
      parameterGroup: this.parameterGroup,
      multiAz: plan.multiAz,
      storageType: rds.StorageType.GP3,
      storageEncrypted: true,
      allocatedStorage: plan.storageGiB,
      maxAllocatedStorage: plan.maxStorageGiB,
      backupRetention: Duration.days(plan.backupDays),
      preferredBackupWindow: '03:00-04:00',
      preferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      copyTagsToSnapshot: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      // The version is pinned in the configuration: an automatic upgrade would leave the template behind.
      autoMinorVersionUpgrade: false,
      iamAuthentication: true,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      monitoringInterval: Duration.seconds(60),
      ...(props.monitoringRole && { monitoringRole: props.monitoringRole }),
      databaseInsightsMode: advanced ? rds.DatabaseInsightsMode.ADVANCED : rds.DatabaseInsightsMode.STANDARD,
      enablePerformanceInsights: true,
      performanceInsightRetention: advanced
        ? rds.PerformanceInsightRetention.MONTHS_15
        : rds.PerformanceInsightRetention.DEFAULT,
    });
    acknowledge(this.instance, MONITORING_POLICY, MONITORING_REASON);
    if (!plan.multiAz) {
      acknowledge(
        this.instance,
        'AwsSolutions-RDS3',
        'The environment says database.multiAz: false; from phase 3 on there is a standby.',
      );
    }
    acknowledge(
      this.instance,
      'AwsSolutions-RDS11',
      'A port that hides nothing; the network is closed but to the fleets.',
    );
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(5432) });

    this.secretArn = keptPasswordOf(this.instance).secretArn;
    for (const role of this.instance.node.findAll().filter((part) => part instanceof iam.Role)) {
      role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
    if (published) {
      new PublishedParameters(this, 'Published', {
        environment,
        topic,
        values: {
          endpoint: this.instance.dbInstanceEndpointAddress,
          port: this.instance.dbInstanceEndpointPort,
          secret: this.secretArn,
        },
      });
    }
  }
}

/** Enhanced monitoring, of writers and replicas. */
export const MONITORING_POLICY =
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]';
export const MONITORING_REASON = 'The policy that AWS writes for its own monitoring agent.';

/** RDS names classes `db.<instance type>`. */
export function instanceTypeOf(databaseClass: string): ec2.InstanceType {
  return new ec2.InstanceType(databaseClass.replace(/^db\./, ''));
}
