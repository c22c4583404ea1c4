import { Stack, type StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Architecture, DomainPlan } from '../architecture/architecture';
import { Box } from '../constructs/box/box';
import { Cookie } from '../constructs/compute/cookie';
import { letKeepBackups, letRunRelease, letUseData } from '../constructs/compute/data-access';
import { Tiers } from '../constructs/ingress/tiers';
import { PublishedParameters } from '../constructs/parameters/published-parameters';
import type { DataStack } from './data';
import type { NetworkStack } from './network';

export interface AppStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly network: NetworkStack;
  readonly data: DataStack;
}

/** Everything that computes: the box, later the fleets and what spreads requests over them. */
export class AppStack extends Stack {
  readonly box?: Box;
  readonly tiers?: Tiers;

  constructor(scope: Construct, id: string, { architecture, network, data, ...props }: AppStackProps) {
    super(scope, id, props);
    const { environment, node, box, localDatabase, app, web, ingress, edge, domain } = architecture;
    const { vpc } = network;
    const publish = (topic: string, values: Record<string, string>): PublishedParameters =>
      new PublishedParameters(this, topic, { environment, topic, values });

    const release = publish('release', { uri: node.releaseUri });
    if (node.releaseSecretArn !== undefined) publish('app', { 'environment-secret': node.releaseSecretArn });
    if (box) {
      this.box = new Box(this, 'Box', {
        environment,
        plan: box,
        node,
        vpc,
        localDatabase: localDatabase !== undefined,
      });
      letRunRelease(this.box.fleet, node);
      // A node that boots for a new release must find it published.
      this.box.fleet.node.addDependency(release);
      letUseData(this.box.fleet, data);
      letKeepBackups(this.box.fleet, data);
    }
    if (app && ingress) {
      this.tiers = new Tiers(this, 'Tiers', {
        environment,
        ingress,
        app,
        web,
        node,
        vpc,
        accessLogs: data.buckets.logs,
        cloudFrontPrefixList: edge?.originPrefixList ?? '',
        certificate: domain && ingress.kind === 'http' ? this.certificate(domain) : undefined,
      });
      letRunRelease(this.tiers.app, node);
      this.tiers.app.node.addDependency(release);
      letUseData(this.tiers.app, data);
      const cookie = new Cookie(this, 'Cookie', { environment, fleet: this.tiers.app });
      this.tiers.app.node.addDependency(cookie);
      if (this.box) cookie.letRead(this.box.fleet);
    }
    const ingressParameters = publish('ingress', {
      ...(domain && { domain: domain.name, email: domain.email }),
      ...(this.tiers && { 'app-endpoint': this.tiers.appFront.dnsName }),
    });
    // A proxy without its upstream does not boot.
    this.tiers?.web?.node.addDependency(ingressParameters);
  }

  /** CloudFront has its own in us-east-1; this one is for the load balancer behind it. */
  private certificate({ name, hostedZoneId, hostedZoneName }: DomainPlan): acm.ICertificate {
    const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName: hostedZoneName });
    return new acm.Certificate(this, 'Certificate', {
      domainName: name,
      validation: acm.CertificateValidation.fromDns(zone),
    });
  }
}
