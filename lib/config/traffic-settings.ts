import { z } from 'zod';
import { integer } from './fields';

const ratio = (least: number, most: number, description: string) => {
  const message = `a number from ${least} to ${most}`;
  return z.number(message).min(least, message).max(most, message).describe(description);
};

/** Bound far beyond what one system serves, and exact as a number: ten trillion. */
const MOST_A_MONTH = 10_000_000_000_000;

const traffic = z
  .strictObject({
    users: integer(0, 10_000_000_000, 'Registered users.'),
    connections: integer(
      0,
      100_000_000,
      'Connections that stay open, such as WebSockets, counted at the peak. What opens for one request is not among them.',
    ),
    requestsPerMonth: integer(0, MOST_A_MONTH, 'HTTP requests at the public name in a month, files among them.'),
    readsPerMonth: integer(0, MOST_A_MONTH, 'Reads of stored data in a month, before any cache.'),
    writesPerMonth: integer(0, MOST_A_MONTH, 'Writes of stored data in a month.'),
    jobsPerMonth: integer(0, MOST_A_MONTH, 'Jobs that enter the queues in a month (phase 5 and later).'),
    payloadBytes: integer(0, 104_857_600, 'Average response to a request, bytes.'),
    rowBytes: integer(1, 1_048_576, 'What one write adds to the stored data, and one read reads, bytes.'),
    keepMonths: integer(1, 1200, 'Months for which what was written is kept.'),
    uploadMiBPerUser: ratio(0, 1_000_000, 'Files in the buckets, MiB for each user.'),
    cdnHitPercent: ratio(0, 100, 'Share of requests that CloudFront answers by itself, per cent.'),
    cacheHitPercent: ratio(0, 100, 'Share of reads that the cache answers, per cent (phase 3 and later).'),
    peakFactor: ratio(1, 1000, 'The busiest minute over the average one.'),
    growthPercentPerMonth: ratio(0, 1000, 'Growth of everything above that is counted, per cent a month.'),
  })
  .describe(
    'The traffic that is expected, at the time of asking. Nothing is built from it: the bill and the capacity model read it.',
  );

/** Use that an environment is expected to have. */
export type Traffic = z.infer<typeof traffic>;

/** Settings of which no template knows. */
export const expected = { traffic };
