import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { HttpFront } from '../../lib/constructs/ingress/http-front';
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

function front({ certificate = false, plain = false, stickySessions = false, accept = false } = {}) {
  const stack = singleStack();
  const vpc = network(stack);
  const http = new HttpFront(stack, 'Front', {
    vpc,
    fleet: appFleet(stack, vpc),
    port: 4000,
    healthPath: '/echo?message=health',
    deregistrationSeconds: 210,
    stickySessions,
    accessLogs: s3.Bucket.fromBucketName(stack, 'Logs', 'the-logs'),
    ...(certificate && {
      certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:the-certificate'),
      plain,
    }),
  });
  if (accept) http.acceptFrom(ec2.Peer.ipv4('10.1.2.0/24'), 'A peer');
  const template = templateOf(stack);
  return {
    template,
    balancer: one(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').properties,
    listeners: all(template, 'AWS::ElasticLoadBalancingV2::Listener').map(({ properties }) => properties),
    target: one(template, 'AWS::ElasticLoadBalancingV2::TargetGroup'),
  };
}

const { template, balancer, listeners, target } = front();

describe('the load balancer', () => {
  test('is internal, in the private subnets', () => {
    expect(balancer).toMatchObject({ Scheme: 'internal', Type: 'application', Subnets: subnetIds('app') });
  });

  test('drops headers that are no headers, and writes who came to the log bucket', () => {
    expect(attributesOf(balancer['LoadBalancerAttributes'])).toMatchObject({
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': 'the-logs',
      // The prefix under which the bucket lets the log service write.
      'access_logs.s3.prefix': 'elb',
    });
  });

  test('keeps an idle WebSocket for longer than clients ping', () => {
    const { 'idle_timeout.timeout_seconds': seconds } = attributesOf(balancer['LoadBalancerAttributes']);
    expect(Number(seconds)).toBeGreaterThan(60);
  });

  test('has no name of its own', () => {
    expect(balancer).not.toHaveProperty('Name');
  });
});

describe('the listener', () => {
  test('speaks HTTP without a certificate', () => {
    expect(listeners.map(({ Port, Protocol }) => [Port, Protocol])).toEqual([[80, 'HTTP']]);
  });

  test('speaks HTTPS only with one, by TLS 1.2 or 1.3', () => {
    const [listener, ...more] = front({ certificate: true }).listeners;
    expect(more).toEqual([]);
    expect(listener).toMatchObject({
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: 'arn:the-certificate' }],
    });
    expect(listener?.['SslPolicy']).toMatch(/^ELBSecurityPolicy-TLS13-1-2-/);
  });

  test('speaks both while somebody has not followed yet, each on a port that no other listener ever has', () => {
    const both = all(front({ certificate: true, plain: true }).template, 'AWS::ElasticLoadBalancingV2::Listener');
    expect(both.map(({ properties }) => properties['Port'])).toEqual([80, 443]);
    const target = (of: typeof both) => of.map(({ properties }) => properties['DefaultActions']);
    expect(target(both)).toEqual(Array.from({ length: 2 }, () => [expect.objectContaining({ Type: 'forward' })]));
    const [plain, tls] = both.map(({ id }) => id);
    for (const [one, id] of [
      [template, plain],
      [front({ certificate: true }).template, tls],
    ] as const) {
      expect(all(one, 'AWS::ElasticLoadBalancingV2::Listener').map((found) => found.id)).toEqual([id]);
    }
  });

  test('is open to nobody, until it is opened to a peer on its own port', () => {
    const into = (from: typeof template) => openings(from).filter((rule) => rule.includes('-> FrontAlb'));
    expect(into(template)).toEqual([]);
    expect(into(front({ accept: true }).template)).toEqual([expect.stringMatching(/^10\.1\.2\.0\/24 -> \w+ tcp 80$/)]);
    expect(into(front({ accept: true, certificate: true }).template)).toEqual([expect.stringMatching(/ tcp 443$/)]);
  });
});

describe('the target group', () => {
  test('sends to the nodes of the fleet, on their port, by the fewest requests under way', () => {
    expect(target.properties).toMatchObject({ Port: 4000, Protocol: 'HTTP', TargetType: 'instance' });
    expect(one(template, 'AWS::AutoScaling::AutoScalingGroup').properties['TargetGroupARNs']).toEqual([
      { Ref: target.id },
    ]);
    expect(attributesOf(target.properties['TargetGroupAttributes'])).toMatchObject({
      'load_balancing.algorithm.type': 'least_outstanding_requests',
      'deregistration_delay.timeout_seconds': '210',
    });
  });

  test('is reached by the load balancer alone, on that port alone', () => {
    const rules = openings(template).filter((rule) => rule.includes('-> NodesSecurityGroup'));
    expect(rules).toEqual([expect.stringMatching(/^FrontAlbSecurityGroup\w+ -> \w+ tcp 4000$/)]);
  });

  test('asks the nodes themselves whether they are well', () => {
    expect(target.properties).toMatchObject({
      HealthCheckPath: '/echo?message=health',
      Matcher: { HttpCode: '200-399' },
    });
    const { HealthCheckIntervalSeconds: interval, HealthCheckTimeoutSeconds: timeout } = target.properties;
    expect(timeout).toBeLessThan(interval);
  });

  test('keeps a client with its node only when told to', () => {
    const stickiness = (stickySessions: boolean) =>
      attributesOf(front({ stickySessions }).target.properties['TargetGroupAttributes']);
    expect(stickiness(true)).toMatchObject({ 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie' });
    expect(stickiness(false)).toMatchObject({ 'stickiness.enabled': 'false' });
  });

  test('stays itself when stickiness or the certificate change', () => {
    for (const plain of [false, true]) {
      expect(front({ stickySessions: true, certificate: true, plain }).target.id).toBe(target.id);
    }
  });
});
