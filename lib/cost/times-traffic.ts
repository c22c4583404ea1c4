import type { Traffic } from '../config/traffic-settings';

/** So many times the traffic: what is counted grows, and what says how it is made up stays. */
export function timesTraffic(traffic: Traffic, factor: number): Traffic {
  return {
    ...traffic,
    users: traffic.users * factor,
    connections: traffic.connections * factor,
    requestsPerMonth: traffic.requestsPerMonth * factor,
    readsPerMonth: traffic.readsPerMonth * factor,
    writesPerMonth: traffic.writesPerMonth * factor,
    jobsPerMonth: traffic.jobsPerMonth * factor,
  };
}
