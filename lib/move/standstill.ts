import { setTimeout as pause } from 'node:timers/promises';
import { goneOf, slotOf } from './gone';
import type { Move } from './move';
import type { Names } from './names';
import { errorsOf } from './ready';
import { type Direction, directionsOf } from './replication';
import { asAdministrator } from './session';
import { endOf, passing, type Standing, type Trouble } from './trouble';

/** Directions whose rows do not come across, with what is left to do. */
export async function standstills(move: Move, names: Names, standing: Standing): Promise<Trouble[]> {
  const troubles: Trouble[] = [];
  for (const direction of Object.values(directionsOf(move, names))) {
    try {
      const gone = await goneOf(direction, standing);
      if (gone !== undefined) troubles.push({ words: gone, wayBack: 'gone' });
      const still = gone === undefined ? await whyStill(direction, () => wayOf(move, direction, standing)) : undefined;
      if (still !== undefined) troubles.push({ words: still, wayBack: 'mended' });
    } catch (error) {
      troubles.push(passing(error));
    }
  }
  return troubles;
}

/** A server tries again every five seconds (`wal_retrieve_retry_interval`) to take what it could not, and each try may take seconds. */
const RETRIES = { looks: 12, looksAtTries: 24, looksAtFailure: 120, milliseconds: 500 };

/** Looks at which more was confirmed than before, from which on rows come across. */
const GETS_ON = 6;

/** Failures that are no accident: a connection that breaks counts as one. */
const AGAIN = 2;

/**
 * Why rows of a direction stand still: the server that should take them fails at one each time, or is away. Undefined, when it takes what there
 * was at the first look, as after a deadlock: one that fails reads the slot too, for as long as each try takes.
 */
async function whyStill({ from, to, name }: Direction, wayOut: () => string): Promise<string | undefined> {
  const errors = (): Promise<number> => asAdministrator(to, (client) => errorsOf(client, name)).catch(() => Number.NaN);
  const before = await errors();
  const first = await slotOf({ from, to, name }).catch(() => undefined);
  if (first?.active === true && before === 0) return undefined;
  let slot = first;
  let [tries, failures] = [first?.active === true, 0];
  // One that has failed before may take longer to fail again than another takes to be tried. What it confirms grows up to the row that it
  // fails at, and then no more.
  let [confirmed, steps] = [first?.confirmed, 0];
  const fails = (): boolean => (before > 0 || failures > 0) && steps < GETS_ON;
  const most = (): number => (fails() ? RETRIES.looksAtFailure : tries ? RETRIES.looksAtTries : RETRIES.looks);
  for (let look = 0; look < most() && failures < AGAIN; look++) {
    await pause(RETRIES.milliseconds);
    slot = await slotOf({ from, to, name }).catch(() => undefined);
    if (slot !== undefined && slot.confirmed !== confirmed) steps += 1;
    confirmed = slot?.confirmed ?? confirmed;
    if (slot !== undefined && first !== undefined && BigInt(slot.confirmed) >= BigInt(first.written)) return undefined;
    failures = Math.max(failures, (await errors()) - before || 0);
    tries ||= slot?.active === true || failures > 0;
  }
  if (failures >= AGAIN)
    return `${to.title} fails at rows of ${from.title} again and again, as after a change of the schema, also one that was taken back: ${wayOut()}`;
  if (slot?.active === true) return undefined;
  return `${to.title} does not take rows of ${from.title}: start connects it anew; should that not help, its log says why`;
}

/**
 * Remedy where a server fails at rows for good. The log holds a row as it was written, so a change of the schema that was taken back
 * leaves rows that no table takes: those of a column that is not there any more, until it is there for as long as they take.
 */
function wayOf(move: Move, { from, to }: Direction, standing: Standing): string {
  if (from !== move[standing.at]) return 'its log says why, and nothing switches before that is mended';
  return `give ${to.title} what its log misses (a column, say), and take it away once it follows ${from.title}; or ${endOf(standing)}${standing.at === 'target' ? ', which gives up the way back' : ''}`;
}
