import { expect, test } from 'vitest';
import { jsonLine, line } from '../../../lib/commands/logs/line';
import type { LogEvent } from '../../../lib/commands/logs/log-events';
import { LATE_MS, LogTail } from '../../../lib/commands/logs/log-tail';

function event(id: string, at: number): LogEvent {
  return { id, at, role: 'app', stream: 'i-1', message: id };
}

async function* from(all: readonly LogEvent[], tail: LogTail): AsyncGenerator<LogEvent> {
  yield* all.filter(({ at }) => at >= tail.from).sort((one, other) => one.at - other.at);
}

test('each event is told once, whenever it arrives within a minute', async () => {
  const tail = new LogTail(0);
  const all: LogEvent[] = [];
  const told: string[] = [];
  const wanted: string[] = [];
  for (let second = 0; second < 600; second++) {
    // Two on time, one of the same moment, and one that comes 50 seconds late.
    for (const [name, at] of [
      ['now', second * 1000],
      ['same', second * 1000],
      ['late', Math.max(0, second * 1000 - 50_000)],
    ] as const) {
      all.push(event(`${name}-${second}`, at));
      wanted.push(`${name}-${second}`);
    }
    if (second % 2 === 0) for await (const one of tail.unseen(from(all, tail))) told.push(one.id);
  }
  for await (const one of tail.unseen(from(all, tail))) told.push(one.id);
  expect([...told].sort()).toEqual([...wanted].sort());
});

test('it forgets what no look reads again', async () => {
  const tail = new LogTail(0);
  const all = Array.from({ length: 20_000 }, (_, index) => event(`e${index}`, index * 100));
  for await (const _ of tail.unseen(from(all, tail)));
  expect((tail as unknown as { readonly told: ReadonlyMap<string, number> }).told.size).toBeLessThanOrEqual(
    LATE_MS / 100 + 1,
  );
});

test('for machines, a part of a node stands beside the node', () => {
  const words = { at: '1970-01-01T00:00:00.000Z', role: 'app', message: 'x' };
  expect(JSON.parse(jsonLine(event('x', 0)))).toEqual({ ...words, node: 'i-1' });
  expect(JSON.parse(jsonLine({ ...event('x', 0), stream: 'i-1/proxy' }))).toEqual({
    ...words,
    node: 'i-1',
    part: 'proxy',
  });
});

test('an entry of the journal with its fields is told by its text; lines of one event stay one line', () => {
  expect(line({ ...event('x', 0), message: '{"MESSAGE":"up","PRIORITY":"6"}' })).toBe(
    '1970-01-01T00:00:00.000Z i-1 app up\n',
  );
  expect(line({ ...event('x', 0), message: '{"level":"info"}' })).toBe(
    '1970-01-01T00:00:00.000Z i-1 app {"level":"info"}\n',
  );
  expect(line({ ...event('x', 0), message: '** (Error)\n  at a\n' })).toBe(
    '1970-01-01T00:00:00.000Z i-1 app ** (Error) |   at a\n',
  );
});
