import { ArnFormat, CfnOutput, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allow } from '../../policies/allow';
import { PublishedParameters } from '../parameters/published-parameters';
import { KeptTable } from '../tables/kept-table';
import type { ShardedStore } from './sharded-store';

export interface ClustersStoreProps {
  readonly environment: string;
  readonly vpc: ec2.IVpc;
}

/**
 * What the Aurora clusters of an environment have in common: the shard map, and one way in. All clusters stand in one
 * security group, and their stacks bear one prefix, by which a single statement opens their secrets: the first cluster
 * and the 256th cost a fleet the same two rules.
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
      values: { engine: 'clusters', 'map-table': this.map.table.tableName, user: userOf(environment) },
    });
  }

  letUse(role: iam.Role): void {
    const stack = Stack.of(role);
    allow(role, { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [this.map.table.tableArn] });
    // Assumed until seen in an account: that RDS puts this tag on the secrets that it manages for a cluster. Without it
    // nodes are refused here, and have to log in by IAM.
    allow(role, {
      actions: ['secretsmanager:GetSecretValue'],
      resources: [
        stack.formatArn({
          service: 'secretsmanager',
          resource: 'secret',
          resourceName: 'rds!cluster-*',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      conditions: {
        StringLike: {
          'secretsmanager:ResourceTag/aws:rds:primaryDBClusterArn': stack.formatArn({
            service: 'rds',
            resource: 'cluster',
            // CloudFormation names a cluster <stack>-<logical id>-<random>.
            resourceName: `${this.environment}-shards-*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
      wildcardsBecause: 'RDS makes up the names of secrets; its own tag says which are of the sharded clusters.',
    });
    allow(role, {
      actions: ['rds-db:connect'],
      resources: [
        stack.formatArn({
          service: 'rds-db',
          resource: 'dbuser',
          resourceName: `cluster-*/${userOf(this.environment)}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      wildcardsBecause:
        'RDS makes up the ids of clusters; the user bears the name of the environment and is on no other.',
    });
  }
}

/** The database role that nodes may log in as with an IAM token, once it was made and granted `rds_iam`. */
function userOf(environment: string): string {
  return `beamstalk_${environment.replaceAll('-', '_')}`;
}
