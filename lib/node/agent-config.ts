import { AGENT_METRICS } from './agent-metrics';

/**
 * Placeholders that the boot replaces: the log group is known to Parameter Store only, and the endpoints that can be
 * reached to the node. `DUAL_STACK` is `true` or `false`, for the agent's calls to EC2.
 */
const PLACEHOLDER = {
  logGroup: '@LOG_GROUP@',
  metricsEndpoint: '@METRICS_ENDPOINT@',
  logsEndpoint: '@LOGS_ENDPOINT@',
  dualStack: '@DUAL_STACK@',
} as const;

export interface AgentConfigProps {
  readonly region: string;
  /** Units of systemd whose journal is shipped. */
  readonly units: readonly string[];
  readonly files: readonly LogFile[];
}

/** A file on the node that is shipped line by line, to a stream `<instance>/<stream>`. */
export interface LogFile {
  readonly path: string;
  readonly stream: string;
}

/**
 * Configuration of the CloudWatch agent: what EC2 itself does not see of a node, by Auto Scaling group alone (each
 * further dimension is another metric to pay for), and the logs of release, proxy and boot.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
 * and the schema in aws/amazon-cloudwatch-agent, which reads journals since 1.300070 (2026-11-21)
 */
export function agentConfig({ region, units, files }: AgentConfigProps): string {
  const config = {
    agent: { region, metrics_collection_interval: 60, use_dualstack_endpoint: PLACEHOLDER.dualStack },
    metrics: {
      endpoint_override: PLACEHOLDER.metricsEndpoint,
      namespace: AGENT_METRICS.namespace,
      append_dimensions: { AutoScalingGroupName: '${aws:AutoScalingGroupName}' },
      aggregation_dimensions: [['AutoScalingGroupName']],
      metrics_collected: {
        mem: { measurement: ['mem_used_percent'] },
        disk: { measurement: ['used_percent'], resources: ['/'], drop_device: true },
        ethtool: { metrics_include: ['conntrack_allowance_exceeded', 'pps_allowance_exceeded'] },
      },
    },
    logs: {
      endpoint_override: PLACEHOLDER.logsEndpoint,
      logs_collected: {
        files: {
          collect_list: files.map(({ path, stream }) => ({
            file_path: path,
            log_group_name: PLACEHOLDER.logGroup,
            log_stream_name: `{instance_id}/${stream}`,
          })),
        },
        ...(units.length > 0 && {
          journald: {
            collect_list: [{ log_group_name: PLACEHOLDER.logGroup, log_stream_name: '{instance_id}', units }],
          },
        }),
      },
    },
  };
  const text = JSON.stringify(config, undefined, 2).replace(`"${PLACEHOLDER.dualStack}"`, PLACEHOLDER.dualStack);
  return `${text}\n`;
}
