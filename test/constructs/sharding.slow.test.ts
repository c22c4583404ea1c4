import type { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from 'vitest';
import { letUseShards } from '../../lib/constructs/compute/data-access';
import { ClustersStore } from '../../lib/constructs/sharding/clusters-store';
import { DsqlStore } from '../../lib/constructs/sharding/dsql-store';
import { LimitlessStore } from '../../lib/constructs/sharding/limitless-store';
import type { ShardedStore } from '../../lib/constructs/sharding/sharded-store';
import { type CloudFormationTemplate, synthesise } from '../cdk-context';
import {
  all,
  allowing,
  appFleet,
  network,
  one,
  openings,
  permissions,
  singleStack,
  subnetIds,
  templateOf,
  textOf,
} from './single-stack';

const ENVIRONMENT = 'dev';

/** A store, with a fleet that uses it. */
function used(make: (stack: Stack, vpc: ec2.IVpc) => ShardedStore): CloudFormationTemplate {
  const stack = singleStack();
  const vpc = network(stack);
  letUseShards(appFleet(stack, vpc), make(stack, vpc));
  return templateOf(stack);
}

const parametersOf = (template: CloudFormationTemplate): Record<string, unknown> =>
  Object.fromEntries(
    all(template, 'AWS::SSM::Parameter').map(({ properties }) => [properties['Name'], properties['Value']]),
  );

describe('Aurora clusters', () => {
  // Two syntheses for all: one takes longer than the tests.
  const shards = (clusters = 2) =>
    synthesise('staging', 6, {
      'data.sharding.engine': 'clusters',
      'data.sharding.clusters': clusters,
      'data.sharding.readers': 2,
      'data.sharding.backupDays': 12,
    });
  const part = (number: number, clusters = 2): CloudFormationTemplate => {
    const template = shards(clusters)[`staging-shards-${number}`];
    if (template === undefined) throw new Error(`there is no stack with the number ${number}`);
    return template;
  };

  test('one that is there stays what it is and where it is, however many are added', () => {
    const few = part(0).Resources;
    const many = part(0, 256).Resources;
    expect(Object.keys(many).length).toBeGreaterThan(Object.keys(few).length);
    for (const [id, resource] of Object.entries(few)) expect(many[id]).toEqual(resource);
  });

  test('the last of 256 is in the sixteenth stack, and each is in one', () => {
    const templates = shards(256);
    const numbers = Object.entries(templates)
      .filter(([name]) => /-shards-\d+$/.test(name))
      .map(([name, template]) => [name, Object.keys((template['Outputs'] ?? {}) as object)] as const);
    expect(numbers).toHaveLength(16);
    expect(new Set(numbers.flatMap(([, outputs]) => outputs)).size).toBe(256);
    expect(numbers.find(([name]) => name === 'staging-shards-15')?.[1]).toContain('Shard255');
  });

  test('a fleet that uses 256 has the rules and the permissions of one that uses two', () => {
    const size = (clusters: number): unknown => {
      const app = shards(clusters)['staging-app'];
      return app && { rules: openings(app), permissions: permissions(app) };
    };
    expect(size(256)).toEqual(size(2));
  });

  test('the app depends on the shards, and never the other way', () => {
    const { 'staging-app': app, 'staging-shards': ground, 'staging-shards-0': clusters } = shards();
    expect(textOf(app)).toContain('"StackName":"staging-shards"');
    for (const template of [ground, clusters]) {
      expect(textOf(template)).not.toMatch(/"StackName":"staging-(app|async)"/);
    }
  });

  test('each is encrypted, protected, kept, backed up, and hidden in the isolated subnets', () => {
    const template = part(0);
    const clusters = all(template, 'AWS::RDS::DBCluster');
    expect(clusters).toHaveLength(2);
    for (const { properties, resource } of clusters) {
      expect(properties).toMatchObject({
        StorageEncrypted: true,
        DeletionProtection: true,
        BackupRetentionPeriod: 12,
        EnableIAMDatabaseAuthentication: true,
      });
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
    for (const { properties } of all(template, 'AWS::RDS::DBInstance')) {
      expect(properties['PubliclyAccessible']).toBe(false);
    }
    expect(one(template, 'AWS::RDS::DBClusterParameterGroup').properties['Parameters']).toMatchObject({
      'rds.force_ssl': '1',
      'rds.logical_replication': '1',
    });
  });

  test('no password is in a template, nor a reference to one, of which a template may have sixty', () => {
    const template = part(0, 256);
    expect(textOf(template)).not.toContain('{{resolve:');
    for (const { properties } of all(template, 'AWS::RDS::DBCluster')) {
      expect(properties['ManageMasterUserPassword']).toBe(true);
    }
  });

  test('a reader goes with the configured number, the writer stays with its rows', () => {
    const instances = all(part(0), 'AWS::RDS::DBInstance').filter(({ id }) => id.startsWith('ShardsCluster0'));
    expect(instances.map(({ id, resource }) => [/Writer|Reader\d/.exec(id)?.[0], resource.DeletionPolicy])).toEqual([
      ['Reader1', 'Delete'],
      ['Reader2', 'Delete'],
      ['Writer', 'Retain'],
    ]);
  });

  test('the command line finds each by its number', () => {
    const { Shard1: output } = part(0)['Outputs'] as Record<string, { Value: { 'Fn::Join': [string, unknown[]] } }>;
    const [, parts = []] = output?.Value['Fn::Join'] ?? [];
    const text = parts.map((piece) => (typeof piece === 'string' ? piece : textOf(piece).replaceAll('"', ''))).join('');
    const cluster = `${one(part(0), 'AWS::RDS::DBCluster', 'ShardsCluster1').id}`;
    expect(JSON.parse(text)).toEqual({
      cluster: 1,
      endpoint: `{Fn::GetAtt:[${cluster},Endpoint.Address]}`,
      readerEndpoint: `{Fn::GetAtt:[${cluster},ReadEndpoint.Address]}`,
      port: 5432,
      database: 'shard',
      secret: `{Fn::GetAtt:[${cluster},MasterUserSecret.SecretArn]}`,
    });
  });

  describe('what they share', () => {
    const template = used((stack, vpc) => new ClustersStore(stack, 'Clusters', { environment: ENVIRONMENT, vpc }));

    test('the shard map is recoverable, protected and kept, and forgets its log alone', () => {
      const { properties, resource } = one(template, 'AWS::DynamoDB::GlobalTable');
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      });
    });

    test('nodes read the map and write nothing into it', () => {
      const ofTable = permissions(template).filter(({ Resource }) =>
        textOf(Resource ?? '').includes('ClustersMapTable'),
      );
      expect(ofTable.flatMap(({ Action }) => Action).sort()).toEqual(['dynamodb:GetItem', 'dynamodb:Query']);
    });

    test('nodes open no secret of the clusters, whose administrators RDS manages', () => {
      expect(allowing(permissions(template), 'secretsmanager:GetSecretValue')).toEqual([]);
    });

    test('nodes log in as the role of this environment', () => {
      const [statement] = allowing(permissions(template), 'rds-db:connect');
      expect(textOf(statement?.Resource)).toContain(':dbuser:cluster-*/beamstalk_dev"');
    });

    test('the clusters reach each other, for rows that move, and the fleet reaches them', () => {
      expect(openings(template).filter((rule) => rule.includes('Clusters'))).toEqual([
        expect.stringMatching(/^Clusters\w+ -> Clusters\w+ tcp 5432$/),
        expect.stringMatching(/^Nodes\w+ -> Clusters\w+ tcp 5432$/),
      ]);
    });

    test('nodes learn the engine, the map and the role', () => {
      expect(parametersOf(template)).toEqual({
        '/beamstalk/dev/shards/engine': 'clusters',
        '/beamstalk/dev/shards/map-table': { Ref: one(template, 'AWS::DynamoDB::GlobalTable').id },
        '/beamstalk/dev/shards/user': 'beamstalk_dev',
      });
    });
  });
});

describe('Aurora Limitless', () => {
  const template = used(
    (stack, vpc) =>
      new LimitlessStore(stack, 'Limitless', {
        environment: ENVIRONMENT,
        plan: { engine: 'limitless', maxCapacity: 96, backupDays: 9 },
        vpc,
      }),
  );
  const cluster = one(template, 'AWS::RDS::DBCluster');
  const group = one(template, 'AWS::RDS::DBShardGroup');

  test('has what AWS asks of such a cluster', () => {
    expect(cluster.properties).toMatchObject({
      ClusterScalabilityType: 'limitless',
      StorageType: 'aurora-iopt1',
      EngineVersion: expect.stringMatching(/-limitless$/),
      EnableCloudwatchLogsExports: ['postgresql'],
      PerformanceInsightsEnabled: true,
    });
    expect(cluster.properties['PerformanceInsightsRetentionPeriod']).toBeGreaterThanOrEqual(31);
    expect(cluster.properties['MonitoringInterval']).toBeGreaterThan(0);
    expect(all(template, 'AWS::RDS::DBInstance')).toEqual([]);
    expect(group.properties).toMatchObject({ MinACU: 16, MaxACU: 96, PubliclyAccessible: false });
  });

  test('is encrypted, protected, kept and backed up, and so are its shards and its password', () => {
    expect(cluster.properties).toMatchObject({
      StorageEncrypted: true,
      DeletionProtection: true,
      BackupRetentionPeriod: 9,
    });
    for (const { resource } of [cluster, group, one(template, 'AWS::SecretsManager::Secret')]) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });

  test('nodes learn its one name, and cannot log in as its administrator', () => {
    expect(parametersOf(template)).toMatchObject({
      '/beamstalk/dev/shards/engine': 'limitless',
      '/beamstalk/dev/shards/endpoint': { 'Fn::GetAtt': [group.id, 'Endpoint'] },
    });
    expect(openings(template)).toContainEqual(expect.stringMatching(/^Nodes\w+ -> Limitless\w+ tcp 5432$/));
    expect(allowing(permissions(template), 'secretsmanager:GetSecretValue')).toEqual([]);
  });
});

describe('Aurora DSQL', () => {
  const template = used((stack, vpc) => new DsqlStore(stack, 'Dsql', { environment: ENVIRONMENT, vpc }));
  const cluster = one(template, 'AWS::DSQL::Cluster');

  test('is protected and kept', () => {
    expect(cluster.properties['DeletionProtectionEnabled']).toBe(true);
    expect(cluster.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('is reached inside the network, by the name that its own endpoint answers to', () => {
    expect(one(template, 'AWS::EC2::VPCEndpoint').properties).toMatchObject({
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: true,
      ServiceName: { 'Fn::GetAtt': [cluster.id, 'VpcEndpointServiceName'] },
      SubnetIds: subnetIds('data'),
    });
    expect(parametersOf(template)).toMatchObject({
      '/beamstalk/dev/shards/engine': 'dsql',
      '/beamstalk/dev/shards/endpoint': { 'Fn::GetAtt': [cluster.id, 'VpcEndpoint'] },
    });
    expect(openings(template)).toContainEqual(expect.stringMatching(/^Nodes\w+ -> Dsql\w+ tcp 5432$/));
  });

  test('nodes log in to this cluster, and not as its administrator', () => {
    const [statement] = allowing(permissions(template), 'dsql:DbConnect');
    expect(statement).toMatchObject({ Resource: { 'Fn::GetAtt': [cluster.id, 'ResourceArn'] } });
    expect(textOf(permissions(template))).not.toContain('DbConnectAdmin');
  });
});

test('without an engine there is no stack for shards', () => {
  const stacks = Object.keys(synthesise('staging', 6, { 'data.sharding.engine': 'none' }));
  expect(stacks.filter((name) => name.includes('shards'))).toEqual([]);
});
