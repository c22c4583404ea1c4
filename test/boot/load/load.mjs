// load.mjs ORIGIN RATE SOCKETS REPORT [PATH...]: asks for the paths in turn, `POST:/path` by POST and all others by GET, RATE
// times a second over connections that are kept, and holds SOCKETS WebSockets open, each opened again when it is closed; until
// SIGTERM, then writes what users saw.
//
// A failure is an answer other than 200 or none at all. A connection that the server has closed while it lay idle is no
// failure: the request is sent again on another one, as every client does that keeps connections.
// Source: https://nodejs.org/api/http.html#requestreusedsocket (2026-11-29)
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

const [origin, rate, sockets, report, ...paths] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const seen = { requests: 0, failed: 0, sentAgain: 0, slowestMilliseconds: 0, posted: 0, failures: {}, answers: {} };
const held = { opened: 0, refused: 0, drained: 0, cut: 0, open: 0 };
/** When servers closed WebSockets, in ms. */
const closings = [];
let ending = false;

function failed(reason) {
  seen.failed += 1;
  seen.failures[reason] = (seen.failures[reason] ?? 0) + 1;
}

function ask(named, began = performance.now()) {
  const post = named.startsWith('POST:');
  const path = post ? named.slice('POST:'.length) : named;
  const options = { agent, timeout: 10_000, method: post ? 'POST' : 'GET' };
  const sent = request(`${origin}${path}`, options, (answer) => {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (part) => {
      text += part;
    });
    answer.on('error', (error) => failed(error.code));
    answer.on('end', () => {
      seen.slowestMilliseconds = Math.max(seen.slowestMilliseconds, Math.round(performance.now() - began));
      if (answer.statusCode !== 200) failed(`status ${answer.statusCode} of ${path}`);
      else if (post) seen.posted += 1;
      // The first path tells its version, to know which releases have answered.
      else if (path === paths[0]) {
        const version = /\d+\.\d+\.\d+/.exec(text)?.[0] ?? 'none';
        seen.answers[version] = (seen.answers[version] ?? 0) + 1;
      }
    });
  });
  sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')));
  sent.on('error', (error) => {
    if (sent.reusedSocket && error.code === 'ECONNRESET') {
      seen.sentAgain += 1;
      ask(named, began);
    } else failed(error.code ?? error.message);
  });
  sent.end();
}

/** A WebSocket that waits, with a ping every 20 s as clients send it: proxies close what is silent. Close code 1001 or 1012 is a server that lets its users go. */
function hold() {
  if (ending) return;
  const sent = request(`${origin}/socket`, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    },
  });
  const again = () => setTimeout(hold, 200 + Math.random() * 800);
  sent.on('response', (answer) => {
    answer.resume();
    held.refused += 1;
    again();
  });
  sent.on('error', () => {
    held.refused += 1;
    again();
  });
  sent.on('upgrade', (_, socket, head) => {
    held.opened += 1;
    held.open += 1;
    let text = head;
    let code;
    socket.on('data', (part) => {
      text = Buffer.concat([text, part]);
      // Frames of a server are not masked; only their beginning is of interest.
      for (;;) {
        if (text.length < 2) return;
        const short = text[1] & 0x7f;
        const start = short === 126 ? 4 : short === 127 ? 10 : 2;
        if (text.length < start) return;
        const size = short === 126 ? text.readUInt16BE(2) : short === 127 ? Number(text.readBigUInt64BE(2)) : short;
        if (text.length < start + size) return;
        if ((text[0] & 0x0f) === 8) {
          code = size >= 2 ? text.readUInt16BE(start) : 1005;
          // A close frame of our own, masked by zeros.
          socket.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, code >> 8, code & 0xff]));
        }
        text = text.subarray(start + size);
      }
    });
    const ping = setInterval(() => socket.write(Buffer.from([0x89, 0x80, 0, 0, 0, 0])), 20_000);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(ping);
      held.open -= 1;
      if (ending) return;
      closings.push(performance.now());
      if (code === 1001 || code === 1012) held.drained += 1;
      else held.cut += 1;
      again();
    });
    process.once('SIGTERM', () => socket.destroy());
  });
  sent.end();
}

/** The most that were closed within one second, whichever that was. */
function mostInASecond() {
  let most = 0;
  for (let first = 0, last = 0; last < closings.length; last += 1) {
    while (closings[last] - closings[first] >= 1000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

process.setMaxListeners(0);
let next = 0;
const began = performance.now();
// As many as are due, so that a late timer makes up for it.
const asking = setInterval(() => {
  const due = Math.floor(((performance.now() - began) / 1000) * Number(rate));
  while (seen.requests < due) {
    seen.requests += 1;
    ask(paths[next % paths.length]);
    next += 1;
  }
}, 5);
for (let index = 0; index < Number(sockets); index += 1) setTimeout(hold, index * 2);

process.on('SIGTERM', () => {
  ending = true;
  clearInterval(asking);
  const open = held.open;
  // Requests under way may end.
  setTimeout(() => {
    const all = { ...seen, sockets: { ...held, open, mostInASecond: mostInASecond() } };
    writeFileSync(report, `${JSON.stringify(all)}\n`);
    process.exit(0);
  }, 1500);
});
