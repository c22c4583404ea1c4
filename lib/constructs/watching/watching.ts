import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { CachePlan, FleetPlan } from '../../architecture/architecture';
import type { AlertsPlan } from '../../architecture/automation';
import type { Valkey } from '../cache/valkey';
import type { Front } from '../ingress/front';
import { HttpFront } from '../ingress/http-front';
import { SocketFront } from '../ingress/socket-front';
import type { Tiers } from '../ingress/tiers';
import { AlertTopics } from './alert-topics';
import { CacheWatch } from './cache-watch';
import { Calls } from './calls';
import { DatabaseWatch, type WatchedDatabase } from './database-watch';
import { EgressWatch } from './egress-watch';
import { FleetWatch } from './fleet-watch';
import { HttpFrontWatch } from './http-front-watch';
import { SlackChannel } from './slack-channel';
import { SocketFrontWatch } from './socket-front-watch';
import { TierDashboard } from './tier-dashboard';
import type { Tier, Watch } from './watch';

export interface WatchingProps {
  readonly environment: string;
  readonly plan: AlertsPlan;
  readonly tiers: Tiers | undefined;
  /** The plans of the fleets of `tiers`. */
  readonly fleets: { readonly app: FleetPlan | undefined; readonly web: FleetPlan | undefined };
  /** Errors in the log of the app's release. */
  readonly errors: cloudwatch.Metric | undefined;
  readonly databases: readonly WatchedDatabase[];
  readonly cache?: { readonly cache: Valkey; readonly plan: CachePlan };
  readonly natGateways: readonly ec2.CfnNatGateway[];
  /** Watches of other stacks, whose alarms are routed and whose graphs are shown here. */
  readonly others: readonly Watch[];
}

const TIERS: readonly Tier[] = ['users', 'app', 'data', 'async'];

/** Everything that is watched, who is called, and a dashboard for each tier that has something to show. */
export class Watching extends Construct {
  readonly topics: AlertTopics;
  readonly calls: Calls;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WatchingProps,
  ) {
    super(scope, id);
    const { environment, plan } = props;
    this.topics = new AlertTopics(this, 'Topics', { environment, plan });
    if (plan.slack) {
      new SlackChannel(this, 'Slack', {
        environment,
        ...plan.slack,
        topics: [this.topics.page, this.topics.notify],
      });
    }
    const watches = [...this.fronts(), ...this.fleets(), ...this.stores(), ...props.others];
    this.calls = new Calls(this, 'Calls', { environment, topics: this.topics, watches });
    const symptoms = watches.flatMap((watch) => watch.symptoms);
    for (const tier of TIERS) {
      const shown = watches.filter((watch) => watch.tier === tier);
      if (shown.length === 0) continue;
      new TierDashboard(this, tier, {
        environment,
        tier,
        usersUnwell: this.calls.usersUnwell,
        symptoms,
        watches: shown,
      });
    }
  }

  private fronts(): Watch[] {
    const { tiers } = this.props;
    if (!tiers) return [];
    const { front, appFront } = tiers;
    return [
      this.front('Front', 'front', front, true),
      ...(appFront === front ? [] : [this.front('InnerFront', 'inner-front', appFront, false)]),
    ];
  }

  private front(id: string, subject: string, front: Front, outermost: boolean): Watch {
    const common = { environment: this.props.environment, subject, outermost };
    if (front instanceof HttpFront) return new HttpFrontWatch(this, id, { ...common, front, plan: this.props.plan });
    if (front instanceof SocketFront) return new SocketFrontWatch(this, id, { ...common, front });
    throw new Error(`nothing is known of how to watch ${subject}`);
  }

  private fleets(): Watch[] {
    const { environment, tiers, fleets, errors, natGateways } = this.props;
    return [
      ...(tiers && fleets.app
        ? [new FleetWatch(this, 'App', { environment, fleet: tiers.app, plan: fleets.app, errors })]
        : []),
      ...(tiers?.web && fleets.web
        ? [new FleetWatch(this, 'Web', { environment, fleet: tiers.web, plan: fleets.web })]
        : []),
      ...(natGateways.length > 0 ? [new EgressWatch(this, 'Egress', { environment, gateways: natGateways })] : []),
    ];
  }

  private stores(): Watch[] {
    const { environment, databases, cache } = this.props;
    return [
      ...databases.map((database) => new DatabaseWatch(this, database.subject, { environment, ...database })),
      ...(cache ? [new CacheWatch(this, 'Cache', { environment, ...cache })] : []),
    ];
  }
}
