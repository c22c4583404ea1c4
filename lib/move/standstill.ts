import { setTimeout as pause } from 'node:timers/promises';
import { goneOf, NO_WAY_BACK, slotOf } from './gone';
import type { Move } from './move';
import type { Names } from './names';
import { errorsOf } from './ready';
import { type Direction, directionsOf } from './replication';
import { asAdministrator } from './session';
import type { Place } from './side';

/**
 * Directions whose rows do not come across, with what is left to do.
 *
 * @param at Side that users write to.
 * @param verified Whether rows of both sides were equal when users came to it, which `finish` asks for.
 */
export async function standstills(move: Move, names: Names, at: Place, verified: boolean): Promise<string[]> {
  const problems: string[] = [];
  for (const direction of Object.values(directionsOf(move, names))) {
    try {
      const gone = await goneOf(direction, at);
      if (gone !== undefined) problems.push(gone);
      else problems.push(...(await whyStill(direction, () => wayOf(move, direction, at, verified))));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return problems;
}

/** A server tries again every five seconds (`wal_retrieve_retry_interval`) to take what it could not. */
const RETRIES = { looks: 12, milliseconds: 500 };

/**
 * Why rows of a direction stand still: the server that should take them fails at one each time, or is away. Nothing, when it comes back by
 * itself, as after a deadlock. One that fails reads the slot for a moment with each try.
 */
async function whyStill({ from, to, name }: Direction, wayOut: () => string): Promise<string[]> {
  const errors = (): Promise<number> => asAdministrator(to, (client) => errorsOf(client, name)).catch(() => 0);
  const active = async (): Promise<boolean> =>
    (await slotOf({ from, to, name }).catch(() => undefined))?.active === true;
  const before = await errors();
  let reads = await active();
  if (reads && before === 0) return [];
  for (let look = 0; look < RETRIES.looks; look++) {
    const readBefore = reads;
    await pause(RETRIES.milliseconds);
    reads = await active();
    if (reads && readBefore) return [];
  }
  if ((await errors()) === before)
    return [
      `${to.title} does not take rows of ${from.title}: start connects it anew; should that not help, its log says why`,
    ];
  return [
    `${to.title} fails at rows of ${from.title} again and again, as after a change of the schema, also one that was taken back: ${wayOut()}`,
  ];
}

/**
 * Remedy where a server fails at rows for good. The log holds a row as it was written, so a change of the schema that was taken back
 * leaves rows that no table takes: those of a column that is not there any more, until it is there for as long as they take.
 */
function wayOf(move: Move, direction: Direction, at: Place, verified: boolean): string {
  const { to } = direction;
  if (direction.from !== move[at]) return 'its log says why, and nothing switches before that is mended';
  if (at === 'source') return 'abandon, and start anew';
  const mend = `give ${to.title} what its log misses (a column, say), and take it away once it follows ${move.target.title}`;
  return verified ? `${NO_WAY_BACK}, unless you ${mend}` : mend;
}
