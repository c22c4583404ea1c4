import { overtaken } from '../freeze';
import { dropGuards } from '../guards';
import { readInventory } from '../inventory';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { namesOf } from '../names';
import { keyOf, numberOf, readRecord, type SideRecord, servingOf, writeAbandoning } from '../record';
import { directionsOf, dropRole, endTaking, identify, letGo, stopReplicating } from '../replication';
import { dropCopy } from '../schema/drop';
import { asOwner } from '../session';
import { forget, stillThere } from './finish';
import { interrupted, overtakenAfterTelling, samePair, tellAgain, unknownSource } from './records';

/**
 * The way back goes first: as long as rows return to the source, emptying the copy would empty the live database. Can be run
 * again; the record of the source goes last.
 */
export async function abandonMove(move: Move): Promise<void> {
  const source = await asOwner(move.source, (client) => readRecord(client, move.id));
  if (source === undefined) {
    const copy = await asOwner(move.target, (client) => readRecord(client, move.id));
    if (copy !== undefined) throw unknownSource(move);
    return move.report(`there is nothing of ${move.id}`);
  }
  if (source.step === 'finished')
    throw new MoveError(
      `${move.id} is finished: users write to ${move.target.title}, and there is no way back; status says what is left to do`,
    );
  const target = await asOwner(move.target, (client) => readRecord(client, move.id)).catch((error: unknown) => ({
    unreachable: error,
  }));
  const unreachable = target !== undefined && 'unreachable' in target;
  if (target !== undefined && !unreachable) samePair(move, source, target);
  // A source that takes writes says by itself that they are nowhere else.
  if (source.closed) {
    if (unreachable) throw target.unreachable;
    throw closedSource(move, source, target);
  }

  // A way back that nobody was told of, after which no record would say where nodes belong.
  if (source.epoch > 0) await tellAgain(move, source, 'source', 'abandoned');
  // First: whatever ends this, no other action takes what is left of the move for a whole one.
  const key = keyOf(move.id, source);
  const number = numberOf(source, source.epoch);
  if (!(await asOwner(move.source, (client) => writeAbandoning(client, key, source.epoch)))) {
    throw await overtakenAfterTelling(move, number);
  }
  // Steps go by the name: a mover that slept meanwhile would take away what another one has made since.
  const ours = async (): Promise<void> => {
    const now = await asOwner(move.source, (client) => readRecord(client, move.id));
    if (now?.step !== 'abandoning' || now.details.pair !== source.details.pair) throw overtaken(move);
  };
  const names = namesOf(move.id);
  const { forward, backward } = directionsOf(move, names);
  // Burdens of the source end first, should the target be out of reach.
  await ours();
  await endTaking(backward);
  await letGo(forward);
  if (unreachable) throw target.unreachable;
  const steps = [
    () => stopReplicating(backward),
    () => stopReplicating(forward),
    () => dropCopy(move),
    () => dropRole(move.target, names.backward),
    () => asOwner(move.target, (client) => forget(client, key)),
    () => dropRole(move.source, names.forward),
    () =>
      asOwner(move.source, async (client) => {
        const inventory = await readInventory(client, move.tables);
        await dropGuards(client, names, inventory, move.limits);
        await identify(client, stillThere(inventory, source.details), 'default', move.limits);
        await forget(client, key);
      }),
  ];
  for (const step of steps) {
    await ours();
    await step();
  }
  move.report(`${move.id} is abandoned: ${move.source.title} is as it was`);
}

function closedSource(move: Move, source: SideRecord, target?: SideRecord): MoveError {
  const { title: other } = move.target;
  if (target === undefined) {
    return new MoveError(
      `${move.source.title} takes no writes, and ${other} knows nothing of ${move.id}: is it the database that was copied to?`,
    );
  }
  const serving = servingOf(source, target);
  return new MoveError(
    'at' in serving ? `users write to ${other}: run back first` : interrupted(move, serving.opening),
  );
}
