import { describe, expect, test } from 'vitest';
import { problem, read } from './configuration-folder';

describe('traffic', () => {
  test('of the scaling guide is given on the command line as people write it', () => {
    const { traffic } = read({}, { 'traffic.writesPerMonth': '1e9', 'traffic.readsPerMonth': '1e11' });
    expect(traffic).toMatchObject({ writesPerMonth: 1_000_000_000, readsPerMonth: 100_000_000_000 });
  });

  test.each([
    [{ 'traffic.connections': '-1' }, 'traffic.connections: received -1; allowed: an integer from 0 to 100000000;'],
    [{ 'traffic.requestsPerMonth': '1e99' }, 'traffic.requestsPerMonth: received 1e99; allowed: an integer from 0 to'],
    [{ 'traffic.cdnHitPercent': '101' }, 'traffic.cdnHitPercent: received 101; allowed: a number from 0 to 100;'],
    [{ 'traffic.peakFactor': '0.5' }, 'traffic.peakFactor: received 0.5; allowed: a number from 1 to 1000;'],
    [{ 'traffic.growthPercentPerMonth': '-5' }, 'traffic.growthPercentPerMonth: received -5; allowed: a number from 0'],
    [{ 'traffic.reads': '5' }, 'traffic.reads: received "5"'],
  ])('%o is refused', (context, message) => {
    expect(problem(context)).toContain(message);
  });

  test('that nobody asks for is refused once', () => {
    const nobody = { requestsPerMonth: 0, connections: 0 };
    expect(problem({}, { traffic: nobody })).toContain(
      'traffic.requestsPerMonth: received 0; allowed: more than 0, because there are reads or writes',
    );
    expect(read({ traffic: { ...nobody, connections: 1 } }).traffic.connections).toBe(1);
    expect(read({ traffic: { ...nobody, readsPerMonth: 0, writesPerMonth: 0 } }).traffic.requestsPerMonth).toBe(0);
  });
});
