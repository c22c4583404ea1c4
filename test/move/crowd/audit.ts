import type { Client } from 'pg';
import { GONE, KINDS, type Kind, type Ledger } from './ledger';

/** What the database does not hold as it was acknowledged: examples, with the number of each. */
export interface Audit {
  /** Rows that are not there, or trigger's rows of them. */
  readonly lost: readonly string[];
  /** Rows that are there twice, or that nobody wrote. */
  readonly doubled: readonly string[];
  /** Rows that have another version than the last, or are there though they were deleted. */
  readonly stale: readonly string[];
  readonly commits: number;
  /** Rows that were looked at. */
  readonly rows: number;
}

/** How a table is asked for keys, as text, and versions. */
const ROWS: Readonly<Record<Kind, string>> = {
  accounts: 'select id::text as key, version from public.accounts',
  clicks: 'select op::text as key, version from public.clicks',
  orders: 'select id::text as key, version from public.orders',
  order_lines: `select order_id || ':' || line as key, version from public.order_lines`,
  'Order Notes': 'select "Id"::text as key, 0 as version from "Sales"."Order Notes"',
  visits: 'select op::text as key, version from public.visits',
};

/** Rows of each table, for `audit` to begin with. */
export type Counts = Readonly<Record<Kind | 'audit', number>>;

export async function count(client: Client, kinds: readonly Kind[]): Promise<Partial<Counts>> {
  const counted: [string, number][] = [];
  for (const kind of kinds)
    counted.push([kind, await number(client, `select count(*) as n from (${ROWS[kind]}) all_rows`)]);
  if (kinds.includes('accounts'))
    counted.push(['audit', await number(client, 'select count(*) as n from public.audit')]);
  return Object.fromEntries(counted);
}

async function number(client: Client, statement: string): Promise<number> {
  const { rows } = await client.query<{ n: string }>(statement);
  return Number(rows[0]?.n);
}

/** Compares what the writers were told with what is there. `before`: rows that there were at the beginning. */
export async function audit(
  client: Client,
  ledgers: readonly Ledger[],
  kinds: readonly Kind[],
  before: Partial<Counts>,
): Promise<Audit> {
  await client.query("set work_mem = '256MB'");
  await client.query('drop table if exists pg_temp.ledger');
  await client.query('create temporary table ledger (kind text, key text, version bigint)');
  const found = { lost: [] as string[], doubled: [] as string[], stale: [] as string[] };
  const tell = async (what: keyof typeof found, statement: string, values: readonly unknown[] = []): Promise<void> => {
    const { rows } = await client.query<{ what: string }>(statement, [...values]);
    if (rows.length > 0) found[what].push(...rows.slice(0, 5).map((row) => `${row.what} (of ${rows.length})`));
  };
  let rows = 0;
  for (const kind of kinds) {
    await enter(
      client,
      kind,
      ledgers.flatMap((ledger) => [...ledger.rows[kind]]),
    );
    const there = `with there as materialized (${ROWS[kind]}), told as materialized (select key, version from ledger where kind = $1)`;
    await tell(
      'lost',
      `${there} select $1 || ' ' || key as what from told where version <> ${GONE} and not exists (select from there where there.key = told.key)`,
      [kind],
    );
    await tell(
      'doubled',
      `with there as (${ROWS[kind]}) select $1 || ' ' || key as what from there group by key having count(*) > 1`,
      [kind],
    );
    await tell(
      'stale',
      `${there} select $1 || ' ' || key || ' has version ' || there.version || ', told ' || coalesce(told.version, 0) as what
         from there left join told using (key) where there.version <> coalesce(told.version, 0)`,
      [kind],
    );
    const expected = ledgers.reduce((sum, ledger) => sum + ledger.more[kind], before[kind] ?? 0);
    rows += report(found, kind, expected, await number(client, `select count(*) as n from (${ROWS[kind]}) all_rows`));
  }
  if (kinds.includes('accounts')) rows += await changes(client, ledgers, before.audit ?? 0, found, tell);
  if (kinds.includes('order_lines')) {
    const orphans =
      'select order_id::text as what from order_lines l where not exists (select from orders where id = l.order_id)';
    await tell('lost', `select 'order of the lines ' || what as what from (${orphans}) without`);
  }
  return { ...found, commits: ledgers.reduce((sum, { commits }) => sum + commits, 0), rows };
}

/** The rows that triggers wrote: one for each change, and no other. */
async function changes(
  client: Client,
  ledgers: readonly Ledger[],
  before: number,
  found: { lost: string[]; doubled: string[] },
  tell: (what: 'lost' | 'doubled', statement: string, values?: readonly unknown[]) => Promise<void>,
): Promise<number> {
  const all = ledgers.flatMap(({ changes }) => [...changes]);
  await enter(client, 'audit', all);
  const both = `with there as materialized (select of_table || ':' || row_id as key, count(*) as n from audit where of_table <> 'nothing' group by 1)
    select 'audit of ' || key || ': ' || coalesce(n, 0) || ' rows for ' || coalesce(version, 0) || ' changes' as what
      from there full join (select key, version from ledger where kind = 'audit') told using (key)`;
  await tell('lost', `${both} where coalesce(n, 0) < coalesce(version, 0)`);
  await tell('doubled', `${both} where coalesce(n, 0) > coalesce(version, 0)`);
  const expected = all.reduce((sum, [, times]) => sum + times, before);
  return report(found, 'audit', expected, await number(client, 'select count(*) as n from audit'));
}

function report(found: { lost: string[]; doubled: string[] }, kind: string, expected: number, there: number): number {
  if (there < expected) found.lost.push(`${kind}: ${expected - there} rows fewer than ${expected}`);
  if (there > expected) found.doubled.push(`${kind}: ${there - expected} rows more than ${expected}`);
  return there;
}

async function enter(client: Client, kind: string, rows: readonly (readonly [string, number])[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 10_000) {
    const part = rows.slice(from, from + 10_000);
    await client.query('insert into ledger select $1, * from unnest($2::text[], $3::bigint[])', [
      kind,
      part.map(([key]) => key),
      part.map(([, version]) => version),
    ]);
  }
  await client.query('analyze ledger');
}

export const MOVED_KINDS: readonly Kind[] = KINDS.filter((kind) => kind !== 'visits');
