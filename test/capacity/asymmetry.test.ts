import { describe, expect, test } from 'vitest';
import { type Asymmetry, asymmetriesOf, newAsymmetries } from '../../lib/capacity/asymmetry/asymmetries';
import type { Template, TemplateResource, Templates } from '../../lib/template/template';

type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties?: TemplateResource['Properties'] }>
>;

const stack = (Resources: Resources, more: Readonly<Record<string, unknown>> = {}): Template => ({
  Resources,
  ...more,
});

const group = (...from: string[]) => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: { SecurityGroupIngress: from.map((id) => ({ SourceSecurityGroupId: { Ref: id }, IpProtocol: 'tcp' })) },
});

const fleet = (max: number, data: Readonly<Record<string, unknown>> = {}): Resources => ({
  Nodes: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: { MaxSize: String(max), LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' } } },
  },
  Launch: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: { LaunchTemplateData: { SecurityGroupIds: [{ Ref: 'NodesGroup' }], ...data } },
  },
  NodesGroup: group(),
});

const database = (properties: Readonly<Record<string, unknown>> = {}): Resources => ({
  Database: {
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.medium',
      VPCSecurityGroups: [{ 'Fn::GetAtt': ['DatabaseGroup', 'GroupId'] }],
      ...properties,
    },
  },
  DatabaseGroup: group('NodesGroup'),
});

const found = (templates: Templates): Pick<Asymmetry, 'kind' | 'wanted' | 'most'>[] =>
  asymmetriesOf(templates).map(({ kind, wanted, most }) => ({ kind, wanted, most }));

describe('a fleet against a database', () => {
  // 4 GiB x 0.88 / 9,531,392 less five.
  const MOST = 396 - 5;

  test('more nodes than its connections reach is found', () => {
    expect(found({ one: stack({ ...fleet(40), ...database() }) })).toEqual([
      { kind: 'database connections', wanted: 400, most: MOST },
    ]);
  });

  test('as many as it takes is well', () => {
    expect(found({ one: stack({ ...fleet(39), ...database() }) })).toEqual([]);
  });

  test.each([
    ['user data', { UserData: { 'Fn::Base64': 'export POOL_SIZE=100\n./start' } }, 4],
    ['joined user data', { UserData: { 'Fn::Base64': { 'Fn::Join': ['', ['DB_POOL_SIZE="', '50"\n']] } } }, 8],
  ])('the pool that %s says counts', (_, data, max) => {
    const [one] = asymmetriesOf({ one: stack({ ...fleet(max, data), ...database() }) });
    expect(one?.wanted).toBe(400);
  });

  test('across stacks, by an export', () => {
    const data = stack(
      { ...database(), DatabaseGroup: group() },
      { Outputs: { Group: { Value: { Ref: 'DatabaseGroup' }, Export: { Name: 'data:group' } } } },
    );
    const app = stack({
      ...fleet(100),
      Way: {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: { GroupId: { 'Fn::ImportValue': 'data:group' }, SourceSecurityGroupId: { Ref: 'NodesGroup' } },
      },
    });
    expect(found({ data, app })).toEqual([{ kind: 'database connections', wanted: 1000, most: MOST }]);
  });

  test('who may not enter is not counted', () => {
    expect(found({ one: stack({ ...fleet(100), ...database(), DatabaseGroup: group() }) })).toEqual([]);
  });

  test('max_connections of a parameter group counts before memory', () => {
    const parameters = { Type: 'AWS::RDS::DBParameterGroup', Properties: { Parameters: { max_connections: '50' } } };
    const resources = {
      ...fleet(6),
      ...database({ DBParameterGroupName: { Ref: 'Parameters' } }),
      Parameters: parameters,
    };
    expect(found({ one: stack(resources) })).toEqual([{ kind: 'database connections', wanted: 60, most: 50 }]);
  });

  test('MySQL has its own rule, and an engine without one is left alone', () => {
    // 4 GiB x 0.88 / 12,582,880.
    expect(found({ one: stack({ ...fleet(40), ...database({ Engine: 'mysql' }) }) })[0]?.most).toBe(300);
    expect(found({ one: stack({ ...fleet(400), ...database({ Engine: 'oracle-ee' }) }) })).toEqual([]);
  });

  test('replicas of one database count together', () => {
    const replica = {
      ...database({ SourceDBInstanceIdentifier: { Ref: 'Database' } })['Database'],
      Type: 'AWS::RDS::DBInstance',
    };
    const resources = { ...fleet(70), ...database(), One: replica, Two: replica };
    // The writer gives way, and two replicas together do not.
    expect(asymmetriesOf({ one: stack(resources) }).map(({ provider }) => provider.id)).toEqual(['Database']);
  });

  test('Aurora Serverless that may pause takes 2,000', () => {
    const resources = {
      ...fleet(201),
      Cluster: {
        Type: 'AWS::RDS::DBCluster',
        Properties: {
          Engine: 'aurora-postgresql',
          VpcSecurityGroupIds: [{ Ref: 'DatabaseGroup' }],
          ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 64 },
        },
      },
      Writer: {
        Type: 'AWS::RDS::DBInstance',
        Properties: { DBClusterIdentifier: { Ref: 'Cluster' }, DBInstanceClass: 'db.serverless' },
      },
      DatabaseGroup: group('NodesGroup'),
    };
    expect(found({ one: stack(resources) })).toEqual([{ kind: 'database connections', wanted: 2010, most: 2000 }]);
  });
});

describe('a service of containers', () => {
  test('by its scalable target, and the pool of its task', () => {
    const resources: Resources = {
      ...database(),
      NodesGroup: group(),
      Service: {
        Type: 'AWS::ECS::Service',
        Properties: {
          DesiredCount: 2,
          TaskDefinition: { Ref: 'Task' },
          NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups: [{ Ref: 'NodesGroup' }], Subnets: [] } },
        },
      },
      Task: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: { ContainerDefinitions: [{ Environment: [{ Name: 'POOL_SIZE', Value: '20' }] }] },
      },
      Target: {
        Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
        Properties: {
          MaxCapacity: 20,
          ResourceId: {
            'Fn::Join': ['', ['service/', { Ref: 'Cluster' }, '/', { 'Fn::GetAtt': ['Service', 'Name'] }]],
          },
        },
      },
    };
    expect(found({ one: stack(resources) })).toEqual([{ kind: 'database connections', wanted: 400, most: 391 }]);
  });
});

describe('functions', () => {
  const lambda = (properties: Readonly<Record<string, unknown>> = {}): Resources => ({
    ...database(),
    NodesGroup: group(),
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: { VpcConfig: { SecurityGroupIds: [{ Ref: 'NodesGroup' }] }, ...properties },
    },
  });
  const permission = (Principal: string) => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { Principal, FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } },
  });
  const mapping = (properties: Readonly<Record<string, unknown>> = {}) => ({
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: 'Function' },
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      ...properties,
    },
  });

  test('one that users call has the concurrency of the account', () => {
    const resources = { ...lambda(), Call: permission('apigateway.amazonaws.com') };
    expect(found({ one: stack(resources) })).toEqual([{ kind: 'database connections', wanted: 1000, most: 391 }]);
  });

  test('one that a clock calls runs once', () => {
    expect(found({ one: stack({ ...lambda(), Call: permission('events.amazonaws.com') }) })).toEqual([]);
  });

  test('reserved concurrency bounds it', () => {
    const resources = {
      ...lambda({ ReservedConcurrentExecutions: 100 }),
      Call: permission('apigateway.amazonaws.com'),
    };
    expect(found({ one: stack(resources) })).toEqual([]);
  });

  test('so does the concurrency of its queue', () => {
    const bounded = { ...lambda(), Poll: mapping({ ScalingConfig: { MaximumConcurrency: 100 } }) };
    expect(found({ one: stack(bounded) })).toEqual([]);
    expect(found({ one: stack({ ...lambda(), Poll: mapping() }) })[0]?.wanted).toBe(1000);
  });

  test('queues that ask for more than is reserved are found', () => {
    const reserved = lambda({ ReservedConcurrentExecutions: 10 });
    const poll = mapping({ ScalingConfig: { MaximumConcurrency: 11 } });
    expect(found({ one: stack({ ...reserved, Poll: poll }) })).toEqual([
      { kind: 'function concurrency', wanted: 11, most: 10 },
    ]);
    expect(found({ one: stack({ ...reserved, Poll: mapping() }) })).toEqual([
      { kind: 'function concurrency', wanted: 1250, most: 10 },
    ]);
    expect(
      found({ one: stack({ ...reserved, Poll: mapping({ ScalingConfig: { MaximumConcurrency: 10 } }) }) }),
    ).toEqual([]);
  });
});

describe('addresses', () => {
  const inSubnets = (max: number, cidr: string): Resources => ({
    ...Object.fromEntries(['A', 'B'].map((id) => [id, { Type: 'AWS::EC2::Subnet', Properties: { CidrBlock: cidr } }])),
    Nodes: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: { MaxSize: max, VPCZoneIdentifier: [{ Ref: 'A' }, { Ref: 'B' }] },
    },
  });

  test('a fleet larger than its subnets is found', () => {
    // 16 less five, in each of two.
    expect(found({ one: stack(inSubnets(22, '10.0.0.0/28')) })).toEqual([]);
    const both = { kind: 'addresses', wanted: 12, most: 11 };
    expect(found({ one: stack(inSubnets(23, '10.0.0.0/28')) })).toEqual([both, both]);
  });

  test('shards count by their subnet group, with standbys', () => {
    const shard = { Type: 'AWS::RDS::DBInstance', Properties: { DBSubnetGroupName: { Ref: 'Group' }, MultiAZ: true } };
    const resources = (count: number): Resources => ({
      ...inSubnets(0, '10.0.0.0/28'),
      Group: { Type: 'AWS::RDS::DBSubnetGroup', Properties: { SubnetIds: [{ Ref: 'A' }, { Ref: 'B' }] } },
      ...Object.fromEntries(Array.from({ length: count }, (_, at) => [`Shard${at}`, shard])),
    });
    expect(found({ one: stack(resources(11)) })).toEqual([]);
    expect(found({ one: stack(resources(12)) })).toHaveLength(2);
  });
});

describe('a step', () => {
  const before = { one: stack({ ...fleet(10), ...database() }) };
  const after = { one: stack({ ...fleet(100), ...database() }) };

  test('is told of what it creates or worsens, and of nothing that was there', () => {
    expect(newAsymmetries(before, after)).toHaveLength(1);
    expect(newAsymmetries(after, after)).toEqual([]);
    expect(newAsymmetries(after, { one: stack({ ...fleet(101), ...database() }) })).toHaveLength(1);
    expect(newAsymmetries(after, before)).toEqual([]);
  });
});

test('values that are anything are read without an error', () => {
  const anything = [null, 7, 'x', [], {}, { Ref: 'Nowhere' }, { 'Fn::GetAtt': [1] }, [[{ Ref: 'Nodes' }]]] as const;
  for (const value of anything) {
    const properties = Object.fromEntries(
      [
        'MaxSize',
        'LaunchTemplate',
        'VPCZoneIdentifier',
        'SecurityGroupIngress',
        'CidrBlock',
        'SubnetIds',
        'Engine',
        'DBInstanceClass',
        'VPCSecurityGroups',
        'VpcConfig',
        'Environment',
        'FunctionName',
        'ResourceId',
        'DBSubnetGroupName',
        'ReservedConcurrentExecutions',
        'ScalingConfig',
      ].map((name) => [name, value]),
    );
    const types = [
      'AutoScaling::AutoScalingGroup',
      'EC2::LaunchTemplate',
      'EC2::SecurityGroup',
      'EC2::SecurityGroupIngress',
      'EC2::Subnet',
      'RDS::DBInstance',
      'RDS::DBCluster',
      'RDS::DBSubnetGroup',
      'Lambda::Function',
      'Lambda::EventSourceMapping',
      'Lambda::Permission',
      'ECS::Service',
      'ElastiCache::ReplicationGroup',
      'ApplicationAutoScaling::ScalableTarget',
    ];
    const resources = Object.fromEntries(
      types.map((type, at) => [`R${at}`, { Type: `AWS::${type}`, Properties: properties }]),
    );
    expect(() => asymmetriesOf({ one: { Resources: resources } })).not.toThrow();
  }
});
