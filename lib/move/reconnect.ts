import { randomBytes } from 'node:crypto';
import { type Direction, makeRole, subscribe } from './replication';
import { asAdministrator } from './session';

/**
 * Lets the side that takes rows come to the other one where it is now, as after a machine of another address took its place.
 * One that is there already goes on undisturbed.
 *
 * @returns False when it comes there, or nothing of it is left that could.
 */
export async function reconnect(direction: Direction): Promise<boolean> {
  const { from, to, name } = direction;
  const reads = await asAdministrator(from, async (client) => {
    const { rows } = await client.query<{ active: boolean }>(
      'select active from pg_replication_slots where slot_name = $1',
      [name],
    );
    return rows[0]?.active ?? true;
  });
  const subscribes = await asAdministrator(to, async (client) => {
    const { rowCount } = await client.query(
      'select from pg_subscription where subname = $1 and subdbid = (select oid from pg_database where datname = current_database())',
      [name],
    );
    return rowCount === 1;
  });
  if (reads || !subscribes) return false;
  const password = randomBytes(24).toString('base64url');
  await makeRole(direction, password);
  await subscribe(direction, password, false);
  return true;
}
