import { describe, expect, test } from 'vitest';
import { capacityOf, carries, firstBottleneck } from '../../lib/capacity/capacity';
import { type Ceiling, monthsLeft, type Resource, type Tier, taken } from '../../lib/capacity/ceiling';
import { architectureWith, type PriceOf } from '../../lib/capacity/choice';
import { COEFFICIENTS } from '../../lib/capacity/coefficients';
import { loadOf } from '../../lib/capacity/load';
import { ASSUMED_WORK, workBy } from '../../lib/capacity/measured';
import { fitted } from '../../lib/capacity/models/scalability';
import { cheapestRelief } from '../../lib/capacity/relief';
import { pricesOf } from '../../lib/commands/size/prices';
import { DEFAULTS } from '../../lib/config/defaults';
import type { Traffic } from '../../lib/config/traffic-settings';
import { instanceType } from '../../lib/facts/instance-type';
import { BOOK } from '../cost/book';
import { built, configured } from './environment';

const small: Traffic = DEFAULTS.traffic;

/** The guide's own scale: 10 million users, a billion writes and a hundred billion reads a month, kept for three years. */
const guide: Traffic = {
  ...small,
  users: 1e7,
  requestsPerMonth: 1e11,
  readsPerMonth: 1e11,
  writesPerMonth: 1e9,
  keepMonths: 36,
};

function ceilingOf(phase: number, traffic: Traffic, tier: Tier, resource: Resource, settings = {}): Ceiling {
  const { ceilings } = capacityOf(built('prod', phase, settings), traffic);
  const found = ceilings.find((one) => one.tier === tier && one.resource === resource && one.event === undefined);
  if (found === undefined) throw new Error(`no ${resource} of ${tier}`);
  return found;
}

describe("the guide's scale", () => {
  test('is 381 writes and 38,052 reads a second on average', () => {
    const { average } = loadOf(guide, built('prod', 5));
    expect(Math.round(average.writes)).toBe(381);
    expect(Math.round(average.reads)).toBe(38_052);
  });

  test('does not need shards for its rate of writes, and does for the size of its data', () => {
    const traffic = { ...guide, cacheHitPercent: 99 };
    const settings = {
      'database.class': 'db.r7g.8xlarge',
      'database.maxStorageGiB': 65_536,
      'database.storageGiB': 400,
    };
    expect(taken(ceilingOf(5, traffic, 'database', 'CPU', settings))).toBeLessThan(0.5);
    expect(taken(ceilingOf(5, traffic, 'database', 'IOPS', settings))).toBeLessThan(0.7);
    expect(ceilingOf(5, traffic, 'database', 'storage', settings).load).toBeCloseTo((2 * 36e9 * 1000) / 2 ** 30, 0);
    expect(taken(ceilingOf(5, traffic, 'database', 'recovery', settings))).toBeGreaterThan(1);
    expect(firstBottleneck(capacityOf(built('prod', 5, settings), traffic))?.headroom).toBeLessThan(0);
  });
});

describe('ceilings by hand', () => {
  test('sockets of a fleet: 60 % of the memory at 48 KiB', () => {
    // 9 x floor(8 GiB x 0.6 / 48 KiB).
    expect(ceilingOf(4, small, 'app', 'connections').most).toBe(9 * 104_857);
  });

  test('a lost zone takes a third of the nodes, rounded up', () => {
    const { ceilings } = capacityOf(built('prod', 2, { 'app.minNodes': 4 }), small);
    const left = ceilings.find(({ tier, resource, event }) => tier === 'app' && resource === 'connections' && event);
    expect(left?.most).toBe(2 * 104_857);
  });

  test('a lost zone takes all of the nodes that stand in it close together, and of no other fleet', () => {
    const { ceilings } = capacityOf(built('prod', 2, { 'app.minNodes': 4, 'app.placement': 'cluster' }), small);
    const left = (tier: Tier) => ceilings.find((one) => one.tier === tier && one.resource === 'CPU' && one.event);
    expect(left('app')).toMatchObject({ most: 0, why: '0 of 4 nodes are left: all are in one zone (app.placement)' });
    expect(left('web')?.most).toBeGreaterThan(0);
  });

  test.each([
    ['the box, whose gp3 volume has 125 MiB/s', 0, 'single server', {}, 125],
    ['RDS below 400 GiB', 2, 'database', { 'database.storageGiB': 100, 'database.maxStorageGiB': 399 }, 125],
    ['RDS from 400 GiB on', 2, 'database', { 'database.storageGiB': 400, 'database.maxStorageGiB': 500 }, 500],
  ] as const)('rows are read again at the rate of their own disk: %s', (_, phase, tier, settings, rate) => {
    const traffic = { ...small, writesPerMonth: 2 ** 30, rowBytes: 50, keepMonths: 1 };
    const { load, why } = ceilingOf(phase, traffic, tier, 'recovery', settings);
    // 100 GiB, of 2 bytes for each that is written.
    expect(load).toBeCloseTo((100 * 1024) / rate / 3600, 9);
    expect(why).toContain(`100 GiB read once at the ${rate} MiB/s of`);
  });

  test('rows of shards are read again at a rate that is assumed, and says so', () => {
    expect(ceilingOf(6, small, 'shards', 'recovery').why).toContain('of Aurora, of which AWS names no rate');
    expect(COEFFICIENTS.mibPerSecondOfAurora.basis).toBe('assumed');
  });

  test('connections to a database: pools of all nodes that there may be, against max_connections', () => {
    const { load, most } = ceilingOf(5, small, 'database', 'database connections');
    // Nine app nodes and twelve workers, ten each.
    expect(load).toBe(210);
    // floor(16 GiB x 0.88 / 9,531,392) less five.
    expect(most).toBe(1586 - 5);
  });

  test('jobs under way are those that come in the time of one', () => {
    const traffic = { ...small, jobsPerMonth: 2_628_000 * 3, peakFactor: 2 };
    // Six a second at the peak, two of three queues on the fleet, a second each.
    expect(ceilingOf(5, traffic, 'workers', 'jobs').load).toBeCloseTo(4, 9);
    expect(ceilingOf(5, traffic, 'workers', 'jobs').most).toBe(12 * 50);
    expect(ceilingOf(5, traffic, 'Lambda workers', 'jobs').load).toBeCloseTo(2, 9);
  });

  test('without its cache the replicas see every read', () => {
    const { ceilings } = capacityOf(built('prod', 3), { ...small, cacheHitPercent: 90, writesPerMonth: 0 });
    const [ordinary, lost] = [undefined, 'the cache lost'].map((event) =>
      ceilings.find((one) => one.tier === 'read replicas' && one.resource === 'CPU' && one.event === event),
    );
    expect((lost?.load ?? 0) / (ordinary?.load ?? 0)).toBeCloseTo(10, 9);
  });

  test('a burstable node must earn its peak', () => {
    const steady = ceilingOf(2, { ...small, peakFactor: 1 }, 'app', 'CPU', { 'app.instanceType': 't3.medium' });
    // Three nodes of two vCPUs at a fifth.
    expect(steady.most).toBeCloseTo(3 * 2 * 0.2, 9);
  });
});

describe('every phase of every environment', () => {
  const all = ['dev', 'staging', 'prod'].flatMap((env) => [0, 1, 2, 3, 4, 5, 6].map((phase) => [env, phase] as const));

  test.each(all)('%s at phase %i carries its own traffic, and grows out of it later', (env, phase) => {
    const { traffic } = configured(env, phase);
    const capacity = capacityOf(built(env, phase), traffic);
    expect(carries(capacity, 0.3)).toBe(true);
    expect(firstBottleneck(capacity)?.months).toBeGreaterThan(0);
    expect(capacity.ceilings.every(({ load, most }) => Number.isFinite(load) && Number.isFinite(most))).toBe(true);
  });

  test.each(all)('%s at phase %i is taken no less by more traffic', (env, phase) => {
    const architecture = built(env, phase);
    const keys = [
      'connections',
      'requestsPerMonth',
      'readsPerMonth',
      'writesPerMonth',
      'jobsPerMonth',
      'payloadBytes',
    ] as const;
    const before = capacityOf(architecture, small).ceilings;
    for (const key of keys) {
      const after = capacityOf(architecture, { ...small, [key]: small[key] * 10 }).ceilings;
      after.forEach((ceiling, at) => {
        const other = before[at];
        expect(other && taken(other)).toBeLessThanOrEqual(taken(ceiling) * (1 + 1e-12));
      });
    }
  });
});

describe('the months that are left', () => {
  const ceiling = (load: number): Ceiling => ({
    tier: 'app',
    resource: 'CPU',
    load,
    most: 100,
    unit: '',
    basis: 'assumed',
    why: '',
  });

  test('a half is grown out of in fifteen months at 5 %', () => expect(monthsLeft(ceiling(50), 0.05)).toBe(14));
  test('what is passed is passed', () => expect(monthsLeft(ceiling(101), 0.05)).toBe(0));
  test('without growth it stays', () => expect(monthsLeft(ceiling(50), 0)).toBe(Number.POSITIVE_INFINITY));
});

describe('a load test', () => {
  const steps = [1, 2, 4, 8, 16].map((concurrency) => ({ concurrency, perSecond: 3000 * concurrency }));

  test('says what a node of its type carries', () => {
    const fit = fitted(steps);
    if (fit === undefined) throw new Error('no law fits');
    const work = workBy({ type: instanceType('c7i.xlarge'), fit });
    expect(fit.most).toBeCloseTo(48_000, 0);
    const traffic = { ...small, requestsPerMonth: 1e9, connections: 0 };
    const cpu = capacityOf(built('prod', 4), traffic, work).ceilings.find(
      ({ tier, resource }) => tier === 'app' && resource === 'CPU',
    );
    expect(cpu?.basis).toBe('fitted');
    // Nine nodes of what one was measured to do.
    const requests = loadOf(traffic, built('prod', 4)).peakAtNodes;
    expect(cpu && taken(cpu)).toBeCloseTo(requests / (9 * 48_000), 3);
    expect(work.secondsPerRequest).toBeLessThan(ASSUMED_WORK.secondsPerRequest);
  });
});

describe('relief', () => {
  /** A price that only counts what the tests change. */
  const priceOf: PriceOf = ({ app, box, ingress }) => ({
    usd:
      (app?.minNodes ?? 0) * (app?.instanceType.vcpu ?? 0) +
      (box?.instanceType.vcpu ?? 0) +
      (ingress === undefined ? 0 : 10),
    notPriced: 0,
  });

  test('is the cheapest single change that gives the headroom back', () => {
    const configuration = configured('dev', 0, { 'traffic.connections': 80_000 });
    const first = firstBottleneck(capacityOf(architectureWith(configuration, {}), configuration.traffic));
    expect(first?.ceiling).toMatchObject({ tier: 'single server', resource: 'connections' });
    const relief = first && cheapestRelief(configuration, first.ceiling, priceOf);
    expect(relief).toEqual({ choice: { 'box.instanceType': 'c7i.2xlarge' }, usd: 6, notPriced: 0 });
  });

  test('is none that is cheap because a part of it has no price', () => {
    const configuration = configured('dev', 0, { 'traffic.connections': 80_000 });
    const first = firstBottleneck(capacityOf(architectureWith(configuration, {}), configuration.traffic));
    // The cheapest by the rest, c7i.2xlarge, has no price of its own.
    const lacking: PriceOf = (architecture, traffic) =>
      architecture.box?.instanceType.name === 'c7i.2xlarge' ? { usd: 0, notPriced: 1 } : priceOf(architecture, traffic);
    const relief = first && cheapestRelief(configuration, first.ceiling, lacking);
    expect(relief?.notPriced).toBe(0);
    expect(relief?.choice).not.toEqual({ 'box.instanceType': 'c7i.2xlarge' });
  });

  const cpuOf = (settings: Record<string, unknown>): Record<string, string | number> | undefined => {
    const configuration = configured('prod', 2, settings);
    const { ceilings } = capacityOf(architectureWith(configuration, {}), configuration.traffic);
    const cpu = ceilings.find(({ tier, resource, event }) => tier === 'app' && resource === 'CPU' && !event);
    expect(cpu && taken(cpu)).toBeGreaterThan(0.9);
    // The price of a bigger node, which is thought to cost less than two.
    const price: PriceOf = ({ app }) => ({
      usd: (app?.minNodes ?? 0) * Math.sqrt(app?.instanceType.vcpu ?? 0),
      notPriced: 0,
    });
    return cpu && cheapestRelief(configuration, cpu, price)?.choice;
  };

  test('of busy cores is a bigger node up to the rung at which a second one beats it, on any ladder', () => {
    const small = { 'app.instanceType': 'm7i.xlarge', 'app.minNodes': 4, 'app.maxNodes': 5 };
    expect(cpuOf({ ...small, 'traffic.requestsPerMonth': 9e9 })).toEqual({ 'app.instanceType': 'm7i.2xlarge' });
    const big = { 'app.instanceType': 'm7i.8xlarge', 'app.minNodes': 2, 'app.maxNodes': 3 };
    expect(cpuOf({ ...big, 'traffic.requestsPerMonth': 3.5e10 })).toMatchObject({ 'app.minNodes': expect.any(Number) });
  });

  const relieve = (env: string, phase: number, settings = {}) => {
    const configuration = configured(env, phase, settings);
    const capacity = capacityOf(architectureWith(configuration, {}), configuration.traffic);
    const first = firstBottleneck(capacity)?.ceiling;
    if (first === undefined) throw new Error('no bottleneck');
    const relief = cheapestRelief(configuration, first, pricesOf(BOOK).of);
    const after = relief && capacityOf(architectureWith(configuration, relief.choice), configuration.traffic).ceilings;
    const left = after?.filter((one) => one.tier === first.tier && one.resource === first.resource && !one.event);
    return { configuration, first, relief, left };
  };

  test.each([
    // Replicas begin in phase 3.
    ['storage of a database', 2, {}, 'storage', { 'database.maxStorageGiB': 1429 }],
    // Neither room on a volume nor a database of its own gives cores.
    ['cores of the box', 1, {}, 'CPU', { 'box.instanceType': 'c7i.2xlarge' }],
    // Storage does not shrink, and gives no cores either.
    [
      'cores of a database with much storage',
      2,
      { 'database.storageGiB': 1000, 'database.maxStorageGiB': 2000 },
      'CPU',
      { 'database.class': 'db.r7g.xlarge' },
    ],
  ])('of what has its headroom lifts it: %s', (_, phase, settings, resource, choice) => {
    const { first, relief } = relieve('prod', phase, settings);
    expect(first.resource).toBe(resource);
    expect(taken(first)).toBeLessThan(0.7);
    expect(relief?.choice).toEqual(choice);
  });

  const everyPhase = ['dev', 'staging', 'prod'].flatMap((env) => [0, 1, 2, 3, 4, 5, 6].map((at) => [env, at] as const));

  test.each(everyPhase)('of %s at phase %i leaves three tenths less taken, if it is any', (env, phase) => {
    for (const settings of [{}, { 'traffic.writesPerMonth': 3e8 }, { 'traffic.readsPerMonth': 1e10 }]) {
      const { configuration, first, relief, left } = relieve(env, phase, settings);
      const most = taken(first) > 0.7 ? 0.7 : taken(first) * 0.7;
      for (const one of left ?? []) expect(taken(one)).toBeLessThanOrEqual(most * (1 + 1e-12));
      const storage = relief?.choice['database.storageGiB'] ?? Number.POSITIVE_INFINITY;
      expect(storage).toBeGreaterThanOrEqual(configuration.database.storageGiB);
    }
  });

  /** Workloads that a count within its bound does not carry, beside those that it does. */
  const workloads = {
    'what is expected': {},
    'twenty million sockets': { 'traffic.connections': 2e7 },
    'ninety million sockets': { 'traffic.connections': 9e7 },
    'a trillion requests': { 'traffic.requestsPerMonth': 1e12 },
    'a hundred billion jobs': { 'traffic.jobsPerMonth': 1e11 },
    'as many writes': { 'traffic.writesPerMonth': 1e11 },
  };
  const twice = ['dev', 'prod'].flatMap((env) =>
    Object.entries(workloads).map(([name, load]) => ({ env, name, load })),
  );

  test.each(twice)('is one that the configuration takes, in every phase: $env, $name', ({ env, load }) => {
    for (const phase of [0, 1, 2, 3, 4, 5, 6]) {
      // The fewest nodes of a fleet that a phase takes.
      const fewest = { 'app.minNodes': phase === 2 || phase === 3 ? 2 : 1 };
      for (const settings of [load, { ...load, ...fewest }, { ...load, ...fewest, ingress: 'sockets' }]) {
        const { relief } = relieve(env, phase, settings);
        if (relief === undefined) continue;
        expect(() => configured(env, phase, { ...settings, ...relief.choice }), JSON.stringify(relief)).not.toThrow();
      }
    }
  });

  const reliefOf = (tier: Tier, resource: Resource, phase: number, settings = {}) => {
    const configuration = configured('prod', phase, settings);
    const { ceilings } = capacityOf(architectureWith(configuration, {}), configuration.traffic);
    const ceiling = ceilings.find((one) => one.tier === tier && one.resource === resource);
    if (ceiling === undefined) throw new Error(`no ${resource} of ${tier}`);
    return cheapestRelief(configuration, ceiling, pricesOf(BOOK).of)?.choice;
  };

  test('is a larger type where the greatest number of nodes does not do', () => {
    const sockets = (maxNodes: number) =>
      reliefOf('web', 'connections', 4, { 'traffic.connections': 2e7, 'web.maxNodes': maxNodes });
    expect([sockets(400), sockets(6)]).toEqual([{ 'web.instanceType': expect.any(String) }, undefined]);
  });

  test('is no phase that a rule over several keys keeps from it', () => {
    // A fleet, which begins with phase 2, has two nodes at least.
    const copies = (minNodes: number) => reliefOf('single server', 'copies', 0, { 'app.minNodes': minNodes });
    expect([copies(1), copies(2)]).toEqual([undefined, { phase: 2 }]);
  });

  test('is none of what nothing is taken of', () => {
    expect(reliefOf('workers', 'jobs', 5, { 'traffic.jobsPerMonth': 0 })).toBeUndefined();
    expect(reliefOf('workers', 'jobs', 5, { 'traffic.jobsPerMonth': 1e9 })).toBeDefined();
  });

  test('is undefined where nothing that is known lifts the ceiling', () => {
    const configuration = configured('prod', 5, { 'traffic.readsPerMonth': 9e12, 'traffic.cacheHitPercent': 100 });
    const { ceilings } = capacityOf(architectureWith(configuration, {}), configuration.traffic);
    const operations = ceilings.find(({ tier, resource }) => tier === 'cache' && resource === 'operations');
    expect(operations && taken(operations)).toBeGreaterThan(1);
    expect(operations && cheapestRelief(configuration, operations, priceOf)).toBeUndefined();
  });
});
