import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { byParameter } from '../../../lib/commands/move/announcement';
import { IN_ENVIRONMENT, parameterStore } from '../../node/parameter-store';

const NAME = '/beamstalk/dev/database/source';
const number = (begun: number, epoch: number) => ({ begun, epoch });

beforeEach(() => {
  for (const [name, value] of Object.entries(IN_ENVIRONMENT)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_SESSION_TOKEN', '');
  return () => vi.unstubAllEnvs();
});

function announcer(endpoint: string, seconds = 20, answerMilliseconds?: number) {
  const words = { source: 'local', target: 'managed' };
  const { announce, prepareToAnnounce } = byParameter(
    { name: NAME, region: 'eu-west-1', endpoint, ...words },
    seconds,
    answerMilliseconds,
  );
  if (prepareToAnnounce === undefined) throw new Error('nothing to prepare');
  return { announce, prepareToAnnounce };
}

test('the word of the place is put with the number of the switch, in one call when all is prepared', async () => {
  const { url, asked, puts } = await parameterStore([{}]);
  const { announce, prepareToAnnounce } = announcer(url);
  await prepareToAnnounce(number(1764490000, 1));
  expect(asked).toMatchObject([{ names: [NAME], signed: true }]);
  await announce('target', number(1764490000, 1));
  await announce('source', number(1764490000, 2));
  expect(asked).toHaveLength(1);
  expect(puts).toEqual([
    { name: NAME, value: 'managed 1764490000.1', signed: true },
    { name: NAME, value: 'local 1764490000.2', signed: true },
  ]);
});

test('it is put without preparation too, when a switch is told of once more', async () => {
  const { url, puts } = await parameterStore([{}]);
  await announcer(url).announce('target', number(1764490000, 3));
  expect(puts).toHaveLength(1);
});

test.each([
  ['by hand', 'local'],
  ['of before', 'local 1764490000.1'],
  ['of another move before', 'local 1764480000.9'],
  ['of this very one', 'managed 1764490000.2'],
])('a word %s does not keep it from being put', async (_, said) => {
  const { url } = await parameterStore([{ 'database/source': said }]);
  await expect(announcer(url).prepareToAnnounce(number(1764490000, 2))).resolves.toBeUndefined();
});

test.each(['local 1764490000.3', 'managed 1764500000.1'])('%s is of a later switch, which is refused', async (said) => {
  const { url, puts } = await parameterStore([{ 'database/source': said }]);
  await expect(announcer(url).prepareToAnnounce(number(1764490000, 2))).rejects.toThrow(
    `${NAME} tells of a later switch`,
  );
  expect(puts).toEqual([]);
});

test('who may not read it, or is not answered, hears so', async () => {
  const { url } = await parameterStore([{ status: 400 }]);
  await expect(announcer(url).prepareToAnnounce(number(1, 1))).rejects.toThrow('Rate exceeded');
  await expect(announcer('http://127.0.0.1:1').prepareToAnnounce(number(1, 1))).rejects.toThrow('ECONNREFUSED');
});

test('an answer that does not come is not waited for, and the next try is taken', async () => {
  let calls = 0;
  const server = createServer((_, response) => {
    calls += 1;
    if (calls > 1) response.setHeader('content-type', 'application/x-amz-json-1.1').end('{"Version":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { announce } = announcer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 60, 300);
  await announce('target', number(1764490000, 1));
  expect(calls).toBe(2);
});
