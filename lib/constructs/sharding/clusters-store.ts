import { ArnFormat, CfnOutput, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allow } from '../../policies/allow';
import { PublishedParameters } from '../parameters/published-parameters';
import { KeptTable } from '../tables/kept-table';
import type { ShardedStore } from './sharded-store';
import { tokenUserOf } from './token-user';

export interface ClustersStoreProps {
  readonly environment: string;
  readonly vpc: ec2.IVpc;
}

/**
 * Common parts of the Aurora clusters of an environment: the shard map, and one way in. All clusters stand in one
 * security group, and nodes log in to all of them as one user, by a token: the first cluster and the 256th cost a fleet the
 * same two rules.
 *
 * The map is state, not configuration: `beamstalk shards` writes it, and no deployment does.
 */
export class ClustersStore extends Construct implements ShardedStore {
  readonly connections: ec2.Connections;
  readonly securityGroup: ec2.SecurityGroup;
  readonly backedUp: readonly string[];
  private readonly map: KeptTable;
  private readonly environment: string;

  constructor(scope: Construct, id: string, { environment, vpc }: ClustersStoreProps) {
    super(scope, id);
    this.environment = environment;
    this.securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Sharded databases: each fleet that may connect adds its own rule',
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [this.securityGroup], defaultPort: ec2.Port.tcp(5432) });
    // Moving a logical shard copies rows from one cluster to another.
    this.connections.allowInternally(ec2.Port.tcp(5432), 'Clusters to each other, to move logical shards');
    this.securityGroup.addEgressRule(this.securityGroup, ec2.Port.tcp(5432), 'Clusters to each other');
    this.map = new KeptTable(this, 'Map', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      // The log of changes forgets; records and clusters have no such attribute.
      timeToLiveAttribute: 'expires',
    });
    this.backedUp = [this.map.table.tableArn];
    new CfnOutput(this, 'MapTable', {
      description: 'Table of the shard map, for beamstalk shards',
      value: this.map.table.tableName,
    }).overrideLogicalId('ShardMapTable');
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'shards',
      values: { engine: 'clusters', 'map-table': this.map.table.tableName, user: tokenUserOf(environment) },
    });
  }

  letUse(role: iam.Role): void {
    const stack = Stack.of(role);
    allow(role, { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [this.map.table.tableArn] });
    allow(role, {
      actions: ['rds-db:connect'],
      resources: [
        stack.formatArn({
          service: 'rds-db',
          resource: 'dbuser',
          resourceName: `cluster-*/${tokenUserOf(this.environment)}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      wildcardsBecause:
        'RDS makes up the ids of clusters; the user bears the name of the environment and is on no other.',
    });
  }
}
