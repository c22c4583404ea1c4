import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
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

describe('a target is asked once', () => {
  const asking = async (status: number, headers: Record<string, string>, ask: (at: string) => Promise<void>) => {
    const server = createServer((_, answer) => answer.writeHead(status, headers).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await ask(at).finally(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
    return at;
  };

  test('a WebSocket may answer anything without an upgrade, and a page with 2xx', async () => {
    await asking(426, {}, (at) => reached('--socket', new URL(`ws://${at}/socket`)));
    await asking(204, {}, (at) => reached('--url', new URL(`http://${at}/`)));
  });

  test.each([
    [301, { location: '/there?a' }, /answers 301, and leads to http:\/\/127\.0\.0\.1:\d+\/there\?a; expected a page/],
    [308, { location: 'https://shop.example.com/' }, /answers 308, and leads to https:\/\/shop\.example\.com\/;/],
    [304, {}, /answers 304; expected a page that answers with 200 to 299$/],
    [404, {}, /^--url http:\/\/127\.0\.0\.1:\d+\/ answers 404; expected/],
    [503, {}, /answers 503; expected/],
  ] as const)('a page that answers %i is refused', async (status, headers, why) => {
    await asking(status, headers, (at) => expect(reached('--url', new URL(`http://${at}/`))).rejects.toThrow(why));
  });

  test('who does not answer is refused', async () => {
    const at = await asking(200, {}, async () => undefined);
    await expect(reached('--url', new URL(`http://${at}/`))).rejects.toThrow(
      `--url http://${at}/ is not reachable from here: connect ECONNREFUSED`,
    );
  });
});
