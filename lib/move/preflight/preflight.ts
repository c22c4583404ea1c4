import type { Client } from 'pg';
import { finished, halfAbandoned } from '../actions/records';
import type { Finding } from '../finding';
import { readInventory } from '../inventory';
import { MOVE_SCHEMA, type Move } from '../move';
import { namesOf } from '../names';
import { readRecord, type SideRecord } from '../record';
import { relationsThatMove } from '../relations';
import { asAdministrator, asOwner } from '../session';
import type { Side } from '../side';
import { some } from '../some';
import type { Context, PreflightCheck, Sessions } from './check';
import { CAPACITY_CHECKS } from './checks/capacity';
import { COLLATION_CHECKS } from './checks/collation';
import { EXTENSION_CHECKS } from './checks/extensions';
import { FOREIGN_KEY_CHECKS } from './checks/foreign-keys';
import { IDENTITY_CHECKS } from './checks/identities';
import { LARGE_OBJECT_CHECKS } from './checks/large-objects';
import { LEFT_OUT_CHECKS } from './checks/left-out';
import { RIGHTS_CHECKS } from './checks/rights';
import { ROLE_CHECKS } from './checks/roles';
import { ROOM_CHECKS } from './checks/room';
import { SETTING_CHECKS } from './checks/settings';
import { SLOT_SIZE_CHECKS } from './checks/slot-size';
import { STATEMENT_LOG_CHECKS } from './checks/statement-logs';
import { TABLE_CHECKS } from './checks/tables';
import { TAKEN_NAME_CHECKS } from './checks/taken-names';
import { TRANSACTION_CHECKS } from './checks/transactions';
import { TRIGGER_CHECKS } from './checks/triggers';
import { VERSION_CHECKS } from './checks/versions';
import { STAYING_CHECKS } from './checks/what-stays';

/** In the order in which an operator reads them. */
export const PREFLIGHT_CHECKS: readonly PreflightCheck[] = [
  ...[RIGHTS_CHECKS, VERSION_CHECKS, CAPACITY_CHECKS, SLOT_SIZE_CHECKS, TAKEN_NAME_CHECKS].flat(),
  ...[TABLE_CHECKS, FOREIGN_KEY_CHECKS, STAYING_CHECKS, TRIGGER_CHECKS, IDENTITY_CHECKS, LARGE_OBJECT_CHECKS].flat(),
  ...[EXTENSION_CHECKS, COLLATION_CHECKS, ROLE_CHECKS, SETTING_CHECKS, LEFT_OUT_CHECKS].flat(),
  ...[STATEMENT_LOG_CHECKS, TRANSACTION_CHECKS, ROOM_CHECKS].flat(),
];

/** Finds what speaks against a move, and what to know about it. Nothing that it tries stays. */
export async function preflight(move: Move): Promise<readonly Finding[]> {
  return inSessions(move.source, (source) => inSessions(move.target, (target) => findAll(move, source, target)));
}

async function findAll(move: Move, source: Sessions, target: Sessions): Promise<readonly Finding[]> {
  const begun = await recordIn(source.owner, move.id);
  if (begun?.step === 'abandoning') throw halfAbandoned(move);
  if (begun?.step === 'finished') throw await finished(move);
  const relations = await relationsThatMove(source.owner, move.tables);
  if (relations.missing.length > 0) {
    const names = some(relations.missing.map(({ schema, name }) => `${schema}.${name}`));
    return [
      {
        id: 'no-such-table',
        level: 'refuse',
        what: `${move.source.title} has no table of the name ${names}`,
        remedy: 'name tables as schema.table, as they are there',
      },
    ];
  }
  const context: Context = {
    ...{ move, source, target },
    names: namesOf(move.id),
    inventory: await readInventory(source.owner, move.tables),
    tables: relations.tables.map(({ oid }) => oid),
    named: move.tables !== 'all',
    begun: begun !== undefined,
  };
  return await findingsOf(PREFLIGHT_CHECKS, context);
}

/** Findings of some checks, in their order. */
export async function findingsOf(checks: readonly PreflightCheck[], context: Context): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id, level, find, what, remedy } of checks) {
    const names = await find(context);
    if (names.length > 0) findings.push({ id, level, what: what(some(names), context), remedy });
  }
  return findings;
}

/** A schema of that name that is somebody else's may not be looked into. */
async function recordIn(owner: Client, move: string): Promise<SideRecord | undefined> {
  const { rowCount } = await owner.query(
    'select from pg_catalog.pg_namespace where nspname = $1 and pg_catalog.pg_get_userbyid(nspowner) = current_user',
    [MOVE_SCHEMA],
  );
  return rowCount === 1 ? await readRecord(owner, move) : undefined;
}

/** Runs the work with sessions of the owner and of the administrator of a side. */
export function inSessions<Result>(side: Side, work: (sessions: Sessions) => Promise<Result>): Promise<Result> {
  return asOwner(side, (owner) => asAdministrator(side, (administrator) => work({ owner, administrator })));
}
