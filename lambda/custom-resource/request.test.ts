import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CustomResourceAnswer, deadlineOf, respond } from './request';

const ANSWER: CustomResourceAnswer = { Status: 'SUCCESS', Reason: 'as asked', PhysicalResourceId: 'id' };

/** What the answer box does with the answers that come, in turn. */
const box = { behaviour: [] as (number | 'hang')[], times: [] as number[] };
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    box.times.push(performance.now());
    const next = box.behaviour.shift() ?? 200;
    if (next !== 'hang') response.writeHead(next).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('an answer is sent again, after a pause, when its box hangs or fails', async () => {
  Object.assign(box, { behaviour: ['hang', 503], times: [] });
  const started = performance.now();
  await send();
  const [, second = 0, third = 0] = box.times;
  expect(box.times).toHaveLength(3);
  expect(third - second).toBeGreaterThan(100);
  // With the longest that the third may take, within what the deadline keeps for the answer.
  expect(performance.now() - started).toBeLessThan(3500);
});

test('an answer that never arrives is an error, so that Lambda asks the function again', async () => {
  Object.assign(box, { behaviour: [500, 500, 500], times: [] });
  await expect(send()).rejects.toThrow("CloudFormation's answer box returned 500");
  expect(box.times).toHaveLength(3);
});

test('the deadline leaves time for the answer, and for what is reserved besides', async () => {
  const context = { getRemainingTimeInMillis: () => 7000 };
  const [plain, reserving] = [deadlineOf(context), deadlineOf(context, 3000)];
  await new Promise((passed) => setTimeout(passed, 50));
  expect([plain.aborted, reserving.aborted]).toEqual([false, true]);
});

async function send(): Promise<void> {
  const ResponseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer`;
  const request = { RequestType: 'Create', StackId: 's', RequestId: 'r', LogicalResourceId: 'l' } as const;
  await respond({ ...request, ResponseURL, ResourceProperties: {} }, ANSWER);
}
