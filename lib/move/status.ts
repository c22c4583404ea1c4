import type { Client } from 'pg';
import { samePair, unknownSource, unknownTarget } from './actions/records';
import { type Inventory, readInventory } from './inventory';
import { leftOver } from './left-over';
import type { Move } from './move';
import { OutOfReach } from './move-error';
import { type Names, namesOf } from './names';
import { quoted } from './quoted';
import { readyOf } from './ready';
import { proofOf, readRecord, type Serving, type SideRecord, servingOf } from './record';
import type { Status } from './results';
import { asAdministrator, asOwner } from './session';
import type { Place } from './side';
import { standstills } from './standstill';
import {
  passing,
  type Standing,
  type Trouble,
  UNPROVEN,
  type WayBack,
  WITHOUT_PROOF,
  wayBackOf,
  wordsOfChange,
} from './trouble';

export async function readStatus(move: Move): Promise<Status> {
  const names = namesOf(move.id);
  const troubles: Trouble[] = [];
  const source = await asOwner(move.source, (client) => readRecord(client, move.id));
  if (source === undefined) return await statusWithoutSource(move);
  if (source.step === 'abandoning') {
    const { step, epoch } = source;
    return { ...NOTHING, step, epoch, next: 'abandon once more: it was interrupted' };
  }
  const inventory = await asOwner(move.source, (client) => readInventory(client, move.tables));
  if (source.step === 'finished') {
    const left = await leftOver(move);
    const verified = proofOf(source, source.epoch) !== undefined;
    const end = verified ? 'contract' : `contract, but ${UNPROVEN}`;
    const next = left.length === 0 ? end : 'finish once more: it was interrupted';
    return {
      ...NOTHING,
      step: 'finished',
      serving: 'target',
      epoch: source.epoch,
      verified,
      next,
      problems: left,
    };
  }
  const target = await targetOf(move, source, troubles);
  const serving = target === undefined ? undefined : servingOf(source, target);
  // A source that takes writes says by itself that they are nowhere else.
  const at = serving !== undefined && 'at' in serving ? serving.at : source.closed ? undefined : 'source';
  const copied = await copiedOf(move, names, inventory, source, troubles);
  // Of a side that is open; when none is known to be, a switch may have been decided that the source knows nothing of.
  const verified = at !== undefined && proofOf(source, Math.max(source.epoch, target?.epoch ?? 0)) !== undefined;
  const standing = at === undefined ? undefined : { at, verified };
  const stands = standing ?? (serving === undefined ? 'unknown' : 'interrupted');
  if (changed(source, inventory)) troubles.push(changeOf(move, 'source', stands));
  if (source.step === 'ready' && target !== undefined) {
    if (await targetChanged(move, source, troubles)) troubles.push(changeOf(move, 'target', stands));
    if (standing !== undefined) troubles.push(...(await standstills(move, names, standing)));
  }
  return {
    step: source.step,
    serving: at,
    interrupted: serving !== undefined && 'opening' in serving,
    epoch: Math.max(source.epoch, target?.epoch ?? 0),
    ...copied,
    lagBytes: await lagOf(move, names, at ?? 'source'),
    verified,
    next: nextOf(source, target, serving, wayBackOf(troubles)),
    problems: troubles.map(({ words }) => words),
  };
}

/** Nothing was begun, or the source is another database than the one that was copied from. */
async function statusWithoutSource(move: Move): Promise<Status> {
  const copy = await asOwner(move.target, (client) => readRecord(client, move.id)).catch((error: unknown) => {
    if (error instanceof OutOfReach) return undefined;
    throw error;
  });
  if (copy === undefined) return { ...NOTHING, next: 'check, then start' };
  const next = 'look which database it was copied from (docs/moving.md)';
  return { ...NOTHING, serving: undefined, next, problems: [unknownSource(move).message] };
}

/** Record of the target, unless it cannot be asked or is of another move; `troubles` says which. */
async function targetOf(move: Move, source: SideRecord, troubles: Trouble[]): Promise<SideRecord | undefined> {
  try {
    const target = await asOwner(move.target, (client) => readRecord(client, move.id));
    if (target !== undefined) samePair(move, source, target);
    // A copy that was interrupted before it has one goes on.
    else if (source.step !== 'copying') troubles.push(passing(unknownTarget(move)));
    return target;
  } catch (error) {
    troubles.push(passing(error));
    return undefined;
  }
}

function changed({ details: { fingerprint } }: SideRecord, inventory: Inventory): boolean {
  return fingerprint !== undefined && fingerprint !== inventory.fingerprint;
}

/** Compares the schema of a copy that is whole with that of what it is of. @returns True when they differ. */
async function targetChanged(move: Move, source: SideRecord, troubles: Trouble[]): Promise<boolean> {
  try {
    return changed(source, await asOwner(move.target, (client) => readInventory(client, move.tables)));
  } catch (error) {
    troubles.push(passing(error));
    return false;
  }
}

function changeOf(move: Move, place: Place, standing: Standing | 'interrupted' | 'unknown'): Trouble {
  return { words: wordsOfChange(move, place, standing), wayBack: 'mended' };
}

const NOTHING: Status = {
  step: 'new',
  serving: 'source',
  interrupted: false,
  epoch: 0,
  tables: { total: 0, copied: 0 },
  rows: { done: 0, expected: 0 },
  bytes: { done: 0, expected: 0 },
  lagBytes: undefined,
  verified: false,
  next: '',
  problems: [],
};

function nextOf(
  source: SideRecord,
  target: SideRecord | undefined,
  serving: Serving | undefined,
  wayBack: WayBack,
): string {
  if (source.step === 'copying') return 'start goes on where it was';
  if (serving === undefined || target === undefined) return 'status, once both databases answer';
  if ('opening' in serving)
    return serving.opening === 'target'
      ? 'switch completes what was interrupted'
      : 'back completes what was interrupted';
  const epoch = Math.max(source.epoch, target.epoch);
  if (epoch > 0 && source.details.told !== epoch) {
    return `${serving.at === 'target' ? 'switch' : 'back'} tells the nodes, who may not have heard of it`;
  }
  const verified = proofOf(source, epoch) !== undefined;
  return NEXT[serving.at === 'source' ? 'source' : verified ? 'proven' : 'unproven'][wayBack];
}

/** Next action where both sides answer, by where users write and whether rows were equal when they came there. */
const NEXT: Readonly<Record<'source' | 'proven' | 'unproven', Readonly<Record<WayBack, string>>>> = {
  source: {
    open: 'rehearse, then switch; or abandon',
    mended: 'rehearse, then switch, once what is wrong is mended; or abandon',
    gone: 'abandon, then start anew',
  },
  proven: {
    open: 'finish, or back',
    mended: 'finish; or back, once what is wrong is mended',
    gone: 'finish',
  },
  unproven: {
    open: 'switch compares the rows once more; or back',
    mended: 'switch compares the rows once more, or back, once what is wrong is mended',
    gone: WITHOUT_PROOF,
  },
};

type Copied = Pick<Status, 'tables' | 'rows' | 'bytes'>;

async function copiedOf(
  move: Move,
  names: Names,
  inventory: Inventory,
  source: SideRecord,
  troubles: Trouble[],
): Promise<Copied> {
  const tables = inventory.tables.filter(({ kind }) => kind === 'table');
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const total = tables.length;
  try {
    const [ready, done] = await Promise.all([
      asAdministrator(move.target, (client) => readyOf(client, names.forward)),
      asOwner(move.target, (client) => heldBy(client, inventory)),
    ]);
    const expected = await asOwner(move.source, (client) => heldBy(client, inventory));
    const all = source.step === 'ready';
    // The table of markers is one of the subscription, and none of ours.
    const copied = all ? total : Math.max(0, Math.min(ready.ready - 1, total));
    const share = expected === 0 ? 0 : Math.min(1, done / expected);
    return {
      tables: { total, copied },
      rows: { done: all ? rows : Math.round(rows * share), expected: rows },
      bytes: { done, expected },
    };
  } catch (error) {
    troubles.push(passing(error));
    return { tables: { total, copied: 0 }, rows: { done: 0, expected: rows }, bytes: { done: 0, expected: 0 } };
  }
}

/** Bytes of the rows of all tables on one side, without indexes; 0 for tables that are not there. */
async function heldBy(client: Client, inventory: Inventory): Promise<number> {
  const names = inventory.tables.filter(({ kind }) => kind === 'table').map(quoted);
  const { rows } = await client.query<{ bytes: string }>(
    `select coalesce(sum(pg_table_size(to_regclass(name))), 0)::text as bytes from unnest($1::text[]) as name`,
    [names],
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** Write-ahead log that the other side has still to confirm. */
async function lagOf(move: Move, names: Names, at: Place): Promise<number | undefined> {
  try {
    return await asAdministrator(move[at], async (client) => {
      const { rows } = await client.query<{ lag: string | null }>(
        'select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::text as lag from pg_replication_slots where slot_name = $1',
        [at === 'source' ? names.forward : names.backward],
      );
      const lag = rows[0]?.lag;
      return lag === undefined || lag === null ? undefined : Number(lag);
    });
  } catch {
    return undefined;
  }
}
