import { App, Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import type { NetworkPlan } from '../../lib/architecture/architecture';
import { EnvironmentNetwork, zoneNames } from '../../lib/constructs/network/environment-network';
import { cdkContext } from '../cdk-context';
import { all, architecture, one, policies, templateOf, textOf } from './single-stack';

const PLAN: NetworkPlan = { ...architecture(2).network, cidr: '10.7.0.0/16' };

/** In a stack that has the zones of the plan, as the network's own has. */
function network(change: Partial<NetworkPlan> = {}) {
  const plan = { ...PLAN, ...change };
  const app = new App({ context: cdkContext(), analyticsReporting: false });
  const stack = new (class extends Stack {
    override get availabilityZones(): string[] {
      return zoneNames(plan);
    }
  })(app, 'test-stack', { env: { region: 'us-east-1' } });
  new EnvironmentNetwork(stack, 'Network', { environment: 'dev', plan });
  return templateOf(stack);
}

const EGRESS = {
  none: network({ egress: { kind: 'none' } }),
  instance: network({ egress: { kind: 'instance' } }),
  gateway: network({ egress: { kind: 'gateway', gateways: 1 } }),
  gateways: network({ egress: { kind: 'gateway', gateways: 3 } }),
} as const;

const { none, instance, gateway, gateways } = EGRESS;

/** Logical id of a resource of a subnet, without its hash: `app 2`. */
const groupAndNumber = (id: string): string => id.replace(/^NetworkVpc(public|app|data)Subnet(\d).*$/, '$1 $2');

interface Route {
  readonly RouteTableId: { readonly Ref: string };
  readonly DestinationCidrBlock?: string;
  readonly DestinationIpv6CidrBlock?: string;
  readonly GatewayId?: unknown;
  readonly EgressOnlyInternetGatewayId?: unknown;
  readonly NatGatewayId?: { readonly Ref: string };
  readonly NetworkInterfaceId?: { readonly Ref: string };
}

/** Routes of a template: logical id -> properties. */
const routes = (from: typeof none): [string, Route][] =>
  all(from, 'AWS::EC2::Route').map(({ id, properties }) => [id, properties as unknown as Route]);

describe.each(Object.entries(EGRESS))('with egress %s', (_egress, template) => {
  const subnets = all(template, 'AWS::EC2::Subnet');

  test('nine subnets: three groups over three zones', () => {
    expect(subnets.map(({ id }) => groupAndNumber(id)).sort()).toEqual(
      ['app', 'data', 'public'].flatMap((group) => [1, 2, 3].map((number) => `${group} ${number}`)),
    );
    const zones = new Map(subnets.map(({ id, properties }) => [groupAndNumber(id), properties['AvailabilityZone']]));
    for (const group of ['public', 'app', 'data']) {
      const used = [1, 2, 3].map((number) => textOf(zones.get(`${group} ${number}`)));
      expect(new Set(used).size).toBe(3);
      expect(used).toEqual([1, 2, 3].map((number) => textOf(zones.get(`public ${number}`))));
    }
  });

  test('the same subnets and route tables as with any other', () => {
    const ground = (from: typeof none) =>
      Object.entries(from.Resources).filter(([, { Type }]) => /^AWS::EC2::(VPC|Subnet|RouteTable)$/.test(Type));
    expect(ground(template)).toEqual(ground(none));
  });

  test('every subnet has a /64 of its own beside its IPv4 range', () => {
    const ranges = subnets.map(({ properties }) => textOf(properties['Ipv6CidrBlock']));
    expect(new Set(ranges).size).toBe(9);
    for (const { properties } of subnets) expect(properties['AssignIpv6AddressOnCreation']).toBe(true);
  });

  test('no instance gets a public IPv4 address unasked', () => {
    for (const { properties } of subnets) expect(properties['MapPublicIpOnLaunch']).toBe(false);
  });

  test('S3 and DynamoDB are reached from every subnet without leaving the network', () => {
    const tables = all(template, 'AWS::EC2::RouteTable').map(({ id }) => id);
    const endpoints = all(template, 'AWS::EC2::VPCEndpoint').filter(
      ({ properties }) => properties['VpcEndpointType'] === 'Gateway',
    );
    expect(endpoints.map(({ properties }) => textOf(properties['ServiceName']))).toEqual([
      expect.stringContaining('.dynamodb'),
      expect.stringContaining('.s3'),
    ]);
    for (const { properties } of endpoints) {
      const reached = (properties['RouteTableIds'] as { Ref: string }[]).map(({ Ref }) => Ref);
      expect(reached.sort()).toEqual(tables);
    }
  });

  test('data subnets have no way out, neither over IPv4 nor over IPv6', () => {
    expect(routes(template).filter(([, { RouteTableId }]) => RouteTableId.Ref.includes('data'))).toEqual([]);
  });

  test('app subnets go out over IPv6 and cannot be reached from there', () => {
    const six = routes(template).filter(
      ([, route]) => route.RouteTableId.Ref.includes('app') && route.DestinationIpv6CidrBlock === '::/0',
    );
    expect(six).toHaveLength(3);
    for (const [, route] of six) {
      expect(route).toHaveProperty('EgressOnlyInternetGatewayId');
      expect(route).not.toHaveProperty('GatewayId');
    }
  });

  test('rejected connections are logged, for as long as planned', () => {
    const flow = one(template, 'AWS::EC2::FlowLog').properties;
    const log = one(template, 'AWS::Logs::LogGroup');
    expect(flow).toMatchObject({ ResourceType: 'VPC', TrafficType: 'REJECT', LogGroupName: { Ref: log.id } });
    expect(log.properties['RetentionInDays']).toBe(PLAN.flowLogDays);
  });

  test('the default security group lets nobody in or out', () => {
    expect(all(template, 'Custom::VpcRestrictDefaultSG')).toHaveLength(1);
  });
});

/** The IPv4 ways out of app subnets: logical id -> what they lead to. */
function waysOut(from: typeof none): Record<string, string> {
  const out = routes(from).filter(
    ([, route]) => route.RouteTableId.Ref.includes('app') && route.DestinationCidrBlock === '0.0.0.0/0',
  );
  return Object.fromEntries(
    out.map(([id, { NatGatewayId, NetworkInterfaceId }]) => [id, (NatGatewayId ?? NetworkInterfaceId)?.Ref ?? '']),
  );
}

describe('the way out for IPv4', () => {
  test('is not there when egress is none', () => {
    expect(waysOut(none)).toEqual({});
    expect(all(none, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(all(none, 'AWS::AutoScaling::AutoScalingGroup')).toEqual([]);
  });

  test('has the same logical ids for an instance and for gateways, so that changing over is an update', () => {
    expect(Object.keys(waysOut(instance))).toHaveLength(3);
    for (const other of [gateway, gateways])
      expect(Object.keys(waysOut(other))).toEqual(Object.keys(waysOut(instance)));
    for (const id of Object.keys(waysOut(instance))) expect(id).toMatch(/SubnetT?\d*DefaultRoute/);
  });

  test('leads to the one network interface, which outlives every instance', () => {
    const { id } = one(instance, 'AWS::EC2::NetworkInterface');
    expect(Object.values(waysOut(instance))).toEqual([id, id, id]);
  });

  test('leads to one gateway, or to the one of the own zone', () => {
    expect(new Set(Object.values(waysOut(gateway))).size).toBe(1);
    expect(Object.values(waysOut(gateways)).map((id) => groupAndNumber(id))).toEqual([
      'public 1',
      'public 2',
      'public 3',
    ]);
    expect(Object.keys(waysOut(gateways)).map((id) => groupAndNumber(id))).toEqual(['app 1', 'app 2', 'app 3']);
  });
});

describe('the NAT instance', () => {
  const group = one(instance, 'AWS::AutoScaling::AutoScalingGroup');
  const launch = one(instance, 'AWS::EC2::LaunchTemplate').properties['LaunchTemplateData'];

  test('is one that is replaced when it fails', () => {
    expect(group.properties).toMatchObject({ MinSize: '1', MaxSize: '1', HealthCheckType: 'EC2' });
    expect(group.properties).not.toHaveProperty('DesiredCapacity');
    expect(group.resource['UpdatePolicy']).toMatchObject({ AutoScalingRollingUpdate: { MinInstancesInService: 0 } });
    expect(group.resource['CreationPolicy']).toMatchObject({ ResourceSignal: { Count: 1 } });
  });

  test('stands in the public subnet of the interface that it takes over', () => {
    const { properties } = one(instance, 'AWS::EC2::NetworkInterface');
    expect(group.properties['VPCZoneIdentifier']).toEqual([properties['SubnetId']]);
    expect(properties['SourceDestCheck']).toBe(false);
  });

  test('serves the network and nobody else', () => {
    const [rule, ...more] = one(instance, 'AWS::EC2::SecurityGroup').properties['SecurityGroupIngress'] as unknown[];
    expect(more).toEqual([]);
    expect(rule).toMatchObject({ CidrIp: { 'Fn::GetAtt': [one(instance, 'AWS::EC2::VPC').id, 'CidrBlock'] } });
  });

  test('is as closed as every node: IMDSv2, encrypted root, image found when it starts', () => {
    expect(launch).toMatchObject({
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
      ImageId: expect.stringMatching(/^resolve:ssm:.*arm64$/),
    });
    expect(launch['InstanceType']).toMatch(/^t4g\./);
  });

  test('signals for its own group', () => {
    expect(textOf(launch['UserData'])).toContain(`signal_stack 'test-stack' '${group.id}'`);
  });

  test('may attach the one interface, to instances of its own group', () => {
    const statements = policies(instance).flatMap(
      ({ properties }) =>
        properties['PolicyDocument'].Statement as { Action: unknown; Resource: unknown; Condition?: unknown }[],
    );
    const attaching = statements.filter(({ Action }) => textOf(Action).includes('AttachNetworkInterface'));
    expect(attaching).toHaveLength(2);
    for (const { Resource, Condition } of attaching) {
      if (textOf(Resource).includes(one(instance, 'AWS::EC2::NetworkInterface').id)) continue;
      expect(Condition).toEqual({ StringEquals: { 'aws:ResourceTag/beamstalk:fleet': 'dev-nat' } });
    }
  });
});

describe('zones', () => {
  const zones = (template: typeof none) =>
    all(template, 'AWS::EC2::Subnet')
      .filter(({ id }) => id.includes('public'))
      .map(({ properties }) => properties['AvailabilityZone'] as unknown);

  test('are the first three of the account, which nobody has to look up', () => {
    expect(zones(none)).toEqual([0, 1, 2].map((index) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] })));
  });

  test('are those that the plan names', () => {
    const named = ['us-east-1b', 'us-east-1d', 'us-east-1f'];
    expect(zones(network({ availabilityZones: named }))).toEqual(named);
  });
});

test('private endpoints stand in the app subnets, open to the network', () => {
  const template = network({ interfaceEndpoints: ['ssm', 'secretsmanager'] });
  const endpoints = all(template, 'AWS::EC2::VPCEndpoint').filter(
    ({ properties }) => properties['VpcEndpointType'] === 'Interface',
  );
  expect(endpoints.map(({ properties }) => textOf(properties['ServiceName'])).sort()).toEqual([
    expect.stringContaining('.secretsmanager'),
    expect.stringContaining('.ssm'),
  ]);
  for (const { properties } of endpoints) {
    const subnets = (properties['SubnetIds'] as { Ref: string }[]).map(({ Ref }) => groupAndNumber(Ref));
    expect(subnets).toEqual(['app 1', 'app 2', 'app 3']);
    expect(properties['PrivateDnsEnabled']).toBe(true);
  }
  expect(all(none, 'AWS::EC2::VPCEndpoint')).toHaveLength(2);
});
