import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { projectPath } from '../../facts/project-path';
import { allow } from '../../policies/allow';
import { SUBNETS } from '../network/environment-network';

export interface CredentialsFunctionProps {
  readonly environment: string;
  readonly vpc: ec2.IVpc;
  readonly logDays: number;
}

/** Handing over the tables of a database, one by one, each when nobody uses it. */
const TIMEOUT = Duration.minutes(10);

/** For how long a rotation looks for sessions of a user before it changes the password. */
const WATCH = Duration.seconds(30);

/**
 * Pools come back within seconds of a failover; a rotation that finds no session of a user sooner than this after the
 * server's start waits, because it says nothing yet.
 */
const SETTLED = Duration.minutes(15);

/**
 * Makes the roles of databases and rotates their passwords (lambda/database-credentials). It stands in the network with
 * the databases, and reaches Secrets Manager whatever `network.egress` says: over IPv6 by the egress-only gateway, by
 * NAT, or by an interface endpoint; and CloudFormation's answer box by the gateway endpoint of S3.
 */
export class CredentialsFunction extends Construct implements ec2.IConnectable {
  readonly connections: ec2.Connections;
  readonly role: iam.Role;
  readonly handler: lambda.Function;

  constructor(scope: Construct, id: string, { environment, vpc, logDays }: CredentialsFunctionProps) {
    super(scope, id);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Makes database roles and rotates their passwords',
      allowAllOutbound: false,
    });
    for (const everywhere of [ec2.Peer.anyIpv4(), ec2.Peer.anyIpv6()]) {
      securityGroup.addEgressRule(
        everywhere,
        ec2.Port.tcp(443),
        'Secrets Manager and the answer box of CloudFormation',
      );
    }
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });

    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    logGroup.grantWrite(this.role);
    letStandInNetwork(this.role);
    this.handler = new lambda.Function(this, 'Handler', {
      description: `Makes and rotates how releases of ${environment} log in to databases`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(projectPath('.build', 'lambda', 'database-credentials')),
      memorySize: 256,
      timeout: TIMEOUT,
      environment: {
        WATCH_SECONDS: String(WATCH.toSeconds()),
        SETTLED_SECONDS: String(SETTLED.toSeconds()),
        // With the authorities of RDS, which the runtime brings and does not load by itself.
        // Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html (2026-11-29)
        NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
      },
      vpc,
      vpcSubnets: SUBNETS.app,
      ipv6AllowedForDualStack: true,
      securityGroups: [securityGroup],
      role: this.role,
      logGroup,
    });
  }
}

const INTERFACES = ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'];
const IN_SUBNETS = ['ec2:DescribeSubnets', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'];

/**
 * Lambda makes the function's network interfaces in the name of its role; the function itself may not.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html (2026-11-29)
 */
function letStandInNetwork(role: iam.Role): void {
  const actions = [...INTERFACES, ...IN_SUBNETS];
  allow(role, {
    actions,
    resources: ['*'],
    wildcardsBecause:
      'Lambda refuses a role that may do this to some interfaces only; the function is denied all of it.',
  });
  role.addToPolicy(
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions,
      resources: ['*'],
      // Only calls of the function's own code bear it.
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  );
}
