import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { Architecture, DomainPlan } from '../architecture/architecture';
import { Delivery } from '../constructs/edge/delivery';
import type { AppStack } from './app';
import type { DataStack } from './data';
import type { EdgeGlobalStack } from './edge-global';
import { tell } from './told-output';

export interface EdgeStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly data: DataStack;
  readonly app: AppStack;
  /** What lives in us-east-1; absent until there is a CDN. */
  readonly global?: EdgeGlobalStack;
}

/** What users meet first: the public name in every phase, CloudFront from phase 2. */
export class EdgeStack extends Stack {
  /** From phase 2. */
  readonly delivery?: Delivery;

  constructor(scope: Construct, id: string, { architecture, data, app, global, ...props }: EdgeStackProps) {
    super(scope, id, props);
    const { environment, domain, edge, ingress } = architecture;
    const { tiers, box } = app;
    let target = box && route53.RecordTarget.fromIpAddresses(box.address);

    if (edge && tiers && global && data.buckets.assets && data.buckets.edgeLogs) {
      const { front } = tiers;
      const http = ingress?.kind === 'http';
      this.delivery = new Delivery(this, 'Delivery', {
        environment,
        plan: edge,
        webAclArn: global.webAclArn,
        assets: data.buckets.assets,
        logs: data.buckets.edgeLogs,
        dynamic: http ? { id: front.node.id, endpoint: front.vpcOrigin, tls: domain !== undefined } : undefined,
        name:
          domain && global.certificateArn
            ? { domainName: domain.name, certificateArn: global.certificateArn }
            : undefined,
      });
      const { distributionDomainName: cdnName } = this.delivery.distribution;
      tell(this, 'CdnName', cdnName, "CloudFront's own name");
      if (http) tell(this, 'Url', `https://${domain?.name ?? cdnName}/`, 'The application, for a browser');
      // Sockets go straight to the load balancer; CloudFront would cut and charge them.
      target = route53.RecordTarget.fromAlias(
        http ? new CloudFrontTarget(this.delivery.distribution) : front.aliasTarget,
      );
    }
    if (domain && target) this.publicName(domain, target);
  }

  /** The same records in every phase: only where they point changes, so that a climb updates them in place. */
  private publicName({ name, hostedZoneId, hostedZoneName }: DomainPlan, target: route53.RecordTarget): void {
    const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName: hostedZoneName });
    const alias = target.aliasTarget !== undefined;
    new route53.ARecord(this, 'Name', {
      zone,
      recordName: `${name}.`,
      target,
      // A short time to live: on the next climb users follow within a minute.
      ...(!alias && { ttl: Duration.seconds(60) }),
    });
    if (alias) new route53.AaaaRecord(this, 'NameV6', { zone, recordName: `${name}.`, target });
  }
}
