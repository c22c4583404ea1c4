import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { FleetPlan, IngressPlan, NodePlan } from '../../architecture/architecture';
import type { NodePressure } from '../../node/blueprint';
import { bootSteps } from '../../node/boot-steps';
import { deregistrationDelaySeconds, drainSeconds } from '../../node/drain';
import { DISTRIBUTION_PORT } from '../../node/ports';
import { nodeSize } from '../../node/size';
import { NodeFleet } from '../compute/node-fleet';
import { SUBNETS } from '../network/environment-network';
import { FleetScaling } from '../scaling/fleet-scaling';
import type { Front } from './front';
import { HttpFront } from './http-front';
import { SocketFront } from './socket-front';

/** A proxy answers this itself: it is well even while the nodes behind it are not. */
const PROXY_HEALTH_PATH = '/proxy-health';

export interface TiersProps {
  readonly environment: string;
  readonly ingress: IngressPlan;
  readonly app: FleetPlan;
  readonly web?: FleetPlan;
  readonly node: NodePlan;
  readonly vpc: ec2.IVpc;
  readonly accessLogs: s3.IBucket;
  /** True when load balancers refuse to be deleted. */
  readonly deletionProtection?: boolean;
  /** Id of the list of addresses from which CloudFront comes. */
  readonly cloudFrontPrefixList: string;
  /** For the public name, in the region of the network. */
  readonly certificate?: acm.ICertificate;
  /** With a certificate: whether the outermost load balancer answers HTTP besides. */
  readonly plain?: boolean;
  /** Load shedding when the queues do not keep up (phase 5 and later). */
  readonly pressure?: NodePressure;
  /** True when CodeDeploy puts releases on running app nodes. */
  readonly deployed?: boolean;
  /** True when app nodes speak to each other over TLS. */
  readonly certified?: boolean;
}

/**
 * The app fleet behind a load balancer and, before it, reverse proxies behind a load balancer of their own. Both tiers
 * scale apart; without proxies the load balancer of the app fleet is the outermost.
 */
export class Tiers extends Construct {
  readonly app: NodeFleet;
  readonly web?: NodeFleet;
  /** The load balancer before the app fleet. */
  readonly appFront: Front;
  /** The outermost load balancer, which has a name of its own in the tree. */
  readonly front: Front & Construct;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TiersProps,
  ) {
    super(scope, id);
    const { node, app, web } = props;
    this.app = this.fleet('App', app);
    // One BEAM per instance on one port, so the fleet opens this port to itself and to nobody else.
    this.app.connections.allowInternally(ec2.Port.tcp(DISTRIBUTION_PORT), 'Erlang distribution');
    const appFront = this.frontOf('App', this.app, {
      port: node.appPort,
      tlsPort: node.tlsPort,
      healthPath: node.healthPath,
      outermost: web === undefined,
      plan: app,
    });
    this.appFront = appFront;
    this.scale('App', this.app, app, appFront);
    if (web === undefined) {
      this.front = appFront;
      return;
    }
    this.web = this.fleet('Web', web);
    appFront.acceptFrom(this.web, 'From the web tier');
    this.front = this.frontOf('Web', this.web, {
      port: 80,
      tlsPort: 443,
      healthPath: PROXY_HEALTH_PATH,
      outermost: true,
      plan: web,
    });
    this.scale('Web', this.web, web, this.front);
  }

  private scale(tier: 'App' | 'Web', fleet: NodeFleet, { scaling, instanceType }: FleetPlan, { load }: Front): void {
    if (scaling === undefined) return;
    const { connectionBudget } = nodeSize(instanceType);
    new FleetScaling(this, `${tier}Scaling`, { plan: scaling, fleet, load, connectionBudget });
  }

  private fleet(id: string, plan: FleetPlan): NodeFleet {
    const { environment, node, vpc, ingress, deployed, certified = false, pressure } = this.props;
    return new NodeFleet(this, id, {
      environment,
      plan,
      node,
      vpc,
      subnets: SUBNETS.app,
      steps: bootSteps({
        role: plan.role,
        warm: (plan.scaling?.warmNodes ?? 0) > 0,
        deployed: plan.role === 'app' && deployed,
        cluster: certified,
        reports: true,
        pressure: pressure !== undefined,
      }),
      ...(pressure && { pressure }),
      passThrough: ingress.kind === 'sockets',
      ...(plan.role === 'app' && { sessions: ingress.stickySessions ? 'node' : 'cache' }),
      behindLoadBalancer: true,
      drainSeconds: drainSeconds(plan.instanceType, node.evictPerSecond),
    });
  }

  /** Another kind of load balancer is another construct, never a changed one: what refers to the old keeps it. */
  private frontOf(
    tier: 'App' | 'Web',
    fleet: NodeFleet,
    { plan, outermost, tlsPort, ...target }: FrontOf,
  ): Front & Construct {
    const { vpc, node, ingress, accessLogs, certificate, plain, cloudFrontPrefixList, deletionProtection } = this.props;
    const common = {
      vpc,
      deletionProtection,
      fleet,
      ...target,
      deregistrationSeconds: deregistrationDelaySeconds(drainSeconds(plan.instanceType, node.evictPerSecond)),
    };
    if (ingress.kind === 'sockets') {
      const id = outermost ? `${tier}PublicSockets` : `${tier}Sockets`;
      return new SocketFront(this, id, { ...common, tlsPort, internetFacing: outermost });
    }
    const front = new HttpFront(this, outermost ? `${tier}EdgeHttp` : `${tier}Http`, {
      ...common,
      // Two load balancers in a row would overwrite each other's cookie, and a proxy holds no session.
      stickySessions: ingress.stickySessions && tier === 'App',
      accessLogs,
      ...(outermost && certificate && { certificate, plain }),
    });
    if (outermost) front.acceptFromCloudFront(cloudFrontPrefixList);
    return front;
  }
}

interface FrontOf {
  readonly port: number;
  readonly tlsPort: number;
  readonly healthPath: string;
  /** True when users, or CloudFront, come here first. */
  readonly outermost: boolean;
  readonly plan: FleetPlan;
}
