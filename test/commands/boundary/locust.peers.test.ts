import { spawn } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type Load, type Met, missed } from '../../../lib/commands/boundary/load';
import { loadTest } from '../../../lib/commands/boundary/load-test';
import { locust } from '../../../lib/commands/boundary/locust';

// The load generator against servers of which it is known what they do.

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
  }
});

async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const objective = { p99Ms: 500, failedShare: 0.01 };

async function step(url: string, load: Partial<Load>) {
  const bring = await locust({ url }, { objective, signal: new AbortController().signal });
  return bring({ connections: 0, attempts: 0, seconds: 3, ...load });
}

/** The same outcome, of another concurrency. */
function as(met: Met) {
  return (attempts: number): Met => ({ ...met, load: { ...met.load, attempts } });
}

describe('the answers a second', () => {
  // Sixteen users leave it a quarter of a second each time, on a machine that does other things as well.
  const PER_SECOND = 60;

  test.each([16, 400])('of a server that gives 60, whoever asks: C %i', { timeout: 60_000 }, async (attempts) => {
    const waiting: (() => void)[] = [];
    let due = 0;
    let before = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      due += ((now - before) * PER_SECOND) / 1000;
      before = now;
      while (due >= 1 && waiting.length > 0) {
        waiting.shift()?.();
        due--;
      }
      // Answers that nobody asks for are not kept for those who come later.
      if (waiting.length === 0) due = 0;
    }, 5);
    const at = await serving((_, answer) => void waiting.push(() => answer.end('hello')));
    const { perSecond } = await step(`http://${at}/`, { attempts, seconds: 4 }).finally(() => clearInterval(timer));
    expect(perSecond / PER_SECOND).toBeGreaterThan(0.9);
    expect(perSecond / PER_SECOND).toBeLessThan(1.1);
  });
});

describe('requests under way when the step ends', () => {
  test('count as failed when they are older than the objective: a service that freezes is not carried', {
    timeout: 60_000,
  }, async () => {
    let first: number | undefined;
    // Answers for two seconds of the four, and then no more.
    const at = await serving((_, answer) => {
      first ??= performance.now();
      if (performance.now() - first < 2_000) setTimeout(() => answer.end('hello'), 10);
    });
    const met = await step(`http://${at}/`, { attempts: 16, seconds: 4 });
    expect(missed(met, objective)).toBe('16 of 16 users had no answer any more when the step ended');
    expect(met.failedShare).toBeGreaterThan(0);
    expect(met.failure).toBe('no answer when the step ended');
    // The time of the freeze is in the rate: 16 users of 10 ms came to no more than 1,600 before it.
    expect(met.perSecond).toBeLessThan(1_000);
    expect(loadTest([16, 17, 18, 19].map(as(met)), { instanceType: 't3.medium', nodes: 1, objective })).toHaveProperty(
      'unknown',
    );
  });

  test('are no failures when they are young; those that are only slow are no halt', { timeout: 60_000 }, async () => {
    const slowBy = (ms: number) => serving((_, answer) => void setTimeout(() => answer.end('hello'), ms));
    expect(await step(`http://${await slowBy(100)}/`, { attempts: 4 })).toMatchObject({ failedShare: 0, halted: 0 });
    const slow = await step(`http://${await slowBy(1_000)}/`, { attempts: 64 });
    expect(missed(slow, objective)).toBeDefined();
    expect(slow.halted).toBe(0);
    // The law wants to see where it bends.
    expect(loadTest([16, 17, 18, 64].map(as(slow)), { instanceType: 't3.medium', nodes: 1, objective })).toHaveProperty(
      'answer',
    );
  });
});

test('the time of 99 of 100 is told to the millisecond, with those that had no answer', {
  timeout: 60_000,
}, async () => {
  // Rounded to two digits, both are 500.
  const slow = await serving((_, answer) => void setTimeout(() => answer.end('hello'), 504));
  const { p99Ms } = await step(`http://${slow}/`, { attempts: 1, seconds: 4 });
  expect(p99Ms).toBeGreaterThan(503);
  let asked = 0;
  const once = await serving((_, answer) => void (asked++ < 16 && answer.end('hello')));
  const met = await step(`http://${once}/`, { attempts: 2 });
  expect(met.p99Ms).toBeGreaterThan(2_000);
});

test('all users are there when what is done meanwhile begins, and stay until it has ended', {
  timeout: 60_000,
}, async () => {
  let arrived = 0;
  let lately = 0;
  const at = await serving((_, answer) => {
    lately++;
    setTimeout(() => answer.end('hello'), 300);
  });
  servers.at(-1)?.on('connection', () => arrived++);
  const bring = await locust({ url: `http://${at}/` }, { objective, signal: new AbortController().signal });
  const seen: number[] = [];
  // At 200 a second they take two seconds to arrive.
  const met = await bring({ connections: 0, attempts: 400, seconds: 1 }, async () => {
    seen.push(arrived);
    await sleep(3_000);
    lately = 0;
    await sleep(1_000);
    seen.push(lately);
  });
  // Those of the last second are on their way.
  expect(seen[0]).toBeGreaterThanOrEqual(200);
  expect(seen[1]).toBeGreaterThan(0);
  expect(met.visited).toBe(400);
});

test('load ends with whoever brings it, however that ends', { timeout: 60_000 }, async () => {
  let asked = 0;
  const at = await serving((_, answer) => {
    asked++;
    answer.end('hello');
  });
  const program = `import { locust } from './lib/commands/boundary/locust';
    const bring = await locust({ url: 'http://${at}/' }, { objective: ${JSON.stringify(objective)}, signal: new AbortController().signal });
    await bring({ connections: 0, attempts: 16, seconds: 600 });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: 'inherit',
  });
  while (asked < 100) await sleep(100);
  child.kill('SIGKILL');
  await sleep(2_000);
  const after = asked;
  await sleep(1_000);
  expect(asked).toBe(after);
});
