import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { EdgePlan } from '../../architecture/architecture';
import { acknowledge } from '../../policies/acknowledge';
import { PublishedParameters } from '../parameters/published-parameters';

/** A private load balancer that CloudFront reaches inside the network. */
export interface DynamicOrigin {
  /** Names the origin; another load balancer is another origin. */
  readonly id: string;
  readonly endpoint: cloudfront.VpcOriginEndpoint;
  /** True when the load balancer has a certificate for the public name. */
  readonly tls: boolean;
}

export interface DeliveryProps {
  readonly environment: string;
  readonly plan: EdgePlan;
  readonly webAclArn: string;
  readonly assets: s3.IBucket;
  readonly logs: s3.IBucket;
  /** Origin of everything but assets; without one, only assets are delivered. */
  readonly dynamic?: DynamicOrigin;
  /** The public name with its certificate in us-east-1; without, CloudFront's own name serves. */
  readonly name?: { readonly domainName: string; readonly certificateArn: string };
}

/** CloudFront: assets from the bucket under `/assets/*`, everything else from the load balancer as it says itself. */
export class Delivery extends Construct {
  readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, props: DeliveryProps) {
    super(scope, id);
    const { environment, plan, dynamic, name } = props;
    const assets: cloudfront.BehaviorOptions = {
      origin: assetsOrigin(this, props.assets),
      cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: true,
    };
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `Users of ${environment}`,
      priceClass: cloudfront.PriceClass[PRICE_CLASSES[plan.priceClass]],
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      webAclId: props.webAclArn,
      logBucket: props.logs,
      logFilePrefix: 'cloudfront/',
      ...(dynamic
        ? {
            defaultBehavior: {
              origin: dynamicOrigin(this, dynamic),
              // Cached when the node's Cache-Control says so, for no time when it says nothing.
              cachePolicy: cloudfront.CachePolicy.USE_ORIGIN_CACHE_CONTROL_HEADERS_QUERY_STRINGS,
              // Load balancers on the way write their own X-Forwarded-Proto; CloudFront-Forwarded-Proto is the user's.
              originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022,
              responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
              allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
              viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
              compress: true,
            },
            additionalBehaviors: { '/assets/*': assets },
          }
        : { defaultBehavior: assets }),
      ...(name && {
        domainNames: [name.domainName],
        certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', name.certificateArn),
        minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
    });
    acknowledge(
      this.distribution,
      'Annotation::@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac',
      'The policy of the bucket, in its own stack, lets CloudFront read.',
    );
    acknowledge(
      this.distribution,
      'AwsSolutions-CFR1',
      'Whom to serve is the business of the system, not of its infrastructure.',
    );
    if (name === undefined) {
      acknowledge(
        this.distribution,
        'AwsSolutions-CFR4',
        'Without a domain CloudFront serves its own name, whose TLS versions it fixes itself.',
      );
    }
    if (dynamic !== undefined && !dynamic.tls) {
      acknowledge(
        this.distribution,
        'AwsSolutions-CFR5',
        'Without a domain there is no certificate to show; the way leads through the private network only.',
      );
    }
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'edge',
      values: { 'cdn-domain': this.distribution.distributionDomainName },
    });
  }
}

const PRICE_CLASSES = {
  PriceClass_100: 'PRICE_CLASS_100',
  PriceClass_200: 'PRICE_CLASS_200',
  PriceClass_All: 'PRICE_CLASS_ALL',
} as const;

function dynamicOrigin(scope: Construct, { id, endpoint, tls }: DynamicOrigin): cloudfront.IOrigin {
  // CloudFront refuses to change an origin that is in use (aws/aws-cdk#34629): with a certificate it is another one.
  const vpcOrigin = new cloudfront.VpcOrigin(scope, tls ? `${id}Tls` : id, {
    endpoint,
    protocolPolicy: tls ? cloudfront.OriginProtocolPolicy.HTTPS_ONLY : cloudfront.OriginProtocolPolicy.HTTP_ONLY,
    originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
  });
  return origins.VpcOrigin.withVpcOrigin(vpcOrigin);
}

/**
 * The bucket lives in another stack, which must not depend on this one: its own policy lets CloudFront read for
 * distributions of the account, and here it is only referred to.
 */
function assetsOrigin(scope: Construct, bucket: s3.IBucket): cloudfront.IOrigin {
  const assets = s3.Bucket.fromBucketAttributes(scope, 'Assets', {
    bucketName: bucket.bucketName,
    bucketRegionalDomainName: bucket.bucketRegionalDomainName,
  });
  return origins.S3BucketOrigin.withOriginAccessControl(assets);
}
