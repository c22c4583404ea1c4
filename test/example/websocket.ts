import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { until } from './machine';

/** The client's side of a WebSocket, as much of it as short texts need. */
export interface WebSocketClient {
  readonly send: (text: string) => void;
  readonly texts: readonly string[];
  /** Code with which the server closed, and when (ms of the clock). */
  readonly closed: () => { readonly code: number; readonly at: number } | undefined;
  readonly heard: (text: string) => Promise<void>;
}

export function connect(url: string): Promise<WebSocketClient> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    request(`${url}/socket`, { headers })
      .once('upgrade', (_, stream, head) => resolve(clientOf(stream, head)))
      .once('response', ({ statusCode }) => reject(new Error(`no upgrade: ${statusCode}`)))
      .once('error', reject)
      .end();
  });
}

function clientOf(stream: Duplex, head: Buffer): WebSocketClient {
  const texts: string[] = [];
  let closed: { code: number; at: number } | undefined;
  let buffer = head;
  const take = (): void => {
    for (;;) {
      const length = (buffer[1] ?? 0) & 0x7f;
      if (buffer.length < 2 || buffer.length < 2 + length) return;
      const payload = buffer.subarray(2, 2 + length);
      const opcode = (buffer[0] ?? 0) & 0x0f;
      buffer = buffer.subarray(2 + length);
      if (opcode === 1) texts.push(payload.toString());
      if (opcode === 8) {
        closed = { code: payload.readUInt16BE(0), at: Date.now() };
        stream.end(frame(8, payload));
      }
    }
  };
  stream.on('data', (data: Buffer) => {
    buffer = Buffer.concat([buffer, data]);
    take();
  });
  stream.on('error', () => undefined);
  take();
  return {
    texts,
    send: (text) => stream.write(frame(1, Buffer.from(text))),
    closed: () => closed,
    heard: (text) => until(`the text ${text}`, () => texts.includes(text), 10),
  };
}

/** With a mask of zeros, under which a payload is what it is. */
function frame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
