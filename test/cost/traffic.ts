import { DEFAULTS } from '../../lib/config/defaults';
import type { Traffic } from '../../lib/config/traffic-settings';

/** Nobody uses it: a bill has its fixed part alone. */
export const NO_TRAFFIC: Traffic = {
  ...DEFAULTS.traffic,
  users: 0,
  connections: 0,
  requestsPerMonth: 0,
  readsPerMonth: 0,
  writesPerMonth: 0,
  jobsPerMonth: 0,
};
