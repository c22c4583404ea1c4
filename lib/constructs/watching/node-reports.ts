import { RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AGENT_METRICS } from '../../node/agent-metrics';
import type { NodeRole } from '../../node/blueprint';
import { allow } from '../../policies/allow';
import { countNearEnd } from '../compute/cluster-watch';
import type { NodeFleet } from '../compute/node-fleet';
import { PublishedParameters } from '../parameters/published-parameters';

export interface NodeReportsProps {
  readonly environment: string;
  readonly role: NodeRole;
  readonly fleet: NodeFleet;
  readonly logDays: number;
}

/**
 * Log group and permissions of the CloudWatch agent of a fleet's nodes: in the stack of the fleet, so that all of it is
 * there before the first node that looks for it.
 */
export class NodeReports extends Construct {
  /** Errors and crashes in the logs of release and proxy. */
  readonly errors: cloudwatch.Metric;

  constructor(scope: Construct, id: string, { environment, role, fleet, logDays }: NodeReportsProps) {
    super(scope, id);
    allow(fleet.role, {
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': AGENT_METRICS.namespace } },
      wildcardsBecause: 'Metrics know no resource-level permissions; the condition names the one namespace.',
    });
    allow(fleet.role, {
      actions: ['ec2:DescribeTags'],
      resources: ['*'],
      wildcardsBecause: 'The agent asks for the name of its group; describing knows no resource-level permissions.',
    });
    this.errors = this.ship(environment, role, fleet, logDays);
  }

  /** The logs of a role: where to, that nodes may, and what of them is counted. */
  private ship(
    environment: string,
    role: NodeRole,
    fleet: NodeFleet,
    retention: logs.RetentionDays,
  ): cloudwatch.Metric {
    const log = new logs.LogGroup(this, 'Log', { retention, removalPolicy: RemovalPolicy.DESTROY });
    allow(fleet.role, {
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      resources: [log.logGroupArn],
      wildcardsBecause: 'A stream for each node of the fleet; the group is named.',
    });
    const published = new PublishedParameters(this, 'Published', {
      environment,
      topic: 'logs',
      values: { [role]: log.logGroupName },
    });
    fleet.node.addDependency(published);

    if (fleet.steps.includes('cluster')) countNearEnd(this, environment, log);

    const metric = { metricNamespace: `Beamstalk/${environment}`, metricName: `release-errors-${role}` };
    new logs.MetricFilter(this, 'Errors', {
      logGroup: log,
      // Prefixes of errors in the logs of Elixir, of OTP and of nginx.
      filterPattern: logs.FilterPattern.anyTerm('[error]', '=ERROR REPORT', '=CRASH REPORT', '[crit]', '[emerg]'),
      ...metric,
      metricValue: '1',
      defaultValue: 0,
    });
    return new cloudwatch.Metric({
      namespace: metric.metricNamespace,
      metricName: metric.metricName,
      statistic: 'Sum',
      label: 'errors in the log',
    });
  }
}
