import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import { Construct } from 'constructs';
import type { ScalingPlan } from '../../architecture/automation';
import type { NodeFleet } from '../compute/node-fleet';
import type { FrontLoad, SocketLoad } from '../ingress/front';
import { IdleRemoval } from './idle-removal';
import { LatencySteps } from './latency-steps';
import { WarmNodes } from './warm-nodes';

/** Seconds by which predictive scaling is ahead of its forecast: launch, boot and warm-up. */
const AHEAD_SECONDS = 600;

export interface FleetScalingProps {
  readonly plan: ScalingPlan;
  readonly fleet: NodeFleet;
  /** Load as the load balancer before the fleet measures it. */
  readonly load: FrontLoad;
  /** Connections that one node has room for. */
  readonly connectionBudget: number;
}

/**
 * Lets a fleet follow its load. Target tracking on CPU and on what each node carries adds nodes, steps on latency add
 * them sooner, schedule and forecast raise the least; one rule of our own takes nodes away.
 *
 * No policy has a warm-up of its own: the group's counts for all of them.
 */
export class FleetScaling extends Construct {
  constructor(scope: Construct, id: string, { plan, fleet, load, connectionBudget }: FleetScalingProps) {
    super(scope, id);
    const { group } = fleet;
    const { perNode, cpuPercent } = plan;
    const carried =
      perNode.of === 'requests' ? perNode.target : Math.floor((connectionBudget * perNode.percentOfBudget) / 100);

    new autoscaling.TargetTrackingScalingPolicy(this, 'Cpu', {
      autoScalingGroup: group,
      predefinedMetric: autoscaling.PredefinedMetric.ASG_AVERAGE_CPU_UTILIZATION,
      targetValue: cpuPercent,
      disableScaleIn: true,
    });
    new IdleRemoval(this, 'Idle', { group, load, perNode: carried, cpuPercent });
    if (perNode.of === 'requests' && load.kind === 'http') {
      const requests = new autoscaling.TargetTrackingScalingPolicy(this, 'Requests', {
        autoScalingGroup: group,
        predefinedMetric: autoscaling.PredefinedMetric.ALB_REQUEST_COUNT_PER_TARGET,
        resourceLabel: load.resourceLabel,
        targetValue: carried,
        disableScaleIn: true,
      });
      requests.node.addDependency(load.attached);
      new LatencySteps(this, 'Latency', {
        group,
        load,
        latencyMs: plan.latencyMs,
        requestsPerNode: carried,
        cpuPercent,
      });
    }
    // A Network Load Balancer passes TCP on and knows of no answers: there is no latency to step on.
    if (perNode.of === 'connections' && load.kind === 'sockets') {
      this.trackConnections(group, load, carried);
    }
    if (plan.predictive !== 'off') this.forecast(group, plan);
    for (const { name, cron, timeZone, minNodes, maxNodes } of plan.schedule) {
      new autoscaling.ScheduledAction(this, `Schedule-${name}`, {
        autoScalingGroup: group,
        schedule: autoscaling.Schedule.expression(cron),
        timeZone,
        minCapacity: minNodes,
        ...(maxNodes !== undefined && { maxCapacity: maxNodes }),
      });
    }
    if (plan.warmNodes > 0) new WarmNodes(this, 'WarmNodes', { fleet, count: plan.warmNodes });
  }

  /**
   * Connections over nodes, which no predefined metric offers. With no healthy node there is no quotient, and no
   * scaling: replacing the nodes is the group's business then.
   *
   * The CDK's own construct takes no metric math, hence the resource itself.
   */
  private trackConnections(group: autoscaling.AutoScalingGroup, load: SocketLoad, target: number): void {
    const measured = (id: string, metric: SocketLoad['connections']) => ({
      id,
      metricStat: {
        metric: {
          namespace: metric.namespace,
          metricName: metric.metricName,
          dimensions: Object.entries(metric.dimensions ?? {}).map(([name, value]) => ({ name, value: String(value) })),
        },
        stat: metric.statistic,
      },
      returnData: false,
    });
    new autoscaling.CfnScalingPolicy(this, 'Connections', {
      autoScalingGroupName: group.autoScalingGroupName,
      policyType: 'TargetTrackingScaling',
      targetTrackingConfiguration: {
        targetValue: target,
        disableScaleIn: true,
        customizedMetricSpecification: {
          metrics: [
            measured('connections', load.connections),
            measured('nodes', load.healthyNodes),
            { id: 'perNode', label: 'Connections per node', expression: 'connections / nodes', returnData: true },
          ],
        },
      },
    });
  }

  private forecast(group: autoscaling.AutoScalingGroup, { cpuPercent, predictive }: ScalingPlan): void {
    new autoscaling.CfnScalingPolicy(this, 'Forecast', {
      autoScalingGroupName: group.autoScalingGroupName,
      policyType: 'PredictiveScaling',
      predictiveScalingConfiguration: {
        metricSpecifications: [
          {
            targetValue: cpuPercent,
            predefinedMetricPairSpecification: { predefinedMetricType: 'ASGCPUUtilization' },
          },
        ],
        mode: predictive === 'scale' ? 'ForecastAndScale' : 'ForecastOnly',
        schedulingBufferTime: AHEAD_SECONDS,
        maxCapacityBreachBehavior: 'HonorMaxCapacity',
      },
    });
  }
}
