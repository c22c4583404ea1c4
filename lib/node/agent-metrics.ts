/**
 * Metrics that the CloudWatch agent of a node reports, by Auto Scaling group, and under which names. The agent prefixes a metric
 * with the part that measures it.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html and
 * CloudWatch-Agent-network-performance.html (2026-11-21)
 */
export const AGENT_METRICS = {
  namespace: 'Beamstalk/Nodes',
  /** Packets dropped because the instance tracks as many connections as it may, since its driver started. */
  conntrackExceeded: 'ethtool_conntrack_allowance_exceeded',
  memoryPercent: 'mem_used_percent',
  diskPercent: 'disk_used_percent',
} as const;
