import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { SocketFront } from '../ingress/socket-front';
import { Watch } from './watch';

const MINUTE = { period: Duration.minutes(1) };
const FIVE_MINUTES = { period: Duration.minutes(5) };

/** Connections reset in a minute below which a share says nothing. Assumed. */
const LEAST_RESETS = 100;

/** Share of new connections that nodes reset, per cent, from which they are held to turn users away. Assumed. */
const RESET_PERCENT = 50;

export interface SocketFrontWatchProps {
  readonly environment: string;
  readonly subject: string;
  readonly front: SocketFront;
  readonly outermost: boolean;
}

/**
 * Connections as a Network Load Balancer counts them. It sees no answers and no time to answer: what users feel shows in
 * connections that are reset, and in there being no node.
 */
export class SocketFrontWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, subject, front, outermost }: SocketFrontWatchProps) {
    const weight = outermost ? 'symptom' : 'cause';
    const { metrics } = front.loadBalancer;
    const resets = {
      nodes: metrics.tcpTargetResetCount(MINUTE),
      balancer: metrics.tcpElbResetCount(MINUTE),
      clients: metrics.tcpClientResetCount(MINUTE),
    };
    const opened = metrics.newFlowCount(MINUTE);
    const share = new cloudwatch.MathExpression({
      expression: `IF(FILL(nodes, 0) >= ${LEAST_RESETS}, 100 * FILL(nodes, 0) / (FILL(opened, 0) + 1), 0)`,
      usingMetrics: { nodes: resets.nodes, opened },
      label: 'resets by nodes, % of new connections',
      ...MINUTE,
    });
    const { healthyNodes, unhealthyNodes } = front.load;
    super(scope, id, {
      environment,
      subject,
      tier: outermost ? 'users' : 'app',
      alarms: [
        {
          name: 'no-nodes',
          title: 'No node answers its health check.',
          weight,
          // The maximum is 0 only when no zone has a healthy node, whether zones report apart or together.
          metric: healthyNodes.with({ statistic: 'Maximum' }),
          when: { below: 1 },
          points: [2, 2],
          silence: 'unwell',
        },
        {
          name: 'resets',
          title: `Nodes reset more than ${RESET_PERCENT} % of as many connections as are opened: they refuse users.`,
          weight,
          metric: share,
          when: { above: RESET_PERCENT },
          points: [3, 5],
          silence: 'well',
        },
        {
          name: 'balancer-resets',
          title:
            'The load balancer resets far more connections than is usual: idle ones that ping too rarely, or lost nodes.',
          weight: 'cause',
          metric: metrics.tcpElbResetCount(FIVE_MINUTES),
          when: { unusual: 'high' },
          points: [3, 3],
          silence: 'well',
        },
        {
          name: 'traffic',
          title: 'Open connections are far more, or far fewer, than is usual at this time of the week.',
          weight: 'cause',
          metric: metrics.activeFlowCount(FIVE_MINUTES),
          when: { unusual: 'either' },
          points: [3, 3],
          silence: 'well',
        },
      ],
      graphs: [
        { title: 'connections', left: [metrics.activeFlowCount(MINUTE)], right: [opened] },
        { title: 'resets', left: Object.values(resets) },
        {
          title: 'nodes',
          left: [healthyNodes, unhealthyNodes],
        },
      ],
    });
  }
}
