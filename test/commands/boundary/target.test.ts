import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ownTarget, reached } from '../../../lib/commands/boundary/target';
import type { Address } from '../../../lib/commands/status/report';

const addresses: readonly Address[] = [
  { of: 'name', address: { answer: 'Shop.example.com' } },
  { of: 'box', address: { unknown: 'no answer within 30 s' } },
];
const of = { environment: 'prod', addresses };

test('an address of the environment is its own, whatever its path and port', () => {
  expect(ownTarget('--url', 'https://shop.example.com/a?b=c', of).pathname).toBe('/a');
  expect(ownTarget('--socket', 'wss://SHOP.example.com:8443/socket', of).port).toBe('8443');
});

test.each([
  [
    '--url',
    'https://example.com/',
    '--url is "https://example.com/", and example.com is no address of prod; expected shop.example.com; not known is the box: no answer within 30 s; `beamstalk status` shows them',
  ],
  ['--url', 'https://shop.example.com.evil.example/', 'shop.example.com.evil.example is no address of prod'],
  ['--url', 'https://shop.example.com@evil.example/', '--url holds a user or a password'],
  ['--url', 'wss://shop.example.com/', 'expected an address that begins with http:// or https://'],
  ['--socket', 'https://shop.example.com/', 'expected an address that begins with ws:// or wss://'],
  ['--url', 'shop.example.com', 'expected an address that begins with'],
] as const)('%s %s is refused', (flag, text, why) => {
  expect(() => ownTarget(flag, text, of)).toThrow(why);
});

test('an environment without an address has no target', () => {
  expect(() => ownTarget('--url', 'https://shop.example.com/', { environment: 'dev', addresses: [] })).toThrow(
    'expected one that its stacks have published, and there is none',
  );
});

test('a target is reached with any answer, and not without', async () => {
  const server = createServer((_, answer) => answer.writeHead(426).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await reached('--socket', new URL(`ws://127.0.0.1:${port}/socket`));
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  await expect(reached('--url', new URL(`http://127.0.0.1:${port}/`))).rejects.toThrow(
    `--url http://127.0.0.1:${port}/ is not reachable from here: connect ECONNREFUSED`,
  );
});
