import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Role by which a mover writes, as Parameter Store names it. */
const MOVER = 'arn:aws:sts::123456789012:assumed-role/mover/i-00000000000000001';

interface History {
  readonly Parameters?: readonly { readonly LastModifiedUser?: string }[];
}

/**
 * Runs the work with an address of Parameter Store that tells who wrote a parameter. The engine keeps no name of whoever does
 * (fakecloud 0.51.0), so all is the mover's here: who counts, and who does not, is for the tests of the gate.
 */
export async function withWriters<Result>(
  endpoint: string,
  work: (address: string) => Promise<Result>,
): Promise<Result> {
  const server = createServer((request, response) => {
    void passed(endpoint, request).then(
      ({ status, text }) => response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text),
      (error: unknown) => response.writeHead(502).end(String(error)),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function passed(endpoint: string, request: IncomingMessage): Promise<{ status: number; text: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { host: _, connection: __, 'content-length': ___, ...kept } = request.headers;
  const headers = Object.entries(kept).map(([name, value]): [string, string] => [name, String(value)]);
  const answer = await fetch(new URL(request.url ?? '/', endpoint), {
    method: request.method ?? 'POST',
    headers,
    body: Buffer.concat(chunks),
  });
  const text = await answer.text();
  const asks = request.headers['x-amz-target'] === 'AmazonSSM.GetParameterHistory';
  return { status: answer.status, text: asks && answer.ok ? withMover(text) : text };
}

function withMover(text: string): string {
  const { Parameters = [], ...others } = JSON.parse(text) as History;
  return JSON.stringify({ ...others, Parameters: Parameters.map((one) => ({ LastModifiedUser: MOVER, ...one })) });
}
