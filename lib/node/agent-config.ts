import { AGENT_METRICS } from './agent-metrics';

/** What the boot puts in for it: the log group is known to Parameter Store only. */
export const LOG_GROUP_PLACEHOLDER = '@LOG_GROUP@';

export interface AgentConfigProps {
  readonly region: string;
  /** Units of systemd whose journal is shipped; none for no logs. */
  readonly units: readonly string[];
}

/**
 * Configuration of the CloudWatch agent: what EC2 itself does not see of a node, by Auto Scaling group alone (each
 * further dimension is another metric to pay for), and the journal of the release.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
 * and the schema in aws/amazon-cloudwatch-agent, which reads journals since 1.300070 (2026-11-21)
 */
export function agentConfig({ region, units }: AgentConfigProps): string {
  const config = {
    // Nodes may have a way out for IPv6 only; the plain endpoints answer on IPv4.
    agent: { region, metrics_collection_interval: 60, use_dualstack_endpoint: true },
    metrics: {
      namespace: AGENT_METRICS.namespace,
      append_dimensions: { AutoScalingGroupName: '${aws:AutoScalingGroupName}' },
      aggregation_dimensions: [['AutoScalingGroupName']],
      metrics_collected: {
        mem: { measurement: ['mem_used_percent'] },
        disk: { measurement: ['used_percent'], resources: ['/'], drop_device: true },
        ethtool: { metrics_include: ['conntrack_allowance_exceeded', 'pps_allowance_exceeded'] },
      },
    },
    ...(units.length > 0 && {
      logs: {
        logs_collected: {
          journald: {
            collect_list: [{ log_group_name: LOG_GROUP_PLACEHOLDER, log_stream_name: '{instance_id}', units }],
          },
        },
      },
    }),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
