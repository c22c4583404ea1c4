import { RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { FunctionPlan } from '../../architecture/extreme';
import { acknowledge } from '../../policies/acknowledge';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';
import { MONITORING_POLICY, MONITORING_REASON, Postgres } from './postgres';
import { Readers } from './readers';
import { sourceParameters } from './source-parameters';

export interface FederationProps {
  readonly environment: string;
  readonly functions: readonly FunctionPlan[];
  readonly vpc: ec2.IVpc;
}

/** The database of one function. */
export interface FunctionDatabase {
  readonly plan: FunctionPlan;
  readonly database: Postgres;
}

/**
 * A database for each function, with its own size, replicas and credentials. What none of them needs for itself they
 * share: an account has 50 subnet groups, and a template 500 resources.
 */
export class Federation extends Construct {
  readonly databases: readonly FunctionDatabase[];

  constructor(scope: Construct, id: string, { environment, functions, vpc }: FederationProps) {
    super(scope, id);
    const subnetGroup = new rds.SubnetGroup(this, 'Subnets', {
      description: `Databases by function of ${environment}`,
      vpc,
      vpcSubnets: SUBNETS.data,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const monitoringRole = new iam.Role(this, 'Monitoring', {
      assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com'),
      description: `What the monitoring agent of the databases by function of ${environment} may do`,
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole')],
    });
    monitoringRole.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledge(monitoringRole, MONITORING_POLICY, MONITORING_REASON);
    // Not the zone of the single database's readers: two zones of one name cannot be in one network, and while a climb
    // expands both stand. Of two zones where one ends in the other, the longer name answers.
    // Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    const zone = new route53.PrivateHostedZone(this, 'Zone', {
      vpc,
      zoneName: `functions.${environment}.beamstalk.internal`,
    });

    this.databases = functions.map((plan) => {
      const own = new Construct(this, plan.function);
      const topic = `database/${plan.function}`;
      const database = new Postgres(own, 'Writer', {
        environment,
        topic,
        plan,
        vpc,
        parameters: sourceParameters(plan.feedsWarehouse),
        subnetGroup,
        monitoringRole,
      });
      new PublishedParameters(own, 'Name', { environment, topic, values: { name: plan.name } });
      if (plan.readers) {
        new Readers(own, 'Readers', {
          environment,
          topic,
          plan: plan.readers,
          vpc,
          writer: database,
          name: { zone, record: `reader.${plan.function}` },
          subnetGroup,
          monitoringRole,
        });
      }
      return { plan, database };
    });
  }
}
