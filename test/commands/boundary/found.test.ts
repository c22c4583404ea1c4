import { describe, expect, test } from 'vitest';
import { found } from '../../../lib/commands/boundary/found';
import { type Load, type Met, missed } from '../../../lib/commands/boundary/load';
import { loadTest } from '../../../lib/commands/boundary/load-test';

const objective = { p99Ms: 500, failedShare: 0.01 };
const url = 'http://shop.example.com/';
const socket = 'ws://shop.example.com/socket';

/** A system of so many connections, and answers that take longer the more ask at once; `shared` is what both kinds need. */
function system({ connections = 300, attempts = 100, shared = Number.POSITIVE_INFINITY, breathless = false }) {
  return async (load: Load): Promise<Met> => {
    const over = load.connections + load.attempts > shared;
    return {
      ...{ load, perSecond: 20 * Math.min(load.attempts, attempts), visited: load.attempts, lost: 0, breathless },
      ...{ failedShare: load.attempts > 0 && over ? 0.5 : 0, lateShare: 0, halted: 0 },
      p99Ms: load.attempts > attempts ? 501 : 50,
      opened: over ? 0 : Math.min(load.connections, connections),
    };
  };
}

const search = (bring: (load: Load) => Promise<Met>, targets: { url?: string; socket?: string }, limit = 2_000) =>
  found({ targets, objective, seconds: 5, limit, bring, say: () => undefined });

describe('what is found', () => {
  test('connections to the number, with the reason', async () => {
    const { connections, attempts, together } = await search(system({}), { socket });
    expect(connections).toEqual({
      ...{ most: 300, least: 301, breathless: false },
      why: '300 of 301 connections were opened',
    });
    expect([attempts, together]).toEqual([undefined, undefined]);
  });

  test('attempts within a twentieth', async () => {
    const { attempts } = await search(system({ attempts: 437 }), { url });
    expect(attempts?.most).toBeGreaterThanOrEqual(415);
    expect(attempts?.most).toBeLessThanOrEqual(437);
    expect(attempts?.why).toBe('99 of 100 requests were answered within 501 ms only');
  });

  test('both together, where they need the same', async () => {
    const alone = await search(system({ connections: 320, attempts: 160 }), { url, socket });
    expect(alone.together?.connections).toMatchObject({ most: 320 });
    const { connections, together } = await search(system({ connections: 320, attempts: 160, shared: 320 }), {
      url,
      socket,
    });
    expect(connections?.most).toBe(320);
    // 320 and 160 in 16 parts, of which 10 come to 300 and 11 to 330.
    expect(together?.connections).toMatchObject({ most: 200, least: 220 });
    expect(together?.attempts.most).toBe(100);
  });

  test('who fails with sixteen users has no boundary', async () => {
    await expect(search(system({ connections: 15 }), { socket })).rejects.toThrow(
      '--socket: it fails with N 16 already: 15 of 16 connections were opened',
    );
    await expect(search(system({ attempts: 3 }), { url })).rejects.toThrow(
      '--url: it fails with C 16, 60 answers a second already: 99 of 100 requests were answered within 501 ms only',
    );
  });

  test('a load generator without a processor is named, as the boundary is its own', async () => {
    expect((await search(system({ breathless: true }), { url })).attempts?.breathless).toBe(true);
  });
});

describe('a step is missed', () => {
  const load = { connections: 10, attempts: 10, seconds: 5 };
  const met: Met = {
    load,
    perSecond: 100,
    failedShare: 0,
    lateShare: 0,
    halted: 0,
    visited: 10,
    p99Ms: 10,
    opened: 10,
    lost: 0,
    breathless: false,
  };

  test.each([
    [{}, undefined],
    [{ opened: 9, failure: 'refused' }, '9 of 10 connections were opened (refused)'],
    [{ lost: 1 }, '1 of 10 connections were ended by the other side'],
    [{ failedShare: 0.011, failure: 'code=503' }, '1.1 % of the requests failed (code=503)'],
    [{ failedShare: 0.02, lateShare: 0.02 }, '2.0 % of the requests failed'],
    [{ failedShare: 0.02, lateShare: 0.02, p99Ms: 900 }, '99 of 100 requests were answered within 900 ms only'],
    [{ halted: 1 }, undefined],
    [{ halted: 2 }, '2 of 10 users had no answer any more when the step ended'],
    [{ perSecond: 0 }, 'no request was answered'],
    [{ visited: 9 }, '9 of 10 users had an answer in 5 s'],
    [{ p99Ms: 500 }, undefined],
    [{ p99Ms: 501 }, '99 of 100 requests were answered within 501 ms only'],
  ])('%j', (changed, why) => {
    expect(missed({ ...met, ...changed }, objective)).toBe(why);
  });
});

describe('the load test of one node', () => {
  const met = async (attempts: number, changed: Partial<Met> = {}): Promise<Met> => ({
    ...(await system({ attempts: 64 })({ connections: 0, attempts, seconds: 5 })),
    ...changed,
  });

  test('has the best of each concurrency, shared by the nodes', async () => {
    const steps = await Promise.all([met(16), met(64, { perSecond: 900 }), met(32), met(64), met(128)]);
    expect(loadTest(steps, { instanceType: 't3.medium', nodes: 2, objective })).toEqual({
      answer: {
        instanceType: 't3.medium',
        steps: [
          { concurrency: 8, perSecond: 160 },
          { concurrency: 16, perSecond: 320 },
          { concurrency: 32, perSecond: 640 },
          { concurrency: 64, perSecond: 640 },
        ],
      },
    });
  });

  test('leaves out what failed, what the generator could not bring, and needs four', async () => {
    const steps = await Promise.all([
      met(16),
      met(32),
      met(64),
      met(128, { failedShare: 0.2 }),
      met(256, { breathless: true }),
    ]);
    expect(loadTest(steps, { instanceType: 't3.medium', nodes: 1, objective })).toEqual({
      unknown: 'it takes 4 steps of requests, and there are 3',
    });
  });
});
