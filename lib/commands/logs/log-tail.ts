import type { LogEvent } from './log-events';

/**
 * Time that events may arrive late, in milliseconds: the agent of a node sends every five seconds, and tries again what
 * did not arrive. Each look reads so far back.
 */
export const LATE_MS = 60_000;

/** Follows logs by looking again and again: each event once, whenever it arrives. */
export class LogTail {
  private newest: number;
  /** Times of those that were told, by their ids. */
  private readonly told = new Map<string, number>();

  /** @param since Begin, in milliseconds since 1970. */
  constructor(private readonly since: number) {
    this.newest = since;
  }

  /** Begin of the next look. */
  get from(): number {
    return Math.max(this.since, this.newest - LATE_MS);
  }

  /** Tells the events of one look that were not told before. */
  async *unseen(events: AsyncIterable<LogEvent>): AsyncGenerator<LogEvent> {
    for await (const event of events) {
      if (this.told.has(event.id)) continue;
      this.told.set(event.id, event.at);
      this.newest = Math.max(this.newest, event.at);
      this.forget();
      yield event;
    }
  }

  /** Forgets those that no look will read again; they come in the order of time, but for the late. */
  private forget(): void {
    for (const [id, at] of this.told) {
      if (at >= this.from) return;
      this.told.delete(id);
    }
  }
}
