import { Stack, type StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Architecture, DomainPlan } from '../architecture/architecture';
import { Box } from '../constructs/box/box';
import { Cookie } from '../constructs/compute/cookie';
import {
  letKeepBackups,
  letRunRelease,
  letUseData,
  letUseFunctions,
  letUseNoSql,
  letUseShards,
} from '../constructs/compute/data-access';
import { letTakeReleases } from '../constructs/delivery/node-access';
import { Tiers } from '../constructs/ingress/tiers';
import { PublishedParameters } from '../constructs/parameters/published-parameters';
import { NodeReports } from '../constructs/watching/node-reports';
import type { DataStack } from './data';
import type { FederationStack } from './federation';
import type { NetworkStack } from './network';
import type { NoSqlStack } from './no-sql';
import type { ShardsStack } from './shards';
import type { TablesStack } from './tables';

export interface AppStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly federation?: FederationStack;
  readonly shards?: ShardsStack;
  readonly tables?: TablesStack;
  readonly noSql?: NoSqlStack;
}

/** Everything that computes: the box, later the fleets and what spreads requests over them. */
export class AppStack extends Stack {
  readonly box?: Box;
  readonly tiers?: Tiers;
  /** What joins the nodes of a fleet; from phase 2. */
  readonly cookie?: Cookie;
  /** From phase 4. */
  readonly appReports?: NodeReports;
  /** For the public name, of the load balancer behind CloudFront. */
  readonly certificate?: acm.ICertificate;

  constructor(
    scope: Construct,
    id: string,
    { architecture, network, data, federation, shards, tables, noSql, ...props }: AppStackProps,
  ) {
    super(scope, id, props);
    const { environment, logDays, node, box, localDatabase, app, web, ingress, edge, domain, delivery } = architecture;
    const { vpc } = network;
    const publish = (topic: string, values: Record<string, string>): PublishedParameters =>
      new PublishedParameters(this, topic, { environment, topic, values });

    const release = publish('release', { uri: node.releaseUri });
    if (node.releaseSecretArn !== undefined) publish('app', { 'environment-secret': node.releaseSecretArn });
    if (node.sentrySecretArn !== undefined) {
      new PublishedParameters(this, 'Sentry', {
        environment,
        topic: 'app',
        values: { 'sentry-secret': node.sentrySecretArn },
      });
    }
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
      letKeepBackups(this.box.fleet, data, { dumps: localDatabase !== undefined, domain: domain?.name });
    }
    if (app && ingress) {
      if (domain && ingress.kind === 'http') this.certificate = this.certificateFor(domain);
      this.tiers = new Tiers(this, 'Tiers', {
        environment,
        ingress,
        app,
        web,
        node,
        vpc,
        accessLogs: data.buckets.logs,
        cloudFrontPrefixList: edge?.originPrefixList ?? '',
        certificate: this.certificate,
        deployed: delivery !== undefined && delivery.mode !== 'blue-green',
        ...(architecture.async && { pressure: architecture.async.pressure }),
      });
      letRunRelease(this.tiers.app, node);
      const { targetGroups } = this.tiers.appFront;
      letTakeReleases(this.tiers.app, {
        environment,
        bucket: data.buckets.releases,
        mode: delivery?.mode,
        targetGroups,
      });
      if (delivery?.mode === 'hot') {
        publish('delivery', { 'target-groups': targetGroups.map(({ targetGroupArn }) => targetGroupArn).join(' ') });
      }
      if (node.reports) {
        const { app: appFleet, web: webFleet } = this.tiers;
        this.appReports = new NodeReports(this, 'AppReports', { environment, role: 'app', fleet: appFleet, logDays });
        if (webFleet) new NodeReports(this, 'WebReports', { environment, role: 'web', fleet: webFleet, logDays });
      }
      this.tiers.app.node.addDependency(release);
      letUseData(this.tiers.app, data);
      letUseFunctions(this.tiers.app, federation?.databases);
      letUseShards(this.tiers.app, shards?.store);
      tables?.letUse(this.tiers.app.role);
      letUseNoSql(this.tiers.app, noSql);
      this.cookie = new Cookie(this, 'Cookie', { environment, fleet: this.tiers.app });
      this.tiers.app.node.addDependency(this.cookie);
      if (this.box) this.cookie.letRead(this.box.fleet);
    }
    const ingressParameters = publish('ingress', {
      ...(domain && { domain: domain.name, ...(domain.email !== undefined && { email: domain.email }) }),
      ...(this.tiers && { 'app-endpoint': this.tiers.appFront.dnsName }),
    });
    // A proxy without its upstream does not boot.
    this.tiers?.web?.node.addDependency(ingressParameters);
  }

  /** CloudFront has its own in us-east-1; this one is for the load balancer behind it. */
  private certificateFor({ name, hostedZoneId, hostedZoneName }: DomainPlan): acm.ICertificate {
    const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName: hostedZoneName });
    return new acm.Certificate(this, 'Certificate', {
      domainName: name,
      validation: acm.CertificateValidation.fromDns(zone),
    });
  }
}
