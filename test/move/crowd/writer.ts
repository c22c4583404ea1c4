import { setTimeout as pause } from 'node:timers/promises';
import type { Place } from '../../../lib/move/side';
import { type Connection, kindOf, nameOf } from './connection';
import { Ledger } from './ledger';
import type { Watch } from './measures';
import { Broken, nextOperation, type Operation, type Share } from './operations';
import type { Serving } from './serving';

export interface ClientProps {
  readonly name: string;
  readonly connection: Connection;
  readonly serving: Serving;
  readonly watch: Watch;
  /** Time from the beginning of one thing to that of the next, milliseconds. */
  readonly every: number;
  readonly random: () => number;
  /** True once it is to come to an end. */
  readonly stopped: () => boolean;
}

export interface WriterProps extends ClientProps {
  readonly share: Omit<Share, 'ledger' | 'random'>;
  readonly writes: 'all' | 'visits';
  /** Goes to the new place when it is told, or stays until it is turned away. */
  readonly eager: boolean;
  /** Place of what does not move. */
  readonly stays?: Place;
}

/** After this time a writer that is to stop gives up what it cannot get done, milliseconds. */
const LAST_TRIES = 30_000;

/** Writes one thing after the other until it is stopped, and remembers what was acknowledged. */
export class Writer {
  readonly ledger = new Ledger();
  /** True when it had to give up something that may have been committed, or not. */
  unsettled = false;
  private place: Place;
  private readonly share: Share;

  constructor(private readonly props: WriterProps) {
    this.place = this.told();
    this.share = { ...props.share, ledger: this.ledger, random: props.random };
  }

  async run(): Promise<void> {
    const { name, every, watch, writes, stopped, connection, eager } = this.props;
    let next = performance.now();
    while (!stopped()) {
      next = Math.max(performance.now(), next + every * (0.5 + this.props.random()));
      await pause(Math.max(1, next - performance.now()));
      if (eager) this.place = this.told();
      const operation = nextOperation(this.share, writes);
      watch.begins(name);
      await this.complete(operation);
      watch.commits(name);
    }
    connection.close();
  }

  private told(): Place {
    return this.props.stays ?? this.props.serving.place();
  }

  /** Tries until it is acknowledged. */
  private async complete(operation: Operation): Promise<void> {
    const { connection, watch, stopped, name } = this.props;
    let [again, giveUp] = [false, Number.POSITIVE_INFINITY];
    for (;;) {
      if (stopped()) giveUp = Math.min(giveUp, performance.now() + LAST_TRIES);
      try {
        const client = await connection.at(this.place);
        this.ledger.acknowledge(await operation(client, again));
        return;
      } catch (error) {
        if (error instanceof Broken) {
          watch.breaks(`${name}: ${error.message}`);
          return;
        }
        again = (await this.recover(error)) || again;
        if (performance.now() > giveUp) {
          this.unsettled = true;
          return;
        }
      }
    }
  }

  /** @returns True when it may have been committed. */
  private async recover(error: unknown): Promise<boolean> {
    const { connection, watch, serving } = this.props;
    const kind = kindOf(error);
    if (kind === 'moved') watch.turnsAway();
    else watch.fails(nameOf(error));
    if (kind === 'lost') connection.drop();
    // Whoever was turned away asks at once; the place may be told a moment later.
    if (kind === 'moved' && this.place === this.told()) await serving.news(20);
    else if (kind !== 'moved') await pause(50);
    this.place = this.told();
    return kind === 'lost';
  }
}
