import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Load } from '../../../lib/commands/boundary/load';
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

async function step(url: string, load: Partial<Load>) {
  const bring = await locust({ url }, new AbortController().signal);
  return bring({ connections: 0, attempts: 0, seconds: 3, ...load });
}

describe('the answers a second', () => {
  const PER_SECOND = 200;

  test.each([16, 400])('of a server that gives 200, whoever asks: C %i', { timeout: 60_000 }, async (attempts) => {
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
      // What nobody asks for is not kept for those who come later.
      if (waiting.length === 0) due = 0;
    }, 5);
    const at = await serving((_, answer) => void waiting.push(() => answer.end('hello')));
    const { perSecond } = await step(`http://${at}/`, { attempts }).finally(() => clearInterval(timer));
    expect(perSecond / PER_SECOND).toBeGreaterThan(0.9);
    expect(perSecond / PER_SECOND).toBeLessThan(1.1);
  });
});
