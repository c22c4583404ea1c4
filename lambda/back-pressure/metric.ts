/**
 * A log line from which CloudWatch makes a metric of the namespace Beamstalk:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * (2026-11-21). Written to standard output directly: what the console writes, Lambda wraps.
 *
 * @param time Milliseconds since 1970.
 */
export function metricLine(name: string, value: number, environment: string, time: number): string {
  return JSON.stringify({
    _aws: {
      Timestamp: time,
      CloudWatchMetrics: [
        { Namespace: 'Beamstalk', Dimensions: [['Environment']], Metrics: [{ Name: name, Unit: 'Count' }] },
      ],
    },
    Environment: environment,
    [name]: value,
  });
}
