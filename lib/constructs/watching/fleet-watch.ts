import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { FleetPlan } from '../../architecture/architecture';
import { AGENT_METRICS } from '../../node/agent-metrics';
import type { NodeFleet } from '../compute/node-fleet';
import type { AlarmRow } from './alarm-row';
import { Watch } from './watch';

const MINUTE = { period: Duration.minutes(1) };
const FIVE_MINUTES = { period: Duration.minutes(5) };

export interface FleetWatchProps {
  readonly environment: string;
  readonly fleet: NodeFleet;
  readonly plan: FleetPlan;
  /** Errors in the log of the release, where it is shipped. */
  readonly errors?: cloudwatch.Metric | undefined;
}

/** The nodes of one fleet: how many there are, how hard they work, and what runs out on them. */
export class FleetWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, fleet, plan, errors }: FleetWatchProps) {
    const dimensionsMap = { AutoScalingGroupName: fleet.group.autoScalingGroupName };
    const of =
      (namespace: string) =>
      (metricName: string, statistic: string, period = MINUTE): cloudwatch.Metric =>
        new cloudwatch.Metric({ namespace, metricName, statistic, dimensionsMap, ...period });
    const node = of('AWS/EC2');
    const group = of('AWS/AutoScaling');
    const agent = of(AGENT_METRICS.namespace);

    const cpu = node('CPUUtilization', 'Average');
    const inService = group('GroupInServiceInstances', 'Average');
    const most = group('GroupMaxSize', 'Average');
    const least = group('GroupMinSize', 'Average');
    const room = new cloudwatch.MathExpression({
      expression: 'most - inService',
      usingMetrics: { most, inService },
      label: 'nodes that scaling may still add',
      ...MINUTE,
    });
    const missing = new cloudwatch.MathExpression({
      expression: 'least - inService',
      usingMetrics: { least, inService },
      label: 'nodes too few',
      ...MINUTE,
    });
    // The driver counts from its start on: what matters is whether the highest count grows.
    const conntrack = new cloudwatch.MathExpression({
      expression: 'DIFF(dropped)',
      usingMetrics: { dropped: agent(AGENT_METRICS.conntrackExceeded, 'Maximum') },
      label: 'packets dropped for connection tracking',
      ...MINUTE,
    });
    const memory = agent(AGENT_METRICS.memoryPercent, 'Maximum');
    const disk = agent(AGENT_METRICS.diskPercent, 'Maximum');

    const exhausted = (name: string, title: string, metricName: string): AlarmRow => ({
      name,
      title,
      weight: 'cause',
      metric: node(metricName, 'Minimum', FIVE_MINUTES),
      when: { below: 20 },
      points: [3, 3],
      // Larger instances have no such balance.
      silence: 'well',
    });
    super(scope, id, {
      environment,
      subject: plan.role,
      tier: 'app',
      alarms: [
        {
          name: 'too-few',
          title: 'Fewer nodes are in service than the fleet must have at least: they do not boot, or not for long.',
          weight: 'cause',
          metric: missing,
          when: { above: 0 },
          points: [15, 15],
          silence: 'unknown',
        },
        ...(plan.maxNodes > plan.minNodes
          ? [
              {
                name: 'at-its-limit',
                title: 'The fleet is as large as it may grow: scaling has nothing left to answer more load with.',
                weight: 'cause',
                metric: room,
                when: { below: 1 },
                points: [15, 15],
                silence: 'unknown',
              } as const,
            ]
          : []),
        {
          name: 'cpu',
          title: 'Nodes work harder than scaling should let them for a quarter of an hour.',
          weight: 'cause',
          metric: cpu,
          when: { above: 85 },
          points: [15, 15],
          silence: 'unknown',
        },
        {
          name: 'connection-tracking',
          title: 'An instance has dropped packets because it tracks as many connections as its size may.',
          weight: 'cause',
          metric: conntrack,
          when: { above: 0 },
          points: [2, 5],
          // A fleet of an image without the agent says nothing.
          silence: 'well',
        },
        {
          name: 'memory',
          title: 'The fullest node has less than a tenth of its memory left; a BEAM that gets none dies as a whole.',
          weight: 'cause',
          metric: memory,
          when: { above: 90 },
          points: [10, 15],
          silence: 'well',
        },
        {
          name: 'disk',
          title: 'The root volume of a node is nearly full.',
          weight: 'cause',
          metric: disk,
          when: { above: 85 },
          points: [3, 3],
          silence: 'well',
        },
        ...(plan.instanceType.burstable
          ? [
              {
                name: 'credits',
                title: 'Nodes use more CPU than their instance type earns over a day: AWS charges for it from now on.',
                weight: 'cause',
                metric: node('CPUSurplusCreditsCharged', 'Maximum', FIVE_MINUTES),
                when: { above: 0 },
                points: [3, 3],
                silence: 'well',
              } as const,
            ]
          : []),
        exhausted(
          'disk-throughput',
          'Throughput of the volumes is nearly used up: the instance falls back to its baseline.',
          'EBSByteBalance%',
        ),
        exhausted(
          'disk-operations',
          'Operations of the volumes are nearly used up: the instance falls back to its baseline.',
          'EBSIOBalance%',
        ),
        ...(errors === undefined
          ? []
          : [
              {
                name: 'log-errors',
                title: 'The release writes far more errors to its log than is usual.',
                weight: 'cause',
                metric: errors.with(FIVE_MINUTES),
                when: { unusual: 'high' },
                points: [3, 3],
                silence: 'well',
              } as const,
            ]),
        {
          name: 'network-out',
          title: 'Nodes send far more than is usual at this time of the week.',
          weight: 'cause',
          metric: node('NetworkOut', 'Sum', FIVE_MINUTES),
          when: { unusual: 'high' },
          points: [3, 3],
          silence: 'well',
        },
      ],
      graphs: [
        { title: 'nodes', left: [inService, least, most], ...(errors && { right: [errors.with(MINUTE)] }) },
        { title: 'CPU, %', left: [cpu, node('CPUUtilization', 'Maximum')], right: [memory] },
        {
          title: 'network, bytes; packets dropped for connection tracking',
          left: [node('NetworkIn', 'Sum'), node('NetworkOut', 'Sum')],
          right: [conntrack],
        },
      ],
    });
  }
}
