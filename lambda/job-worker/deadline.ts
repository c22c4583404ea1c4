import { JobError } from './job';

/**
 * The time by which a batch answers, whatever its jobs do. Its timer keeps the process alive, which that of
 * `AbortSignal.timeout` does not: a job that waits for nothing would otherwise end the function without an answer, and
 * the queue would count a failed receive for every job of the batch
 * (https://nodejs.org/api/globals.html#static-method-abortsignaltimeoutdelay).
 */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  /** @param milliseconds From now. */
  constructor(milliseconds: number) {
    this.timer = setTimeout(() => this.controller.abort(), milliseconds);
  }

  /** Aborted when the time is over: a job that listens to it ends by itself. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /**
   * Waits for a job until the time is over.
   *
   * @throws JobError when it has not settled by then. It stays recorded as under way until the invocation would have timed
   * out, so the next delivery does it again.
   */
  async race(job: Promise<void>): Promise<void> {
    const { signal } = this;
    let stop: (() => void) | undefined;
    const over = new Promise<never>((_, reject) => {
      stop = () => reject(new JobError('it was not done when the time of its batch was over'));
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      await Promise.race([job, over]);
    } finally {
      if (stop !== undefined) signal.removeEventListener('abort', stop);
    }
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}
