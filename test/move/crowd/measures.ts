/** What clients saw since the last time that they were asked. */
export interface Measures {
  readonly seconds: number;
  /** Of what moves. */
  readonly commits: number;
  /** Longest time in which one writer could not commit, from its first try to the acknowledgement, milliseconds. */
  readonly worstWriter: number;
  /** Longest time in which one reader got no answer, milliseconds. */
  readonly worstReader: number;
  /** 99 of 100 commits took no longer, milliseconds. */
  readonly usual: number;
  /** Errors that clients got, by their text, how often. Those of writers that were turned away are not among them. */
  readonly errors: Readonly<Record<string, number>>;
  /** Writers that came too late to a side, and were turned away by it. */
  readonly turnedAway: number;
  /** Rows that were not as acknowledged when somebody came to write or to read them. */
  readonly broken: readonly string[];
}

/** Collects what clients see. */
export class Watch {
  private began = performance.now();
  private times: number[] = [];
  private errors: Record<string, number> = {};
  private turnedAway = 0;
  private broken: string[] = [];
  private worstReader = 0;
  private worstWriter = 0;
  /** When each client began what it has not got done. */
  private readonly underWay = new Map<string, number>();

  begins(client: string): void {
    this.underWay.set(client, performance.now());
  }

  commits(client: string): void {
    const took = this.ends(client);
    this.worstWriter = Math.max(this.worstWriter, took);
    if (client.startsWith('writer')) this.times.push(took);
  }

  reads(client: string): void {
    this.worstReader = Math.max(this.worstReader, this.ends(client));
  }

  fails(error: string): void {
    this.errors[error] = (this.errors[error] ?? 0) + 1;
  }

  turnsAway(): void {
    this.turnedAway++;
  }

  breaks(what: string): void {
    this.broken.push(what);
  }

  /** What was seen, and begins anew. Whoever waits counts with the time so far. */
  take(): Measures {
    const now = performance.now();
    const waiting = (kind: string): number =>
      Math.max(0, ...[...this.underWay].filter(([client]) => client.startsWith(kind)).map(([, began]) => now - began));
    const sorted = this.times.sort((a, b) => a - b);
    const measures: Measures = {
      seconds: (now - this.began) / 1000,
      commits: sorted.length,
      worstWriter: Math.max(this.worstWriter, waiting('writer')),
      worstReader: Math.max(this.worstReader, waiting('reader')),
      usual: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      errors: this.errors,
      turnedAway: this.turnedAway,
      broken: this.broken,
    };
    [this.began, this.times, this.errors, this.turnedAway, this.broken] = [now, [], {}, 0, []];
    [this.worstReader, this.worstWriter] = [0, 0];
    return measures;
  }

  private ends(client: string): number {
    const began = this.underWay.get(client) ?? performance.now();
    this.underWay.delete(client);
    return performance.now() - began;
  }
}
