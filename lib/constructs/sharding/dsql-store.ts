import { RemovalPolicy } from 'aws-cdk-lib';
import * as dsql from 'aws-cdk-lib/aws-dsql';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allow } from '../../policies/allow';
import { SUBNETS } from '../network/environment-network';
import { PublishedParameters } from '../parameters/published-parameters';
import type { ShardedStore } from './sharded-store';

export interface DsqlStoreProps {
  readonly environment: string;
  readonly vpc: ec2.IVpc;
}

/**
 * Aurora DSQL: one endpoint, no capacity to choose, no password. Nodes log in with a token that their role signs, as a
 * database role that the administrator has mapped to it (`AWS IAM GRANT`). Encrypted with AWS's key. It makes no
 * backups of its own: those are of AWS Backup, by the plan of phase 4.
 */
export class DsqlStore extends Construct implements ShardedStore {
  readonly connections: ec2.Connections;
  readonly backedUp: readonly string[];
  private readonly cluster: dsql.CfnCluster;

  constructor(scope: Construct, id: string, { environment, vpc }: DsqlStoreProps) {
    super(scope, id);
    this.cluster = new dsql.CfnCluster(this, 'Cluster', { deletionProtectionEnabled: true });
    this.cluster.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.backedUp = [this.cluster.attrResourceArn];

    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Private way to the sharded database: each fleet that may connect adds its own rule',
      allowAllOutbound: false,
    });
    // The cluster names the PrivateLink service that leads to it.
    // Source: https://docs.aws.amazon.com/aurora-dsql/latest/userguide/privatelink-managing-clusters.html (2026-11-21)
    new ec2.InterfaceVpcEndpoint(this, 'Endpoint', {
      vpc,
      service: new ec2.InterfaceVpcEndpointService(this.cluster.attrVpcEndpointServiceName, 5432),
      subnets: SUBNETS.data,
      securityGroups: [securityGroup],
      privateDnsEnabled: true,
      open: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(5432) });
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'shards',
      // DSQL has this one database.
      values: { engine: 'dsql', endpoint: this.cluster.attrVpcEndpoint, database: 'postgres' },
    });
  }

  letUse(role: iam.Role): void {
    allow(role, { actions: ['dsql:DbConnect'], resources: [this.cluster.attrResourceArn] });
  }
}
