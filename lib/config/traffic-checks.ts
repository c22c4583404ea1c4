import type { Check } from './check';

/** Traffic that contradicts itself: what nobody asks for cannot be done. */
export const TRAFFIC_CHECKS: readonly Check[] = [
  {
    keys: ['traffic.requestsPerMonth', 'traffic'],
    violated: ({ traffic }) => {
      const { requestsPerMonth, connections, readsPerMonth, writesPerMonth } = traffic;
      return requestsPerMonth === 0 && connections === 0 && readsPerMonth + writesPerMonth > 0
        ? 'more than 0, because there are reads or writes, and no connections that could ask for them'
        : undefined;
    },
  },
];
