import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { AlertsPlan } from '../../architecture/automation';
import type { HttpFront } from '../ingress/http-front';
import { Watch } from './watch';

const MINUTE = { period: Duration.minutes(1) };
const FIVE_MINUTES = { period: Duration.minutes(5) };

/** Failed answers in a minute below which a share says nothing: one of three at night is no outage. Assumed. */
const LEAST_ERRORS = 5;

export interface HttpFrontWatchProps {
  readonly environment: string;
  /** `front` for the outermost load balancer, `inner-front` for one behind proxies. */
  readonly subject: string;
  readonly front: HttpFront;
  /** True when users, or CloudFront for them, come here first: they see what is wrong here. */
  readonly outermost: boolean;
  readonly plan: AlertsPlan;
}

/** Answers, their time and the nodes that give them, as an Application Load Balancer counts them. */
export class HttpFrontWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, subject, front, outermost, plan }: HttpFrontWatchProps) {
    const weight = outermost ? 'symptom' : 'cause';
    const { metrics } = front.loadBalancer;
    // Not the target group's own, as in HttpFront.
    const hosts = (metricName: string, statistic: string): cloudwatch.Metric =>
      new cloudwatch.Metric({
        namespace: 'AWS/ApplicationELB',
        metricName,
        statistic,
        dimensionsMap: {
          TargetGroup: front.targetGroup.targetGroupFullName,
          LoadBalancer: front.loadBalancer.loadBalancerFullName,
        },
        ...MINUTE,
      });
    const requests = metrics.requestCount(MINUTE);
    const latency = (statistic: string): cloudwatch.Metric => metrics.targetResponseTime({ ...MINUTE, statistic });
    const failed = {
      balancer: metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, MINUTE),
      nodes: metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, MINUTE),
    };
    const errors = new cloudwatch.MathExpression({
      // Answers of the load balancer itself, when it has no node, are not among its requests.
      expression: `IF(FILL(balancer, 0) + FILL(nodes, 0) >= ${LEAST_ERRORS}, 100 * (FILL(balancer, 0) + FILL(nodes, 0)) / (FILL(requests, 0) + FILL(balancer, 0)), 0)`,
      usingMetrics: { ...failed, requests },
      label: 'answers of the 5xx kind, %',
      ...MINUTE,
    });
    super(scope, id, {
      environment,
      subject,
      tier: outermost ? 'users' : 'app',
      alarms: [
        {
          name: 'errors',
          title: `More than ${plan.errorPercent} % of the answers are of the 5xx kind.`,
          weight,
          metric: errors,
          when: { above: plan.errorPercent },
          points: [3, 5],
          // No requests, no errors; an empty load balancer is the business of the alarm on traffic.
          silence: 'well',
        },
        {
          name: 'latency',
          title: `One answer in a hundred takes more than ${plan.latencyMs} ms.`,
          weight,
          metric: latency('p99'),
          when: { above: plan.latencyMs / 1000 },
          points: [5, 10],
          silence: 'well',
        },
        {
          name: 'no-nodes',
          title: 'No node answers its health check.',
          weight,
          metric: hosts('HealthyHostCount', 'Maximum'),
          when: { below: 1 },
          points: [2, 2],
          // Without any registered node there is no figure.
          silence: 'unwell',
        },
        {
          name: 'sick-nodes',
          title: 'A node has not answered its health check for ten minutes: it should have been replaced by now.',
          weight: 'cause',
          metric: hosts('UnHealthyHostCount', 'Minimum'),
          when: { above: 0 },
          points: [10, 15],
          silence: 'well',
        },
        {
          name: 'traffic',
          title: 'Requests are far more, or far fewer, than is usual at this time of the week.',
          weight: 'cause',
          metric: metrics.requestCount(FIVE_MINUTES),
          when: { unusual: 'either' },
          points: [3, 3],
          silence: 'well',
        },
      ],
      graphs: [
        { title: 'errors, %', left: [errors], right: [requests] },
        { title: 'time to answer, seconds', left: [latency('p50'), latency('p95'), latency('p99')] },
        {
          title: 'nodes',
          left: [hosts('HealthyHostCount', 'Average'), hosts('UnHealthyHostCount', 'Average')],
          right: [metrics.activeConnectionCount(MINUTE)],
        },
      ],
    });
  }
}
