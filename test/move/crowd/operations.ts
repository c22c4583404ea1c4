import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { kindOf } from './connection';
import { type Commit, GONE, type Kind, type Ledger, type Written } from './ledger';

/** A row is not as it was acknowledged. */
export class Broken extends Error {}

/**
 * One thing that a writer does, in one transaction. It may be run again when its answer was lost: `again` is true then, and it
 * finds out whether the first time counted.
 */
export type Operation = (client: Client, again: boolean) => Promise<Commit>;

/** What one writer has to do with: its own ledger, and its share of the rows from before the run. */
export interface Share {
  readonly ledger: Ledger;
  readonly random: () => number;
  /** Keys from before the run that belong to this writer. */
  readonly accounts: readonly string[];
  readonly clicks: readonly string[];
  readonly orders: readonly string[];
}

/** Statement and key of the tables whose rows are written one by one. */
const UPDATE = {
  accounts: 'update accounts set version = $2, balance = balance + 1 where id = $1 and version = $2 - 1',
  clicks: 'update clicks set version = $2, at = now() where op = $1 and version = $2 - 1',
  orders: 'update orders set version = $2, total = total + 1 where id = $1 and version = $2 - 1',
  visits: 'update visits set version = $2 where op = $1 and version = $2 - 1',
} as const;
const DELETE = {
  accounts: 'delete from accounts where id = $1',
  clicks: 'delete from clicks where op = $1',
  orders: 'delete from orders where id = $1',
} as const;
const INSERT = {
  clicks:
    'insert into clicks (account, op, at) select $2, $1, now() where not exists (select from clicks where op = $1)',
  'Order Notes': `insert into "Sales"."Order Notes" ("Order", "Id", note) values ($2, $1, 'said') on conflict ("Id") do nothing`,
  visits: 'insert into visits (op, page) values ($1, $2) on conflict (op) do nothing',
} as const;
const FIND = {
  accounts: 'select version from accounts where id = $1',
  clicks: 'select version from clicks where op = $1',
  orders: 'select version from orders where id = $1',
  visits: 'select version from visits where op = $1',
} as const;

async function inTransaction(client: Client, work: () => Promise<Commit>): Promise<Commit> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    if (kindOf(error) !== 'lost') await client.query('rollback');
    throw error;
  }
}

/** Writes the next version of a row. */
async function update(client: Client, kind: keyof typeof UPDATE, row: Written, again: boolean): Promise<void> {
  const { key, version } = row;
  const { rowCount } = await client.query(UPDATE[kind], [key, version]);
  if (rowCount === 1) return;
  const { rows } = await client.query<{ version: string }>(FIND[kind], [key]);
  const found = rows.map((one) => one.version).join(' and ');
  if (again && rowCount === 0 && found === String(version)) return;
  throw new Broken(`${kind} ${key} had version ${version - 1}: ${rowCount} rows changed, found ${found || 'none'}`);
}

async function remove(client: Client, kind: keyof typeof DELETE, key: string, again: boolean): Promise<void> {
  const { rowCount } = await client.query(DELETE[kind], [key]);
  if (rowCount === 1 || (again && rowCount === 0)) return;
  throw new Broken(`${kind} ${key}: ${rowCount} rows were there to be deleted`);
}

function any(keys: readonly string[], { random }: Share): string | undefined {
  return keys[Math.floor(random() * keys.length)];
}

/** A row of this writer that is there: half of the time a new one. */
function pick(share: Share, kind: Kind, before: readonly string[] = []): string | undefined {
  const { ledger, random } = share;
  const recent = any(ledger.recent[kind], share);
  const key = recent !== undefined && (random() < 0.5 || before.length === 0) ? recent : any(before, share);
  return key === undefined || ledger.version(kind, key) === GONE ? undefined : key;
}

function makeAccount({ random }: Share): Operation {
  const email = `${randomUUID()}@Example.com`;
  return async (client) => {
    const inserted = await client.query<{ id: string }>(
      `insert into accounts (email, name, mood, settings, tags) values ($1, $2, 'angry', $3, $4)
         on conflict (email) do nothing returning id`,
      [email, `Name ${random()}`, { half: 0.5, list: [1, null] }, ['new', 'a "quoted", one']],
    );
    const { rows } =
      inserted.rowCount === 1
        ? inserted
        : await client.query<{ id: string }>('select id from accounts where email = $1', [email]);
    return { written: rows.map(({ id }) => ({ kind: 'accounts', key: id, version: 0 })) };
  };
}

function make(kind: keyof typeof INSERT, account: string): Operation {
  const key = randomUUID();
  return async (client) => {
    await client.query(INSERT[kind], [key, account]);
    return { written: [{ kind, key, version: 0 }] };
  };
}

function change(
  share: Share,
  kind: 'accounts' | 'clicks' | 'visits',
  before: readonly string[],
): Operation | undefined {
  const key = pick(share, kind, before);
  if (key === undefined) return undefined;
  const row = { kind, key, version: share.ledger.version(kind, key) + 1 };
  return async (client, again) => {
    await update(client, kind, row, again);
    return { written: [row] };
  };
}

function placeOrder(share: Share): Operation | undefined {
  const account = pick(share, 'accounts', share.accounts);
  if (account === undefined) return undefined;
  const op = randomUUID();
  return async (client) => {
    const done = await inTransaction(client, async () => {
      let { rows } = await client.query<{ id: string }>('select id from orders where op = $1', [op]);
      if (rows.length === 0) {
        const insert = 'insert into orders (account, op, total) values ($1, $2, 12.5) returning id';
        ({ rows } = await client.query<{ id: string }>(insert, [account, op]));
        const lines = `insert into order_lines (order_id, line, product, price)
          select $1, n, 'product', n from generate_series(0, ${LINES - 1}) n`;
        await client.query(lines, [rows[0]?.id]);
      }
      return { written: rows.flatMap(({ id }) => order(id, 0)) };
    });
    const { ordersOf } = share.ledger;
    ordersOf.set(account, [...(ordersOf.get(account) ?? []), ...done.written.slice(0, 1).map(({ key }) => key)]);
    return done;
  };
}

const LINES = 3;

/** An order and its lines, all of one version. */
function order(id: string, version: number): Written[] {
  const lines = Array.from(
    { length: LINES },
    (_, line): Written => ({
      ...{ kind: 'order_lines', key: `${id}:${line}`, version },
    }),
  );
  return [{ kind: 'orders', key: id, version }, ...lines];
}

function changeOrder(share: Share): Operation | undefined {
  const key = pick(share, 'orders', share.orders);
  if (key === undefined) return undefined;
  const { ledger } = share;
  const row: Written = { kind: 'orders', key, version: ledger.version('orders', key) + 1 };
  // Lines from before the run are left alone.
  const line = `${key}:1`;
  const known = ledger.rows.order_lines.get(line);
  const written: Written[] = known === undefined ? [] : [{ kind: 'order_lines', key: line, version: known + 1 }];
  return async (client, again) =>
    await inTransaction(client, async () => {
      await update(client, 'orders', row, again);
      for (const { version } of written) {
        const set = 'update order_lines set version = $2, price = price + 1 where order_id = $1 and line = 1';
        await client.query(set, [key, version]);
      }
      return { written: [row, ...written] };
    });
}

function deleteOrder(share: Share): Operation | undefined {
  const key = pick(share, 'orders', share.orders);
  if (key === undefined) return undefined;
  const own = share.ledger.rows.order_lines.has(`${key}:0`);
  let linesGone = 0;
  return async (client, again) =>
    await inTransaction(client, async () => {
      if (!own) {
        const { rows } = await client.query<{ lines: number }>(
          'select count(*)::int as lines from order_lines where order_id = $1',
          [key],
        );
        linesGone = rows[0]?.lines || linesGone;
      }
      await remove(client, 'orders', key, again);
      return { written: own ? order(key, GONE) : [{ kind: 'orders', key, version: GONE }], linesGone };
    });
}

/** Deletes an account that was made in this run, and by cascades its orders and their lines. */
function deleteAccount(share: Share): Operation | undefined {
  const { ledger } = share;
  const key = pick(share, 'accounts');
  if (key === undefined) return undefined;
  const orders = (ledger.ordersOf.get(key) ?? []).filter((id) => ledger.version('orders', id) !== GONE);
  return async (client, again) => {
    await remove(client, 'accounts', key, again);
    return { written: [{ kind: 'accounts', key, version: GONE }, ...orders.flatMap((id) => order(id, GONE))] };
  };
}

function deleteClick(share: Share): Operation | undefined {
  const key = pick(share, 'clicks', share.clicks);
  if (key === undefined) return undefined;
  return async (client, again) => {
    await remove(client, 'clicks', key, again);
    return { written: [{ kind: 'clicks', key, version: GONE }] };
  };
}

type Choice = readonly [share: number, make: (share: Share) => Operation | undefined];

const VISITS: readonly Choice[] = [
  [5, () => make('visits', '/page')],
  [5, (share) => change(share, 'visits', [])],
];
const ALL: readonly Choice[] = [
  [6, makeAccount],
  [24, (share) => change(share, 'accounts', share.accounts)],
  [15, (share) => make('clicks', any(share.accounts, share) ?? '1')],
  [15, (share) => change(share, 'clicks', share.clicks)],
  [4, deleteClick],
  [10, placeOrder],
  [14, changeOrder],
  [3, deleteOrder],
  [1, deleteAccount],
  [3, () => make('Order Notes', '1000')],
];

/** The next thing to do. */
export function nextOperation(share: Share, writes: 'all' | 'visits'): Operation {
  const choices = writes === 'visits' ? VISITS : ALL;
  for (;;) {
    let at = share.random() * choices.reduce((sum, [weight]) => sum + weight, 0);
    const chosen = choices.find(([weight]) => {
      at -= weight;
      return at < 0;
    });
    const operation = chosen?.[1](share);
    if (operation !== undefined) return operation;
  }
}
