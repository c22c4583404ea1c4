/** Options that say traffic, each with the setting that it is. */
export const TRAFFIC = [
  ['users', 'traffic.users', 'registered users'],
  ['connections', 'traffic.connections', 'connections that stay open, at the peak'],
  ['requests', 'traffic.requestsPerMonth', 'HTTP requests in a month'],
  ['reads', 'traffic.readsPerMonth', 'reads of stored data in a month'],
  ['writes', 'traffic.writesPerMonth', 'writes of stored data in a month'],
  ['jobs', 'traffic.jobsPerMonth', 'jobs in a month'],
  ['payload', 'traffic.payloadBytes', 'average response, bytes'],
  ['peak', 'traffic.peakFactor', 'the busiest minute over the average one'],
  ['growth', 'traffic.growthPercentPerMonth', 'growth, per cent a month'],
] as const;

/** Words of the flags, for messages about what they set. */
export const TRAFFIC_FLAGS: Readonly<Record<string, string>> = Object.fromEntries(
  TRAFFIC.map(([flag, key]) => [key, `--${flag} ...`] as const),
);
