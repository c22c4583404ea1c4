import { Stack, type StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Architecture, DomainPlan } from '../architecture/architecture';
import { letSend } from '../constructs/async/queue-access';
import { Box } from '../constructs/box/box';
import { ClusterAuthority } from '../constructs/compute/cluster-authority';
import { Cookie } from '../constructs/compute/cookie';
import {
  letKeepBackups,
  letLogIn,
  letRunRelease,
  letUseData,
  letUseFunctions,
  letUseNoSql,
  letUseShards,
} from '../constructs/compute/data-access';
import { letTakeReleases } from '../constructs/delivery/node-access';
import { Tiers } from '../constructs/ingress/tiers';
import { Mover } from '../constructs/moving/mover';
import { PublishedParameters } from '../constructs/parameters/published-parameters';
import { NodeReports } from '../constructs/watching/node-reports';
import type { AsyncStack } from './async';
import type { DataStack } from './data';
import type { FederationStack } from './federation';
import type { LoginsStack } from './logins';
import type { NetworkStack } from './network';
import type { NoSqlStack } from './no-sql';
import { keepPublished } from './published-output';
import type { ShardsStack } from './shards';
import type { TablesStack } from './tables';
import { tell } from './told-output';

export interface AppStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly federation?: FederationStack;
  readonly logins?: LoginsStack;
  readonly shards?: ShardsStack;
  readonly tables?: TablesStack;
  readonly noSql?: NoSqlStack;
  /** What holds jobs, from phase 5. */
  readonly async?: AsyncStack;
}

/** Everything that computes: the box, later the fleets and what spreads requests over them. */
export class AppStack extends Stack {
  readonly box?: Box;
  readonly tiers?: Tiers;
  /** While a climb that moves data expands. */
  readonly mover?: Mover;
  /** What joins the nodes of a fleet; from phase 2. */
  readonly cookie?: Cookie;
  /** Authority of its nodes; from phase 2, unless they speak plain. */
  readonly authority?: ClusterAuthority;
  /** From phase 4. */
  readonly appReports?: NodeReports;
  /** For the public name, of the load balancer behind CloudFront. */
  readonly certificate?: acm.ICertificate;

  constructor(
    scope: Construct,
    id: string,
    { architecture, network, data, federation, logins, shards, tables, noSql, async, ...props }: AppStackProps,
  ) {
    super(scope, id, props);
    const {
      environment,
      logDays,
      node,
      box,
      localDatabase,
      app,
      web,
      ingress,
      edge,
      domain,
      delivery,
      mover,
      cluster,
    } = architecture;
    const { vpc } = network;
    // All that nodes read at boot: whoever boots for a change of it must find it.
    const published: PublishedParameters[] = [];
    const publish = (topic: string, values: Record<string, string>, id = topic): void => {
      published.push(new PublishedParameters(this, id, { environment, topic, values }));
    };

    publish('release', { uri: node.releaseUri });
    if (node.releaseSecretArn !== undefined) publish('app', { 'environment-secret': node.releaseSecretArn });
    if (node.sentrySecretArn !== undefined) publish('app', { 'sentry-secret': node.sentrySecretArn }, 'Sentry');
    if (box) {
      this.box = new Box(this, 'Box', {
        environment,
        plan: box,
        node,
        vpc,
        localDatabase: localDatabase !== undefined,
      });
      // While a climb expands, the public name leaves it for the fleets, and may have to come back.
      keepPublished(this, this.box.address);
      tell(this, 'Address', this.box.address, 'Elastic IP of the single server');
      // The certificate comes minutes after the name leads here.
      tell(this, 'Url', `http://${domain?.name ?? this.box.address}/`, 'The single server, for a browser');
      new NodeReports(this, 'BoxReports', { environment, role: 'box', fleet: this.box.fleet, logDays });
      letRunRelease(this.box.fleet, node);
      letTakeReleases(this.box.fleet, { environment, bucket: data.buckets.releases });
      letUseData(this.box.fleet, data);
      letLogIn(this.box.fleet, logins?.logins);
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
        deletionProtection: architecture.allProtected,
        cloudFrontPrefixList: edge?.originPrefixList ?? '',
        certificate: this.certificate,
        plain: edge?.originPorts === 'both',
        deployed: delivery !== undefined && delivery.mode !== 'blue-green',
        certified: cluster !== undefined,
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
      publish('delivery', { 'target-groups': targetGroups.map(({ targetGroupArn }) => targetGroupArn).join(' ') });
      const { app: appFleet, web: webFleet } = this.tiers;
      this.appReports = new NodeReports(this, 'AppReports', { environment, role: 'app', fleet: appFleet, logDays });
      if (webFleet) new NodeReports(this, 'WebReports', { environment, role: 'web', fleet: webFleet, logDays });
      letUseData(this.tiers.app, data);
      letLogIn(this.tiers.app, logins?.logins);
      letUseFunctions(this.tiers.app, federation?.databases);
      letUseShards(this.tiers.app, shards?.store);
      tables?.letUse(this.tiers.app.role);
      letUseNoSql(this.tiers.app, noSql);
      if (async) letSend(this.tiers.app.role, async.queues.all);
      this.cookie = new Cookie(this, 'Cookie', { environment, fleet: this.tiers.app });
      this.tiers.app.node.addDependency(this.cookie);
      if (this.box) this.cookie.letRead(this.box.fleet);
      if (cluster) {
        this.authority = new ClusterAuthority(this, 'Cluster', { environment, plan: cluster, logDays });
        this.authority.letRequest(this.tiers.app);
        this.tiers.app.node.addDependency(this.authority);
      }
    }
    if (this.tiers && ingress?.kind === 'sockets') {
      tell(this, 'SocketAddress', this.tiers.front.dnsName, 'Load balancer for long-lived connections');
    }
    publish('ingress', {
      ...(domain && { domain: domain.name, ...(domain.email !== undefined && { email: domain.email }) }),
      ...(this.tiers && { 'app-endpoint': this.tiers.appFront.dnsName }),
    });
    if (mover) {
      const single = data.database;
      const databases = (federation?.databases ?? []).map(({ database }) => database);
      this.mover = new Mover(this, 'Mover', {
        ...{ environment, plan: mover, node, logDays, vpc },
        subnets: app ? 'app' : 'public',
        databases: [...(single ? [single] : []), ...databases],
        logins: (logins?.logins ?? []).filter(({ topic }) => topic.split('/')[0] === 'database'),
        ...(this.box && localDatabase && single && { box: { fleet: this.box.fleet, to: single } }),
      });
    }
    for (const fleet of [this.box?.fleet, this.tiers?.app, this.tiers?.web]) fleet?.startAfter(...published);
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
