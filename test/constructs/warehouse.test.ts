import { describe, expect, test } from 'vitest';
import { MOST_INVOCATIONS, REQUEST_MILLISECONDS } from '../../lambda/warehouse-feed/next-invocation';
import { Warehouse } from '../../lib/constructs/warehouse/warehouse';
import { synthesise } from '../cdk-context';
import {
  all,
  allowing,
  network,
  one,
  openings,
  permissions,
  required,
  type Statement,
  singleStack,
  subnetIds,
  templateOf,
  textOf,
} from './single-stack';

const PLAN = { baseRpu: 8, maxRpuHoursPerDay: 12, snapshotDays: 9 };
const ARN = 'arn:aws:rds:us-east-1:123456789012';
const SOURCES = [
  { kind: 'database', name: 'users', arn: `${ARN}:db:users`, database: 'users' },
  { kind: 'database', name: 'mail-out', arn: `${ARN}:db:mail`, database: 'mail_out' },
  { kind: 'table', name: 'users', arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/users' },
  { kind: 'table', name: 'carts', arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/carts' },
] as const;

function warehouse(sources: ConstructorParameters<typeof Warehouse>[2]['sources'] = SOURCES) {
  const stack = singleStack();
  new Warehouse(stack, 'Warehouse', { environment: 'dev', plan: PLAN, vpc: network(stack), sources, logDays: 30 });
  return templateOf(stack);
}

const template = warehouse();
const namespace = one(template, 'AWS::RedshiftServerless::Namespace');
const workgroup = one(template, 'AWS::RedshiftServerless::Workgroup');

describe('the warehouse', () => {
  test('is kept once it was made whole, with a password that Redshift makes and a record of who did what', () => {
    expect(namespace.resource).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    expect(namespace.properties).toMatchObject({ ManageAdminPassword: true });
    expect(namespace.properties).not.toHaveProperty('AdminUserPassword');
    expect(namespace.properties['LogExports']).toHaveLength(3);
  });

  test('is reached from nowhere in the network, by TLS alone', () => {
    expect(workgroup.properties).toMatchObject({
      PubliclyAccessible: false,
      EnhancedVpcRouting: true,
      SubnetIds: subnetIds('data'),
      BaseCapacity: 8,
    });
    const settings = (
      workgroup.properties['ConfigParameters'] as { ParameterKey: string; ParameterValue: string }[]
    ).map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]);
    expect(Object.fromEntries(settings)).toMatchObject({
      require_ssl: 'true',
      enable_case_sensitive_identifier: 'true',
    });
    expect(openings(template)).toEqual([]);
    const ways = one(template, 'AWS::EC2::SecurityGroup').properties['SecurityGroupEgress'] as { FromPort: number }[];
    expect(ways.map(({ FromPort }) => FromPort)).toEqual([443]);
  });

  test('stops for the day when its hours are used, and the limit follows the configuration', () => {
    const { properties } = one(template, 'Custom::WarehouseUsageLimit');
    const [create, update, remove] = ['Create', 'Update', 'Delete'].map((when) => textOf(properties[when]));
    for (const call of [create, update]) {
      expect(call).toContain('\\"amount\\":12');
      expect(call).toContain('\\"breachAction\\":\\"deactivate\\"');
    }
    expect(create).toContain('\\"period\\":\\"daily\\"');
    expect(create).toContain(workgroup.id);
    expect(remove).toContain('DeleteUsageLimit');
    const [statement] = allowing(permissions(template), 'redshift-serverless:CreateUsageLimit');
    expect([statement?.Action].flat().every((action) => /UsageLimit$/.test(String(action)))).toBe(true);
  });

  test('is snapshotted every day under another name, for as long as the configuration says', () => {
    const { properties } = one(template, 'AWS::Scheduler::Schedule');
    expect(properties['Target'].Arn).toMatch(/:scheduler:::aws-sdk:redshiftserverless:createSnapshot$/);
    expect(JSON.parse(properties['Target'].Input)).toEqual({
      NamespaceName: namespace.properties['NamespaceName'],
      SnapshotName: expect.stringMatching(/<aws\.scheduler\.execution-id>$/),
      RetentionPeriod: 9,
    });
    const [statement] = allowing(permissions(template), 'redshift-serverless:CreateSnapshot');
    expect(textOf(statement?.Resource)).toContain(namespace.id);
  });
});

describe('its feeds', () => {
  const databases = all(template, 'AWS::RDS::Integration');
  const tables = all(template, 'Custom::WarehouseFeed');

  test('are one for each source, into this namespace', () => {
    expect(databases.map(({ properties }) => [properties['SourceArn'], properties['DataFilter']]).sort()).toEqual([
      [`${ARN}:db:mail`, 'include: mail_out.*.*'],
      [`${ARN}:db:users`, 'include: users.*.*'],
    ]);
    expect(tables.map(({ properties }) => [properties['Label'], properties['SourceArn']])).toEqual([
      ['dev-carts', SOURCES[3].arn],
      ['dev-users', SOURCES[2].arn],
    ]);
    for (const { properties } of [...databases, ...tables]) {
      expect(properties['TargetArn']).toEqual({ 'Fn::GetAtt': [namespace.id, 'Namespace.NamespaceArn'] });
    }
  });

  test('wait for a warehouse that can take them, with its limit set', () => {
    for (const { resource } of [...databases, ...tables]) {
      expect(resource['DependsOn']).toEqual(
        expect.arrayContaining([workgroup.id, one(template, 'Custom::WarehouseUsageLimit').id]),
      );
    }
  });

  test('are made one after the other, in the order of their names, databases first', () => {
    const chain = [...databases, ...tables];
    const before = chain.map(({ resource }) =>
      chain.filter(({ id }) => [resource['DependsOn']].flat().includes(id)).map(({ properties }) => arnOf(properties)),
    );
    expect(chain.map(({ properties }, index) => [...(before[index] ?? []), arnOf(properties)])).toEqual([
      [`${ARN}:db:mail`],
      [`${ARN}:db:mail`, `${ARN}:db:users`],
      [`${ARN}:db:users`, SOURCES[3].arn],
      [SOURCES[3].arn, SOURCES[2].arn],
    ]);
  });

  test('of tables are made by a function that may do just that', () => {
    const { id } = one(template, 'AWS::Lambda::Function', 'WarehouseFeedsTableFeeds');
    for (const { properties: feed } of tables) {
      expect(feed['ServiceToken']).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    }
    const [create] = allowing(permissions(template), 'redshift:CreateIntegration');
    expect(textOf(create?.Resource)).toMatch(/:redshift:us-east-1:.*:integration:\*/);
    const [inbound] = allowing(permissions(template), 'redshift:CreateInboundIntegration');
    expect(inbound?.Resource).toBe('*');
    expect(create?.Condition).toEqual({
      ArnEquals: {
        'redshift:IntegrationSourceArn': [SOURCES[3].arn, SOURCES[2].arn],
        'redshift:IntegrationTargetArn': { 'Fn::GetAtt': [namespace.id, 'Namespace.NamespaceArn'] },
      },
    });
    const [read] = allowing(permissions(template), 'dynamodb:GetResourcePolicy');
    expect([read?.Resource].flat().sort()).toEqual([SOURCES[3].arn, SOURCES[2].arn]);
    const dynamoDb = permissions(template).flatMap(({ Action }) =>
      [Action].flat().filter((action) => action.startsWith('dynamodb:')),
    );
    expect(dynamoDb.filter((action) => !/^dynamodb:(Describe|Get)/.test(action))).toEqual([]);
  });

  test('of tables may take several invocations, and are answered for before CloudFormation gives them up', () => {
    const { id, properties, resource } = one(template, 'AWS::Lambda::Function', 'WarehouseFeedsTableFeeds');
    const [again] = allowing(permissions(template), 'lambda:InvokeFunction').filter(
      ({ Resource }) => textOf(Resource) === textOf({ 'Fn::GetAtt': [id, 'Arn'] }),
    );
    expect(again?.Action).toBe('lambda:InvokeFunction');
    const policy = required(
      all(template, 'AWS::IAM::Policy').find((found) => textOf(found.properties['PolicyDocument']).includes(id)),
    );
    expect(policy.properties['Roles']).toEqual([{ Ref: properties['Role']['Fn::GetAtt'][0] }]);
    // Or each would wait for the other.
    expect([resource['DependsOn']].flat()).not.toContain(policy.id);
    for (const { resource: feed, properties: settings } of tables) {
      expect(feed['DependsOn']).toContain(policy.id);
      const milliseconds = Number(settings['ServiceTimeout']) * 1000;
      expect(milliseconds).toBeGreaterThan(REQUEST_MILLISECONDS);
      expect(milliseconds).toBeLessThanOrEqual(3_600_000);
    }
    expect(Number(properties['Timeout']) * 1000 * MOST_INVOCATIONS).toBeGreaterThan(REQUEST_MILLISECONDS);
  });

  test('are let in by name, and no other source is', () => {
    const { Statement: statements } = namespace.properties['NamespaceResourcePolicy'] as { Statement: Statement[] };
    const [service] = allowing(statements, 'redshift:AuthorizeInboundIntegration');
    expect(service).toMatchObject({
      Principal: { Service: 'redshift.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceArn': SOURCES.map(({ arn }) => arn) } },
    });
    const [account] = allowing(statements, 'redshift:CreateInboundIntegration');
    expect(textOf(account?.Principal)).toContain('AWS::AccountId');
  });

  test('another source leaves the others as they are', () => {
    const fewer = warehouse(SOURCES.filter(({ name }) => name === 'users'));
    const feeds = [one(fewer, 'AWS::RDS::Integration'), one(fewer, 'Custom::WarehouseFeed')];
    for (const { id, properties } of feeds) expect(template.Resources[id]?.Properties).toEqual(properties);
  });

  test('without a table, no function', () => {
    const fewer = warehouse(SOURCES.slice(0, 2));
    expect(all(fewer, 'Custom::WarehouseFeed')).toEqual([]);
    expect(all(fewer, 'AWS::Lambda::Function').filter(({ id }) => id.includes('TableFeeds'))).toEqual([]);
    expect(all(fewer, 'AWS::RDS::Integration')).toHaveLength(2);
  });

  test('may be none', () => {
    const empty = warehouse([]);
    expect(one(empty, 'AWS::RedshiftServerless::Namespace').properties).not.toHaveProperty('NamespaceResourcePolicy');
    expect(all(empty, 'Custom::WarehouseFeed')).toEqual([]);
  });
});

test('in an environment it is fed from every function and every table, and nothing waits for it', () => {
  const stacks = synthesise('dev', 6, { 'data.tables.carts': { partitionKey: 'id:S' } });
  const fed = required(stacks['dev-warehouse']);
  expect(all(fed, 'AWS::RDS::Integration')).toHaveLength(3);
  // Not from read models: what is made from another table is not taken over twice.
  expect(all(fed, 'Custom::WarehouseFeed')).toHaveLength(2);
  for (const [name, other] of Object.entries(stacks)) {
    if (name !== 'dev-warehouse') expect(textOf(other)).not.toContain('"dev-warehouse"');
  }
});

function arnOf(properties: Readonly<Record<string, unknown>>): unknown {
  return properties['SourceArn'];
}
