import { MapError } from '../../sharding/map-items';
import type { ShardRecord } from '../../sharding/shard-map';

/** It went as far as this: what stands in the map has to be told, for writes may have ended. */
export class HalfwayError extends MapError {
  override readonly name = 'HalfwayError';

  /** @param said What to print of the logical shards that were done; empty when there are none. */
  constructor(
    readonly said: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Words for logical shards that are done. */
export interface Account {
  readonly lines: readonly string[];
  /** Their state now, and the next step. */
  readonly next: string;
}

/**
 * Takes logical shards a step further, in order.
 *
 * @param told What to say of those that were done; called for these alone.
 * @throws HalfwayError when one cannot be done, with what to say of those before it.
 */
export async function oneByOne(
  records: readonly ShardRecord[],
  step: (record: ShardRecord) => Promise<ShardRecord>,
  told: (done: readonly ShardRecord[]) => Account,
): Promise<string> {
  const done: ShardRecord[] = [];
  for (const [index, record] of records.entries()) {
    try {
      done.push(await step(record));
    } catch (error) {
      const { message } = error instanceof Error ? error : new Error(String(error));
      const left = records.slice(index).map(({ shard }) => shard);
      throw new HalfwayError(
        done.length === 0 ? '' : said(told(done)),
        `${message}\nnot done: ${left.join(',')}; look at \`status\` before you run it again for these`,
        { cause: error },
      );
    }
  }
  return said(told(done));
}

function said({ lines, next }: Account): string {
  return `${[...lines, `These logical shards are ${next}.`].join('\n')}\n`;
}
