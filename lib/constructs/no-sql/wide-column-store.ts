import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cassandra from 'aws-cdk-lib/aws-cassandra';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allow } from '../../policies/allow';
import { keepCallersInAccount } from '../network/endpoint-policies';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';

/** The one port of Keyspaces, which speaks TLS. */
const PORT = 9142;

export interface WideColumnStoreProps {
  readonly environment: string;
  readonly vpc: ec2.IVpc;
}

/**
 * A keyspace of Amazon Keyspaces, reached without leaving the network. Its tables are the release's own: it makes them,
 * with point-in-time recovery, when it migrates its schema (docs/runbooks.md).
 */
export class WideColumnStore extends Construct implements ec2.IConnectable {
  readonly connections: ec2.Connections;
  private readonly keyspace: string;

  constructor(scope: Construct, id: string, { environment, vpc }: WideColumnStoreProps) {
    super(scope, id);
    const keyspace = new cassandra.CfnKeyspace(this, 'Keyspace');
    keyspace.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.keyspace = keyspace.ref;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Way to Keyspaces: each fleet that may connect adds its own rule',
      allowAllOutbound: false,
    });
    const endpoint = new ec2.InterfaceVpcEndpoint(this, 'Endpoint', {
      vpc,
      service: ec2.InterfaceVpcEndpointAwsService.KEYSPACES,
      subnets: SUBNETS.app,
      securityGroups: [securityGroup],
      open: false,
    });
    keepCallersInAccount(endpoint, 'cassandra');
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(PORT) });
    const { region, urlSuffix } = Stack.of(this);
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'wide-columns',
      values: { endpoint: `cassandra.${region}.${urlSuffix}`, port: String(PORT), keyspace: this.keyspace },
    });
  }

  /** Gives a role the keyspace. Called by the side of the fleet. */
  letUse(role: iam.Role): void {
    const arn = (path: string): string =>
      Stack.of(this).formatArn({
        service: 'cassandra',
        resource: `/keyspace/${path}`,
        arnFormat: ArnFormat.NO_RESOURCE_NAME,
      });
    allow(role, {
      actions: ['cassandra:Select', 'cassandra:Modify', 'cassandra:Create', 'cassandra:Alter'],
      resources: [arn(`${this.keyspace}/*`)],
      wildcardsBecause: 'Which tables there are is the business of the release; the keyspace is named.',
    });
    // Drivers read what the keyspace and its endpoints are.
    // Source: https://docs.aws.amazon.com/keyspaces/latest/devguide/vpc-endpoints.html (2026-11-21)
    allow(role, {
      actions: ['cassandra:Select'],
      resources: [arn('system*')],
      wildcardsBecause: 'The system keyspaces, which hold no rows of anybody.',
    });
    allow(role, {
      actions: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeVpcEndpoints'],
      resources: ['*'],
      wildcardsBecause: 'Keyspaces lists its endpoints in the name of who asks; describing knows no resources.',
    });
  }
}
