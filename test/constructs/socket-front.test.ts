import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from 'vitest';
import { SocketFront } from '../../lib/constructs/ingress/socket-front';
import {
  all,
  appFleet,
  attributesOf,
  network,
  one,
  openings,
  singleStack,
  subnetIds,
  templateOf,
} from './single-stack';

function front(internetFacing: boolean, accept = false) {
  const stack = singleStack();
  const vpc = network(stack);
  const sockets = new SocketFront(stack, 'Front', {
    vpc,
    fleet: appFleet(stack, vpc),
    port: 4000,
    tlsPort: 4443,
    healthPath: '/health',
    deregistrationSeconds: 600,
    internetFacing,
  });
  if (accept) sockets.acceptFrom(ec2.Peer.ipv4('10.1.2.0/24'), 'A peer');
  const template = templateOf(stack);
  return {
    template,
    balancer: one(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').properties,
    listeners: all(template, 'AWS::ElasticLoadBalancingV2::Listener').map(({ properties }) => properties),
    targets: all(template, 'AWS::ElasticLoadBalancingV2::TargetGroup'),
    open: openings(template).map((rule) => rule.replaceAll(/(Front|Nodes)SecurityGroup\w+/g, '$1')),
  };
}

const open = front(true);
const internal = front(false);

test('it passes TCP through on 80 and 443, TLS included', () => {
  expect(open.listeners.map(({ Port, Protocol }) => `${Protocol} ${Port}`).sort()).toEqual(['TCP 443', 'TCP 80']);
  for (const listener of open.listeners) expect(listener).not.toHaveProperty('Certificates');
});

test('it keeps idle connections for as long as an NLB can', () => {
  for (const { ListenerAttributes } of open.listeners) {
    expect(attributesOf(ListenerAttributes)).toEqual({ 'tcp.idle_timeout.seconds': '6000' });
  }
});

describe('its target groups', () => {
  test('hold instances, which see the addresses of the clients', () => {
    expect(open.targets.map(({ properties }) => properties['Port']).sort()).toEqual([4000, 4443]);
    for (const { properties } of open.targets) {
      expect(properties).toMatchObject({ Protocol: 'TCP', TargetType: 'instance' });
      expect(attributesOf(properties['TargetGroupAttributes'])).toMatchObject({
        'deregistration_delay.timeout_seconds': '600',
      });
    }
    const { properties } = one(open.template, 'AWS::AutoScaling::AutoScalingGroup');
    expect(properties['TargetGroupARNs']).toHaveLength(2);
  });

  test('ask for health over HTTP, also for the port on which the node speaks TLS', () => {
    for (const { properties } of open.targets) {
      expect(properties).toMatchObject({
        HealthCheckProtocol: 'HTTP',
        HealthCheckPort: '4000',
        HealthCheckPath: '/health',
        Matcher: { HttpCode: '200-399' },
      });
    }
  });
});

describe('facing the internet', () => {
  test('it stands in the public subnets, over IPv4 and IPv6', () => {
    expect(open.balancer).toMatchObject({
      Type: 'network',
      Scheme: 'internet-facing',
      IpAddressType: 'dualstack',
      Subnets: subnetIds('public'),
    });
  });

  test('users reach 80 and 443 and nothing else; nodes are reached by it alone', () => {
    expect(open.open).toEqual([
      '0.0.0.0/0 -> Front tcp 443',
      '0.0.0.0/0 -> Front tcp 80',
      '::/0 -> Front tcp 443',
      '::/0 -> Front tcp 80',
      'Front -> Nodes tcp 4000',
      'Front -> Nodes tcp 4443',
    ]);
  });
});

describe('inside the network', () => {
  test('it stands in the private subnets', () => {
    expect(internal.balancer).toMatchObject({ Scheme: 'internal', Subnets: subnetIds('app') });
  });

  test('it is open to nobody, until it is opened to a peer', () => {
    expect(internal.open.filter((rule) => rule.includes('-> Front'))).toEqual([]);
    expect(front(false, true).open.filter((rule) => rule.includes('-> Front'))).toEqual([
      '10.1.2.0/24 -> Front tcp 443',
      '10.1.2.0/24 -> Front tcp 80',
    ]);
  });
});

test('it reaches the nodes on their ports and nothing else', () => {
  const egress = all(open.template, 'AWS::EC2::SecurityGroupEgress').map(({ properties }) => properties['FromPort']);
  expect(egress.sort()).toEqual([4000, 4443]);
});

test('every zone sends to every node', () => {
  expect(attributesOf(open.balancer['LoadBalancerAttributes'])).toMatchObject({
    'load_balancing.cross_zone.enabled': 'true',
  });
});
