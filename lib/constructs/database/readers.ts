import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { ReadersPlan } from '../../architecture/architecture';
import { acknowledge } from '../../policies/acknowledge';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';
import { instanceTypeOf, MONITORING_POLICY, MONITORING_REASON, type Postgres } from './postgres';

export interface ReadersProps {
  readonly environment: string;
  /** Below which their name is published: `database`, or `database/<function>`. */
  readonly topic?: string;
  /** True when nodes are told their name. */
  readonly published?: boolean;
  readonly plan: ReadersPlan;
  readonly vpc: ec2.IVpc;
  readonly writer: Postgres;
  /** Zone and record of their name, shared by several databases. Left out, they have a zone of their own. */
  readonly name?: { readonly zone: route53.IPrivateHostedZone; readonly record: string };
  /** Subnet group that several databases share; one for each replica unless given. */
  readonly subnetGroup?: rds.ISubnetGroup;
  readonly monitoringRole?: iam.IRole;
}

/**
 * Read replicas behind one private name that follows their number: each replica has an equal share of its answers,
 * and without any the name is the writer's. The certificate of a replica bears its own name, not this one: clients
 * check it against the authority (`verify-ca`).
 */
export class Readers extends Construct {
  readonly replicas: readonly rds.DatabaseInstanceReadReplica[];

  constructor(scope: Construct, id: string, props: ReadersProps) {
    super(scope, id);
    const { environment, topic = 'database', plan, vpc, writer, published = true } = props;
    const { zone, record } = props.name ?? {
      zone: new route53.PrivateHostedZone(this, 'Zone', { vpc, zoneName: `${environment}.beamstalk.internal` }),
      record: 'reader.database',
    };
    const name = `${record}.${zone.zoneName}`;
    const answer = { zone, recordName: name, ttl: Duration.seconds(5) };

    const replicas: rds.DatabaseInstanceReadReplica[] = [];
    for (let number = 1; number <= plan.count; number++) {
      const replica = new rds.DatabaseInstanceReadReplica(this, `Replica${number}`, {
        sourceDatabaseInstance: writer.instance,
        instanceType: instanceTypeOf(plan.class),
        vpc,
        vpcSubnets: SUBNETS.data,
        ...(props.subnetGroup && { subnetGroup: props.subnetGroup }),
        securityGroups: writer.connections.securityGroups,
        parameterGroup: writer.parameterGroup,
        storageType: rds.StorageType.GP3,
        autoMinorVersionUpgrade: false,
        iamAuthentication: true,
        copyTagsToSnapshot: true,
        caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
        monitoringInterval: Duration.seconds(60),
        ...(props.monitoringRole && { monitoringRole: props.monitoringRole }),
        enablePerformanceInsights: true,
        cloudwatchLogsExports: ['postgresql', 'upgrade'],
        // A replica holds nothing that its writer does not: it comes and goes with the configured number.
        deletionProtection: false,
        removalPolicy: RemovalPolicy.DESTROY,
      });
      // The constructs library leaves it out (aws/aws-cdk#26755). RDS makes a replica with the writer's version, and
      // CloudFormation sets this one after that; taking an update back, it leaves the version as it is.
      // Source: aws-cloudformation/aws-cloudformation-resource-providers-rds, Translator.java (read 2026-11-29).
      (replica.node.defaultChild as rds.CfnDBInstance).engineVersion = plan.engineVersion;
      replicas.push(replica);
      acknowledge(replica, MONITORING_POLICY, MONITORING_REASON);
      acknowledge(
        replica,
        'AwsSolutions-RDS2',
        'A replica is encrypted as its writer is; CloudFormation refuses the property here.',
      );
      acknowledge(
        replica,
        'AwsSolutions-RDS3',
        'The other replicas stand by for it, and the writer when there is none.',
      );
      acknowledge(
        replica,
        'AwsSolutions-RDS10',
        'A replica comes and goes with the configured number; its writer is protected.',
      );
      acknowledge(replica, 'AwsSolutions-RDS11', 'A port that hides nothing; the network is closed but to the fleets.');
      new route53.CnameRecord(this, `Name${number}`, {
        ...answer,
        domainName: replica.dbInstanceEndpointAddress,
        weight: 1,
        setIdentifier: `replica-${number}`,
      });
    }
    this.replicas = replicas;
    if (plan.count === 0) {
      new route53.CnameRecord(this, 'NameOfWriter', {
        ...answer,
        domainName: writer.instance.dbInstanceEndpointAddress,
        weight: 1,
        setIdentifier: 'writer',
      });
    }
    if (published) {
      new PublishedParameters(this, 'Published', { environment, topic, values: { 'reader-endpoint': name } });
    }
  }
}
