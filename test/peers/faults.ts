import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Peer } from './peer';

/** In front of a peer: hands requests on, but for those that it is told to answer with an error. */
export interface FaultyPeer extends Peer {
  /** Operations that came, such as `PutItem`, with those that got an error. */
  readonly calls: string[];
  /**
   * From now on the next `times` requests for the operation get the error, or no answer when that is `silence`; `times`
   * may be infinite, or 0 to end it.
   */
  readonly fail: (operation: string, error: string, times: number) => void;
}

/** A proxy on the loopback interface for services of the JSON protocol, which name their operation in a header. */
export async function withFaults(peer: Peer): Promise<FaultyPeer> {
  const calls: string[] = [];
  let fault = { operation: '', error: '', times: 0 };
  const server = createServer((incoming, outgoing) => {
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const operation = target.slice(target.indexOf('.') + 1);
    calls.push(operation);
    if (operation === fault.operation && fault.times > 0) {
      fault.times -= 1;
      incoming.resume();
      if (fault.error === 'silence') return;
      outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', connection: 'close' });
      outgoing.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${fault.error}`, message: 'injected' }));
      return;
    }
    const { method, url, headers } = incoming;
    const onward = request(new URL(url ?? '/', peer.endpoint), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    ...peer,
    endpoint: `http://localhost:${(server.address() as AddressInfo).port}`,
    calls,
    fail: (operation, error, times) => {
      fault = { operation, error, times };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
