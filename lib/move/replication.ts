import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { scramVerifier } from '../postgres/scram-verifier';
import type { Inventory } from './inventory';
import type { Limits, Move } from './move';
import { MoveError } from './move-error';
import type { Names } from './names';
import { quoted } from './quoted';
import { asAdministrator, asOwner, sqlState } from './session';
import type { QualifiedName, Side } from './side';
import { withLocks } from './with-locks';

/** One direction of replication: rows that are written at `from` come to `to`. */
export interface Direction {
  readonly from: Side;
  readonly to: Side;
  /** Name of its publication, its slot, the role that reads them (all at `from`) and its subscription (at `to`). */
  readonly name: string;
}

/** The directions of a move. */
export function directionsOf(
  { source, target }: Pick<Move, 'source' | 'target'>,
  { forward, backward }: Names,
): { readonly forward: Direction; readonly backward: Direction } {
  return {
    forward: { from: source, to: target, name: forward },
    backward: { from: target, to: source, name: backward },
  };
}

/** Some rows of tables that the other side has already, with rows of its own. */
export interface Part {
  /** Condition on the rows that go: on columns of the replica identity, by immutable functions of PostgreSQL's own. */
  readonly conditionOf: (table: QualifiedName) => string;
  /** Runs what lets rows come, while the other side lets them in. */
  readonly letIn: (work: () => Promise<void>) => Promise<void>;
}

/** `truncate` would empty the other side of its own rows too: no condition holds for it. */
const PART_OPTIONS = `with (publish = 'insert, update, delete', publish_via_partition_root = true)`;

/** Time that a slot may wait for the transactions that are open when it is made. */
const SLOT_MILLISECONDS = 600_000;

const LIMITS = [
  ...['statement_timeout', 'lock_timeout', 'transaction_timeout'],
  ...['idle_in_transaction_session_timeout', 'idle_session_timeout'],
];

/** Time that a side may look for the other one to drop its slots there: `connect_timeout` is none of a server's. */
const REACH_MILLISECONDS = 8000;

const DUPLICATE_OBJECT = '42710';
const UNDEFINED_OBJECT = '42704';

/** Makes the tables of markers with a row for each side, as the owner. Those of the target come with the copy. */
export async function makeMarkers(owner: Client, names: Names, filled: boolean): Promise<void> {
  const marker = quoted(names.marker);
  await owner.query(`create table if not exists ${marker} (place text primary key, value text not null)`);
  if (!filled) return;
  await owner.query(`insert into ${marker} values ('source', ''), ('target', '') on conflict do nothing`);
}

/**
 * Makes rows come from one side to the other, from now on. Can be run again: the password of the role is new each time,
 * and known to the subscription alone.
 *
 * Rows that came by replication are not sent on (`origin = none`), so both directions may stand at once.
 * Source: https://www.postgresql.org/docs/17/sql-createsubscription.html (2026-11-30)
 *
 * @param copies Whether rows that are there already are copied first.
 * @param part Rows that go; left out, all of them.
 */
export async function replicate(
  direction: Direction,
  names: Names,
  inventory: Inventory,
  copies: boolean,
  part?: Part,
): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  await makeRole(direction, password);
  await publish(direction, names, inventory, part);
  await makeSlot(direction);
  const subscribed = () => subscribe(direction, password, copies);
  await (part === undefined ? subscribed() : part.letIn(subscribed));
}

export async function makeRole({ from, name }: Direction, password: string): Promise<void> {
  const role = escapeIdentifier(name);
  await asAdministrator(from, async (client) => {
    // RDS hands the attribute out by a role of its own.
    const { rowCount: onRds } = await client.query(`select from pg_roles where rolname = 'rds_replication'`);
    await unlessThere(
      client.query(`create role ${role} login ${onRds === 0 ? 'replication' : 'in role rds_replication'}`),
    );
    // The verifier: no log of the server ever holds the password.
    await client.query(`alter role ${role} password ${escapeLiteral(scramVerifier(password))}`);
    // Limits that the database sets for the application would end the copy of a large table, each time anew.
    const { rows } = await client.query<{ name: string }>('select name from pg_settings where name = any ($1)', [
      LIMITS,
    ]);
    for (const limit of rows) await client.query(`alter role ${role} set ${limit.name} = 0`);
  });
}

async function publish({ from, name }: Direction, names: Names, inventory: Inventory, part?: Part): Promise<void> {
  const role = escapeIdentifier(name);
  const published = inventory.published.map((table) =>
    part === undefined ? quoted(table) : `${quoted(table)} where (${part.conditionOf(table)})`,
  );
  const tables = [...published, quoted(names.marker)].join(', ');
  const options = part === undefined ? '' : PART_OPTIONS;
  await asOwner(from, async (client) => {
    const schemas = new Set([...inventory.tables, names.marker].map(({ schema }) => schema));
    for (const schema of schemas) await client.query(`grant usage on schema ${escapeIdentifier(schema)} to ${role}`);
    const readable = [...inventory.tables, names.marker].map(quoted).join(', ');
    await client.query(`grant select on ${readable} to ${role}`);
    await unlessThere(client.query(`create publication ${escapeIdentifier(name)} for table ${tables} ${options}`));
  });
}

async function makeSlot({ from, name }: Direction): Promise<void> {
  await asAdministrator(from, async (client) => {
    const { rowCount } = await client.query('select from pg_replication_slots where slot_name = $1', [name]);
    if (rowCount !== 0) return;
    // It waits for the transactions that are open; how long is bounded here, not by the lock.
    await client.query(`set lock_timeout = 0; set statement_timeout = ${SLOT_MILLISECONDS}`);
    await client.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [name]);
  });
}

/** The statement that holds the password does not connect, and so takes no time: servers log statements that are slow. */
export async function subscribe({ from, to, name }: Direction, password: string, copies: boolean): Promise<void> {
  const subscription = escapeIdentifier(name);
  const { host, port } = from.reachedAt ?? from.administrator;
  const connection = (secret: string): string =>
    escapeLiteral(
      Object.entries({
        host,
        port: String(port),
        dbname: from.administrator.database,
        user: name,
        password: secret,
        sslmode: 'require',
        application_name: name,
        // A server that vanished with its network is noticed in half a minute.
        keepalives_idle: '10',
        keepalives_interval: '5',
        keepalives_count: '4',
        connect_timeout: '10',
      })
        .map(([key, value]) => `${key}='${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
        .join(' '),
    );
  await asAdministrator(to, async (client) => {
    const { rows } = await client.query<{ enabled: boolean; relations: string }>(
      `select s.subenabled as enabled, count(r.srrelid) as relations from pg_subscription s
         left join pg_subscription_rel r on r.srsubid = s.oid
        where s.subname = $1 and s.subdbid = (select oid from pg_database where datname = current_database()) group by s.oid, s.subenabled`,
      [name],
    );
    const there = rows[0];
    if (there === undefined) {
      // With a password that is none: the server warns that it does not connect, and says in which statement.
      await client.query(
        `create subscription ${subscription} connection ${connection('none')} publication ${subscription}
           with (connect = false, slot_name = ${escapeLiteral(name)}, origin = none)`,
      );
    }
    await unseen(client, `alter subscription ${subscription} connection ${connection(password)}`);
    if (there?.enabled !== true) await client.query(`alter subscription ${subscription} enable`);
    if (there === undefined || there.relations === '0') {
      await client.query(`alter subscription ${subscription} refresh publication with (copy_data = ${copies})`);
    }
  });
}

/**
 * Runs a statement that holds a password. Logs of DDL and of errors, `pg_stat_statements` and `pg_stat_activity` see the block
 * that runs it alone; only a server that logs all statements with their values logs it, which the preflight says.
 */
async function unseen(client: Client, statement: string): Promise<void> {
  const keep = (text: string) => client.query(`select set_config('beamstalk.statement', $1, false)`, [text]);
  await keep(statement);
  try {
    // Raised anew, since the context of an error quotes the statement.
    await client.query(`do $$ begin execute current_setting('beamstalk.statement');
      exception when others then raise exception using errcode = sqlstate, message = sqlerrm; end $$`);
  } finally {
    await keep('').catch(() => undefined);
  }
}

/**
 * Ends one direction at the side that rows come from alone, whether or not the other side answers: a slot that nobody reads
 * fills the disk.
 */
export async function letGo({ from, to, name }: Direction): Promise<void> {
  const disable = `alter subscription ${escapeIdentifier(name)} disable`;
  await asAdministrator(to, (client) => client.query(disable)).catch(() => undefined);
  await asAdministrator(from, (client) => dropSlots(client, name, from));
}

/** Ends one direction at the side that rows come to alone. */
export function endTaking(direction: Direction): Promise<void> {
  return asAdministrator(direction.to, (client) => dropSubscription(client, direction));
}

/** Ends one direction and takes away what it made. Can be run again. */
export async function stopReplicating({ from, to, name }: Direction): Promise<void> {
  await endTaking({ from, to, name });
  await asAdministrator(from, (client) => dropSlots(client, name, from));
  await asOwner(from, (client) => client.query(`drop publication if exists ${escapeIdentifier(name)}`));
}

/** Drops the role by which the other side logged in, with what it was granted. */
export async function dropRole(side: Side, name: string): Promise<void> {
  const role = escapeIdentifier(name);
  const there = await asAdministrator(side, async (client) => {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
    return rowCount !== 0;
  });
  if (!there) return;
  await asOwner(side, async (client) => {
    for (const kind of ['tables', 'schema'])
      for (const what of await grantedTo(client, name, kind)) {
        await client.query(`revoke all on ${kind === 'schema' ? 'schema ' : ''}${what} from ${role}`);
      }
  });
  await asAdministrator(side, (client) => client.query(`drop role if exists ${role}`));
}

/** Quoted names of what the owner granted to a role. */
async function grantedTo(owner: Client, role: string, kind: string): Promise<string[]> {
  const query =
    kind === 'schema'
      ? `select quote_ident(nspname) as what from pg_namespace, aclexplode(nspacl) a join pg_roles r on r.oid = a.grantee where r.rolname = $1`
      : `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as what from pg_class c join pg_namespace n on n.oid = c.relnamespace,
           aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee where r.rolname = $1`;
  const { rows } = await owner.query<{ what: string }>(query, [role]);
  return [...new Set(rows.map(({ what }) => what))];
}

async function dropSubscription(client: Client, { from, name }: Direction): Promise<void> {
  const subscription = escapeIdentifier(name);
  try {
    await client.query(`alter subscription ${subscription} disable`);
  } catch (error) {
    if (sqlState(error) === UNDEFINED_OBJECT) return;
    throw error;
  }
  try {
    // Drops the slots on the other side too, those of tables that are being copied among them.
    await client.query(`set statement_timeout = ${REACH_MILLISECONDS}`);
    await client.query(`drop subscription ${subscription}`);
  } catch {
    await client.query('set statement_timeout = 0');
    // The other side is out of reach for this one, or the slot has gone: `dropSlots` asks there. Nobody else knows the slots
    // of tables that are being copied, which are named after the subscription and the system of this side.
    const { rows } = await client.query<{ pattern: string }>(
      `select format('^pg_%s_sync_[0-9]+_%s$', s.oid, c.system_identifier) as pattern from pg_subscription s, pg_control_system() c
        where s.subname = $1 and s.subdbid = (select oid from pg_database where datname = current_database())`,
      [name],
    );
    const pattern = rows[0]?.pattern;
    if (pattern !== undefined) {
      await asAdministrator(from, (other) =>
        other.query(
          'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name ~ $1 and not active',
          [pattern],
        ),
      ).catch(() => undefined);
    }
    await client.query(`alter subscription ${subscription} set (slot_name = none)`);
    // It would look for slots of tables once more: where it is refused at once.
    await client.query(`alter subscription ${subscription} connection 'host=127.0.0.1 port=1 user=none password=none'`);
    await client.query(`drop subscription ${subscription}`);
  }
}

/** A slot is in use for a moment after its subscription has gone. */
async function dropSlots(client: Client, name: string, from: Side): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { rows } = await client.query<{ slot_name: string; active: boolean }>(
      'select slot_name, active from pg_replication_slots where slot_name = $1',
      [name],
    );
    const slot = rows[0];
    if (slot === undefined) return;
    if (!slot.active) {
      await client.query('select pg_drop_replication_slot($1)', [slot.slot_name]).catch((error: unknown) => {
        // In use again, or gone meanwhile.
        if (!['55006', UNDEFINED_OBJECT].includes(sqlState(error) ?? '')) throw error;
      });
    } else if (tries >= 100) {
      throw new MoveError(
        `the slot ${name} on ${from.title} is still read by somebody: end that session, and run this again`,
      );
    } else {
      await pause(300);
    }
  }
}

async function unlessThere(statement: Promise<unknown>): Promise<void> {
  await statement.catch((error: unknown) => {
    if (sqlState(error) !== DUPLICATE_OBJECT) throw error;
  });
}

/**
 * Rows of tables without a key are found by all their columns, which is needed before rows are written on either side; or by
 * nothing, as before the move.
 */
export async function identify(
  owner: Client,
  tables: readonly QualifiedName[],
  by: 'full' | 'default',
  limits: Limits,
): Promise<void> {
  for (const table of tables) {
    await withLocks(owner, table, `alter table only ${quoted(table)} replica identity ${by}`, limits);
  }
}
