import { describe, expect, test } from 'vitest';
import { backlog } from './backlog';
import { chart } from './chart';
import { type Day, requestsOf } from './day';
import { flapping, type Minute, play } from './play';
import { dayFor, playDay, sceneOf } from './prod-day';
import type { Rules } from './rules';

const { rules, processorsPerNode, nodes } = sceneOf('prod');
const SEEDS = [1, 2, 3, 42];

/** Seconds that one user in a hundred may wait for a processor, in the worst minute of the day. */
const BOUND = 0.25;
/** Minutes within which out, in and out again is flapping. */
const WITHIN = 60;

const played = (changes: Partial<Rules> = {}, day: Partial<Day> = {}): Minute[] =>
  playDay({ rules: { ...rules, ...changes }, processorsPerNode, day: dayFor(nodes, day) });
const worst = (minutes: readonly Minute[]): number => Math.max(...minutes.map(({ p99 }) => p99));
const at = (minutes: readonly Minute[], hour: number): number => minutes[Math.round(hour * 60)]?.serving ?? 0;
const most = (minutes: readonly Minute[]): number => Math.max(...minutes.map(({ serving }) => serving));

describe('the day that is played', () => {
  test('is the same every time, and another with another seed', () => {
    expect(requestsOf(dayFor(3))).toEqual(requestsOf(dayFor(3)));
    expect(requestsOf(dayFor(3))).not.toEqual(requestsOf(dayFor(3, { seed: 7 })));
  });

  test('has a spike of four times what came before it', () => {
    const requests = requestsOf(dayFor(3, { noise: 0 }));
    const [before = 0, during = 0] = [requests[8 * 60 + 59], requests[9 * 60 + 20]];
    expect(during / before).toBeGreaterThan(4);
  });
});

describe.each(SEEDS)('production, by the rules of its template, seed %i', (seed) => {
  const day = played({}, { seed });

  test('nobody waits long, spike or not', () => {
    expect(worst(day)).toBeLessThan(BOUND);
  });

  test('no node comes, goes and comes again', () => {
    expect(flapping(day, WITHIN)).toEqual([]);
  });

  test('nodes follow the spike, and go when it is over', () => {
    expect(at(day, 8.9)).toBe(rules.least);
    expect(at(day, 9.4)).toBe(rules.most);
    expect(at(day, 10.75)).toBe(rules.least);
  });

  test('nodes follow the slow evening, and go after it', () => {
    expect(at(day, 16.9)).toBeLessThan(at(day, 19.5));
    expect(at(day, 23)).toBe(rules.least);
  });

  test('the fleet is never smaller than what survives the loss of a zone', () => {
    const least = Math.min(...day.map(({ serving }) => serving));
    expect(least - Math.ceil(least / 3)).toBeGreaterThanOrEqual(nodes);
  });
});

// Each of these rules is wrong, and the day must show it: else it shows nothing.
describe('a wrong rule is found out', () => {
  const tracking = (factor: number) =>
    rules.tracking.map(({ metric, target }) => ({ metric, target: target * factor }));
  const { steps: _, ...withoutSteps } = rules;

  test('targets twice as high let users wait', () => {
    const day = playDay({ rules: { ...withoutSteps, tracking: tracking(2) }, processorsPerNode, day: dayFor(nodes) });
    expect(worst(day)).toBeGreaterThan(BOUND);
  });

  test('a fleet that may not grow lets users wait', () => {
    expect(worst(played({ most: rules.least }))).toBeGreaterThan(BOUND);
  });

  test('removing as soon as the rest would be just at its target flaps', () => {
    const removal = { ...rules.removal, leftLoaded: 1.02 };
    const flaps = SEEDS.flatMap((seed) => flapping(played({ removal }, { seed }), WITHIN));
    expect(flaps.length).toBeGreaterThan(0);
  });
});

describe('steps on latency', () => {
  const { steps: _, ...withoutSteps } = rules;
  const instant = { spike: { at: 9 * 60, rise: 0, hold: 40, times: 4.5 } };

  test('bring nodes sooner when users come all at once', () => {
    const stepped = played({}, instant);
    const tracked = playDay({ rules: withoutSteps, processorsPerNode, day: dayFor(nodes, instant) });
    const waited = (day: readonly Minute[]): number => day.reduce((sum, { p99 }) => sum + p99, 0);
    expect(waited(stepped)).toBeLessThan(0.9 * waited(tracked));
  });

  test('leave a slow database alone: it needs no more nodes', () => {
    const slow = playDay({
      rules,
      processorsPerNode,
      day: dayFor(nodes, {
        swing: 0,
        ramp: { at: 0, rise: 1, extra: 0 },
        spike: { at: 0, rise: 0, hold: 0, times: 1 },
      }),
      elsewhere: (minute) => (minute > 600 && minute < 720 ? 3 : 0.02),
    });
    expect(Math.max(...slow.map(({ metrics }) => metrics['latency'] ?? 0))).toBeGreaterThan(
      rules.steps?.threshold ?? 99,
    );
    expect(most(slow)).toBe(rules.least);
  });
});

describe('what no rule can answer in time', () => {
  const instant = { spike: { at: 9 * 60, rise: 0, hold: 40, times: 5 } };

  test('is users who come all at once, and a size scheduled before them can', () => {
    const day = dayFor(nodes, instant);
    const scheduled = (minute: number): number => (minute >= 8.75 * 60 && minute < 10 * 60 ? rules.most : 0);
    expect(worst(playDay({ rules, processorsPerNode, day }))).toBeGreaterThan(BOUND);
    expect(worst(playDay({ rules, processorsPerNode, day, scheduled }))).toBeLessThan(BOUND);
  });
});

describe('jobs in a queue', () => {
  test('are worked off by nodes that follow the backlog', () => {
    const jobs = play({
      rules: {
        least: 1,
        most: 10,
        warmUp: 5,
        tracking: [{ metric: 'backlog', target: 3000 }],
        removal: { leftLoaded: 0.85, minutes: 15, pause: 5 },
      },
      minutes: 600,
      boot: 3,
      work: backlog({ arrivals: (minute) => (minute >= 60 && minute < 120 ? 400 : 10), jobsPerSecond: 50 }),
    });
    expect(most(jobs)).toBeGreaterThan(5);
    expect(jobs.at(-1)).toMatchObject({ p99: 0, serving: 1 });
  });
});

test('the chart fits into 80 columns and shows the spike', () => {
  const lines = chart(played()).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  const requests = lines.slice(1, 8);
  const heightAt = (hour: number): number => requests.filter((line) => line[8 + hour * 3] === '#').length;
  expect(heightAt(9)).toBeGreaterThan(2 * heightAt(8));
});
