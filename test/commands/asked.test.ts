import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asked } from '../../lib/commands/preflight/asked';

// What the SDK makes of an answer is its own affair: so it asks a server, not a function that throws.
let server: Server;
let answer: { readonly status: number; readonly body: string };
beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

async function outcome(status: number, body: string): Promise<unknown> {
  answer = { status, body };
  const client = new ServiceQuotasClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  try {
    return await asked(() => client.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' })));
  } finally {
    client.destroy();
  }
}

const ofType = (type: string): string => JSON.stringify({ __type: type, message: 'no' });

test.each([
  [200, '<html>Log in to the guest network</html>'],
  [502, '<html>Bad Gateway</html>'],
  [200, '{"Quota": '],
])('an answer that is none of AWS (%i %s) ends the asking, with one line that says so', async (status, body) => {
  await expect(outcome(status, body)).rejects.toMatchObject({
    name: 'UnreachableError',
    message: expect.stringMatching(
      new RegExp(
        `^what answers is not AWS \\(HTTP status ${status}; [^\\n]+\\): is there a proxy, or an AWS_ENDPOINT_URL\\?$`,
      ),
    ),
  });
});

test.each(['ThrottlingException', 'TooManyRequestsException'])('%s leaves one answer out', async (type) => {
  expect(await outcome(400, ofType(type))).toEqual({ refused: `it is asked too often at the moment (${type})` });
});

test('what is not there is an answer, and what is refused has its reason', async () => {
  expect(await outcome(400, ofType('NoSuchResourceException'))).toEqual({ answer: undefined });
  expect(await outcome(400, ofType('AccessDeniedException'))).toEqual({ refused: 'AccessDeniedException: no' });
  await expect(outcome(400, ofType('UnrecognizedClientException'))).rejects.toThrow(
    'AWS does not take these credentials (UnrecognizedClientException: no)',
  );
});
