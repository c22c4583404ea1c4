import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { Delivery, type DeliveryProps } from '../../lib/constructs/edge/delivery';
import { all, architecture, network, one, required, singleStack, templateOf } from './single-stack';

// Ids of managed policies. Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
// using-managed-cache-policies.html and using-managed-origin-request-policies.html (2026-11-21)
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const BY_ORIGIN_WITH_QUERY = '4cc15a8a-d715-48a4-82b8-cc0b614638fe';
const ALL_VIEWER_AND_CLOUDFRONT = '33f36d7e-f396-46d9-90e0-52428a34d9dc';

interface Behavior {
  readonly TargetOriginId: string;
  readonly PathPattern?: string;
  readonly CachePolicyId: string;
  readonly OriginRequestPolicyId?: string;
  readonly ViewerProtocolPolicy: string;
  readonly AllowedMethods?: readonly string[];
}

interface Origin {
  readonly Id: string;
  readonly DomainName: unknown;
  readonly S3OriginConfig?: unknown;
  readonly OriginAccessControlId?: unknown;
  readonly VpcOriginConfig?: { readonly VpcOriginId: unknown };
}

const FIREWALL = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/dev-edge/1';

type Name = Exclude<DeliveryProps['name'], undefined>;
const NAME: Name = {
  domainName: 'app.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a',
};

function delivery({ dynamic = true, tls = false, name }: { dynamic?: boolean; tls?: boolean; name?: Name } = {}) {
  const stack = singleStack();
  const balancer = new elbv2.ApplicationLoadBalancer(stack, 'Alb', { vpc: network(stack) });
  new Delivery(stack, 'Delivery', {
    environment: 'dev',
    plan: required(architecture(2, { 'edge.priceClass': 'PriceClass_200' }).edge),
    webAclArn: FIREWALL,
    assets: s3.Bucket.fromBucketName(stack, 'Files', 'the-assets'),
    logs: s3.Bucket.fromBucketName(stack, 'Logs', 'the-logs'),
    ...(dynamic && {
      dynamic: { id: 'WebEdgeHttp', endpoint: cloudfront.VpcOriginEndpoint.applicationLoadBalancer(balancer), tls },
    }),
    ...(name && { name }),
  });
  const template = templateOf(stack);
  const config = one(template, 'AWS::CloudFront::Distribution').properties['DistributionConfig'];
  return {
    template,
    config: config as Readonly<Record<string, unknown>>,
    origins: config['Origins'] as Origin[],
    standard: config['DefaultCacheBehavior'] as Behavior,
    others: (config['CacheBehaviors'] ?? []) as Behavior[],
  };
}

const { template, config, origins, standard, others } = delivery();
const originOf = ({ TargetOriginId }: Behavior) => origins.find(({ Id }) => Id === TargetOriginId);

describe('assets', () => {
  const [assets, ...more] = others;

  test('come from the bucket, under a path of their own, read by signed requests only', () => {
    expect(more).toEqual([]);
    expect(assets?.PathPattern).toBe('/assets/*');
    const control = one(template, 'AWS::CloudFront::OriginAccessControl');
    expect(originOf(required(assets))).toMatchObject({
      S3OriginConfig: { OriginAccessIdentity: '' },
      OriginAccessControlId: { 'Fn::GetAtt': [control.id, 'Id'] },
    });
    expect(control.properties['OriginAccessControlConfig']).toMatchObject({
      OriginAccessControlOriginType: 's3',
      SigningBehavior: 'always',
      SigningProtocol: 'sigv4',
    });
  });

  test('are cached, and nothing of the user is passed on', () => {
    expect(assets).toMatchObject({ CachePolicyId: CACHING_OPTIMIZED });
    expect(assets).not.toHaveProperty('OriginRequestPolicyId');
  });
});

describe('everything else', () => {
  test('comes from the load balancer inside the network', () => {
    const { id, properties } = one(template, 'AWS::CloudFront::VpcOrigin');
    expect(originOf(standard)?.VpcOriginConfig).toMatchObject({ VpcOriginId: { 'Fn::GetAtt': [id, 'Id'] } });
    expect(properties['VpcOriginEndpointConfig'].Arn).toEqual({
      Ref: one(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').id,
    });
  });

  test('is cached as the node says, with all that the user sent, by every method', () => {
    expect(standard).toMatchObject({
      CachePolicyId: BY_ORIGIN_WITH_QUERY,
      OriginRequestPolicyId: ALL_VIEWER_AND_CLOUDFRONT,
    });
    expect([...(standard.AllowedMethods ?? [])].sort()).toEqual(
      ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'].sort(),
    );
  });

  test('speaks TLS to the load balancer when that has a certificate', () => {
    const policy = (tls: boolean) =>
      one(delivery({ tls }).template, 'AWS::CloudFront::VpcOrigin').properties['VpcOriginEndpointConfig'];
    expect(policy(true)).toMatchObject({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
    expect(policy(false)).toMatchObject({ OriginProtocolPolicy: 'http-only' });
  });
});

test('without a load balancer to ask, assets are all there is', () => {
  const only = delivery({ dynamic: false });
  expect(only.others).toEqual([]);
  expect(only.standard.CachePolicyId).toBe(CACHING_OPTIMIZED);
  expect(only.origins).toHaveLength(1);
  expect(all(only.template, 'AWS::CloudFront::VpcOrigin')).toEqual([]);
});

describe('users', () => {
  test('are sent to HTTPS on every path', () => {
    for (const { ViewerProtocolPolicy } of [standard, ...others])
      expect(ViewerProtocolPolicy).toBe('redirect-to-https');
  });

  test('with a public name are served by TLS 1.2 of 2021 and newer', () => {
    expect(delivery({ name: NAME, tls: true }).config).toMatchObject({
      Aliases: ['app.example.com'],
      ViewerCertificate: { AcmCertificateArn: NAME.certificateArn, MinimumProtocolVersion: 'TLSv1.2_2021' },
    });
    expect(config).not.toHaveProperty('Aliases');
  });

  test('come past the firewall, and by HTTP/3 and IPv6 if they can', () => {
    expect(config).toMatchObject({ WebACLId: FIREWALL, HttpVersion: 'http2and3', IPV6Enabled: true });
  });

  test('are served from where the configuration says', () => {
    expect(config['PriceClass']).toBe('PriceClass_200');
  });
});

test('who came is logged', () => {
  expect(config['Logging']).toMatchObject({ Prefix: 'cloudfront/' });
  expect(JSON.stringify(config['Logging'])).toContain('the-logs');
});

test('a public name leaves the distribution the same, and makes another origin: one in use cannot change', () => {
  const named = delivery({ name: NAME, tls: true }).template.Resources;
  for (const [id, { Type }] of Object.entries(template.Resources)) {
    expect(named[id]?.Type).toBe(Type === 'AWS::CloudFront::VpcOrigin' ? undefined : Type);
  }
});
