import { setTimeout as pause } from 'node:timers/promises';
import type { Place } from '../../../lib/move/side';

/** Where to write, as a node knows it: told at once, and asked for again by whoever was turned away. */
export class Serving {
  private waiting: (() => void)[] = [];

  constructor(private current: Place) {}

  place(): Place {
    return this.current;
  }

  announce(place: Place): void {
    this.current = place;
    const told = this.waiting;
    this.waiting = [];
    for (const tell of told) tell();
  }

  /** Resolves when something is announced, or after so many milliseconds. */
  async news(milliseconds: number): Promise<void> {
    await Promise.race([new Promise<void>((resolve) => this.waiting.push(resolve)), pause(milliseconds)]);
  }
}
