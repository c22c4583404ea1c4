import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { Watch } from './watch';

const MINUTE = { period: Duration.minutes(1) };

export interface EgressWatchProps {
  readonly environment: string;
  readonly gateways: readonly ec2.CfnNatGateway[];
}

/** The way out for IPv4: a gateway without a free port opens no more connections to the same address. */
export class EgressWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, gateways }: EgressWatchProps) {
    const sum = (metricName: string, label: string): cloudwatch.MathExpression => {
      const usingMetrics = Object.fromEntries(
        gateways.map((gateway, index) => [
          // Unique over a graph, and in lower case at first, as CloudWatch wants it.
          `g${index + 1}${metricName}`,
          new cloudwatch.Metric({
            namespace: 'AWS/NATGateway',
            metricName,
            statistic: 'Sum',
            dimensionsMap: { NatGatewayId: gateway.attrNatGatewayId },
            ...MINUTE,
          }),
        ]),
      );
      const list = `[${Object.keys(usingMetrics).join(', ')}]`;
      return new cloudwatch.MathExpression({ expression: `SUM(${list})`, usingMetrics, label, ...MINUTE });
    };
    const ports = sum('ErrorPortAllocation', 'connections without a port');
    const drops = sum('PacketsDropCount', 'packets dropped');
    super(scope, id, {
      environment,
      subject: 'egress',
      tier: 'app',
      alarms: [
        {
          name: 'ports',
          title: 'A NAT gateway had no port left for a new connection: calls to other services fail.',
          weight: 'cause',
          metric: ports,
          when: { above: 0 },
          points: [3, 5],
          silence: 'well',
        },
        {
          name: 'drops',
          title: 'NAT gateways drop packets.',
          weight: 'cause',
          metric: drops,
          when: { above: 100 },
          points: [5, 10],
          silence: 'well',
        },
      ],
      graphs: [
        { title: 'bytes out', left: [sum('BytesOutToDestination', 'bytes')] },
        { title: 'failures', left: [ports, drops] },
      ],
    });
  }
}
