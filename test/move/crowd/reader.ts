import { setTimeout as pause } from 'node:timers/promises';
import { kindOf, nameOf } from './connection';
import { GONE } from './ledger';
import type { ClientProps, Writer } from './writer';

/** Reads accounts that were just written, where the place is told to be: they are at least as acknowledged. */
export async function read(props: ClientProps, writers: readonly Writer[]): Promise<void> {
  const { name, connection, serving, watch, every, random, stopped } = props;
  let next = performance.now();
  while (!stopped()) {
    next = Math.max(performance.now(), next + every);
    await pause(Math.max(1, next - performance.now()));
    const ledger = writers[Math.floor(random() * writers.length)]?.ledger;
    const key = ledger?.recent.accounts.at(-1 - Math.floor(random() * 10));
    if (ledger === undefined || key === undefined) continue;
    watch.begins(name);
    for (;;) {
      const place = serving.place();
      const acknowledged = ledger.version('accounts', key);
      try {
        const client = await connection.at(place);
        const { rows } = await client.query<{ version: string }>('select version from accounts where id = $1', [key]);
        const version = Number(rows[0]?.version ?? GONE);
        // A row that is gone now was deleted, and its writer may not have heard yet: the audit looks for it.
        if (version < acknowledged && version !== GONE) {
          watch.breaks(
            `${name}: accounts ${key} read at ${place} has version ${version}, ${acknowledged} was acknowledged`,
          );
        }
        break;
      } catch (error) {
        watch.fails(nameOf(error));
        if (kindOf(error) === 'lost') connection.drop();
        if (stopped()) return;
        await pause(50);
      }
    }
    watch.reads(name);
  }
  connection.close();
}
