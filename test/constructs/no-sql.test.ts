import { describe, expect, test } from 'vitest';
import { synthesise } from '../cdk-context';
import { all, allowing, one, permissions, required, textOf } from './single-stack';

const ALL = {
  'data.documents.enabled': true,
  'data.documents.instances': 2,
  'data.wideColumns.enabled': true,
  'data.graph.enabled': true,
  'data.graph.instances': 2,
};
const stacks = synthesise('dev', 6, ALL);
const template = required(stacks['dev-no-sql']);
const published = Object.fromEntries(
  all(template, 'AWS::SSM::Parameter').map(({ properties }) => [properties['Name'], properties['Value']]),
);

test('nothing is there unless it is switched on', () => {
  expect(synthesise('dev', 6)).not.toHaveProperty('dev-no-sql');
  const some = required(synthesise('dev', 6, { 'data.graph.enabled': true })['dev-no-sql']);
  expect(all(some, 'AWS::Neptune::DBCluster')).toHaveLength(1);
  expect(all(some, 'AWS::DocDB::DBCluster')).toHaveLength(0);
  expect(all(some, 'AWS::Cassandra::Keyspace')).toHaveLength(0);
});

test('it comes with phase 6', () => {
  expect(synthesise('dev', 5, ALL)).not.toHaveProperty('dev-no-sql');
});

describe.each([
  ['documents', 'AWS::DocDB::DBCluster', 'AWS::DocDB::DBInstance'],
  ['graph', 'AWS::Neptune::DBCluster', 'AWS::Neptune::DBInstance'],
])('%s', (_, type, instance) => {
  const cluster = one(template, type);

  test('are kept, protected, encrypted and backed up as the single database is', () => {
    expect(cluster.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(cluster.properties).toMatchObject({
      StorageEncrypted: true,
      DeletionProtection: true,
      BackupRetentionPeriod: 7,
      EnableCloudwatchLogsExports: ['audit'],
    });
    expect(cluster.properties).not.toHaveProperty('DBClusterIdentifier');
  });

  test('keep what a cluster that outlives its template cannot live without', () => {
    const uses = Object.keys(template.Resources).filter((id) => textOf(cluster.properties).includes(`"${id}"`));
    expect(uses.length).toBeGreaterThanOrEqual(3);
    for (const id of uses) expect([id, template.Resources[id]?.DeletionPolicy]).toEqual([id, 'Retain']);
  });

  test('have as many instances as configured', () => {
    expect(all(template, instance)).toHaveLength(2);
  });
});

describe('documents', () => {
  test('come by TLS alone, and leave a record', () => {
    expect(one(template, 'AWS::DocDB::DBClusterParameterGroup').properties['Parameters']).toEqual({
      tls: 'enabled',
      audit_logs: 'enabled',
    });
  });

  test('have a generated password that is kept and that no template holds', () => {
    const { MasterUserPassword } = one(template, 'AWS::DocDB::DBCluster').properties;
    expect(textOf(MasterUserPassword)).toMatch(/resolve:secretsmanager/);
    expect(one(template, 'AWS::SecretsManager::Secret').resource.DeletionPolicy).toBe('Retain');
  });
});

test('the graph knows who connects by IAM, and grows by itself', () => {
  expect(one(template, 'AWS::Neptune::DBCluster').properties).toMatchObject({
    IamAuthEnabled: true,
    ServerlessScalingConfiguration: { MinCapacity: 1, MaxCapacity: 8 },
  });
});

describe('wide columns', () => {
  test('are kept under a name that CloudFormation makes', () => {
    const { resource, properties } = one(template, 'AWS::Cassandra::Keyspace');
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(properties).not.toHaveProperty('KeyspaceName');
  });

  test('are reached inside the network, by those who ask', () => {
    expect(one(template, 'AWS::EC2::VPCEndpoint').properties).toMatchObject({
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: true,
    });
    expect(published['/beamstalk/dev/wide-columns/port']).toBe('9142');
  });
});

test('nobody is let in from here', () => {
  expect(all(template, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
  for (const { properties } of all(template, 'AWS::EC2::SecurityGroup')) {
    expect(properties).not.toHaveProperty('SecurityGroupIngress');
    expect(properties['SecurityGroupEgress']).toEqual([expect.objectContaining({ CidrIp: '255.255.255.255/32' })]);
  }
});

test('nodes learn where each is, and which secret opens the documents', () => {
  expect(Object.keys(published).sort()).toEqual(
    [
      ...['endpoint', 'port', 'reader-endpoint', 'secret'].map((name) => `documents/${name}`),
      ...['endpoint', 'port', 'reader-endpoint'].map((name) => `graph/${name}`),
      ...['endpoint', 'keyspace', 'port'].map((name) => `wide-columns/${name}`),
    ].map((name) => `/beamstalk/dev/${name}`),
  );
});

describe.each(['dev-app', 'dev-workers'])('the nodes of %s', (name) => {
  const nodes = required(stacks[name]);
  const statements = permissions(nodes);

  test('open the three ways to themselves', () => {
    const doors = all(nodes, 'AWS::EC2::SecurityGroupIngress').filter(({ properties }) =>
      textOf(properties['GroupId']).includes('dev-no-sql'),
    );
    expect(doors.map(({ properties }) => Number(properties['FromPort'])).sort()).toEqual([27_017, 8182, 9142]);
  });

  test('may read and write this keyspace and this graph, and no other', () => {
    for (const action of ['cassandra:Modify', 'neptune-db:WriteDataViaQuery']) {
      const found = allowing(statements, action);
      expect(found).not.toEqual([]);
      for (const { Resource } of found) {
        for (const arn of [Resource].flat()) expect(textOf(arn)).toContain('dev-no-sql');
      }
    }
    // Keyspaces and clusters are not theirs to remove.
    expect(
      statements
        .flatMap(({ Action }) => [Action].flat())
        .filter((action) => /cassandra:Drop|neptune-db:\*/.test(action)),
    ).toEqual([]);
  });
});
