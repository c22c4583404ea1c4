import type { Client } from 'pg';
import { MOVE_SCHEMA } from './move';
import type { Frozen, Step } from './results';
import { sqlState } from './session';
import type { Place } from './side';
import type { SwitchNumber } from './switch-number';

/** Knowledge that one side has of a move; each side says of itself alone whether it takes writes. */
export interface SideRecord {
  readonly step: Step;
  /** True when the guards turn writers away here. */
  readonly closed: boolean;
  /** Of the last switch that this side took part in; it grows with each. */
  readonly epoch: number;
  readonly details: Details;
}

/** Facts that are kept between actions; on the target the pair alone. */
export interface Details {
  /** The same on both sides, and of no other move. */
  readonly pair?: string;
  /** When the move was started, seconds since 1970: its switches come after those of any move before. */
  readonly begun?: number;
  /** Of the schema, when the copy began. */
  readonly fingerprint?: string;
  /** Tables that had no replica identity before. */
  readonly identities?: readonly { readonly schema: string; readonly name: string }[];
  /**
   * The last comparison of rows. It takes the place of `frozen` and `verifiedAt`, which named no switch: a record that has those alone
   * proves nothing.
   */
  readonly compared?: Compared;
  /** Epoch of the last switch that nodes were told of. */
  readonly told?: number;
  /** Of a move of some rows: which ones, and what it has come to (lib/resharding). */
  readonly portion?: object;
}

/** A comparison of rows, and the switch that it is of. */
export interface Compared {
  readonly epoch: number;
  readonly frozen: Frozen;
  /** When it ended, ISO 8601. */
  readonly at: string;
}

const NO_SUCH_TABLE = ['42P01', '3F000'];

/** Makes the place for the record of moves, as the owner of the tables. */
export async function makeRecords(owner: Client): Promise<void> {
  await owner.query(`create schema if not exists ${MOVE_SCHEMA}`);
  await owner.query(`create table if not exists ${MOVE_SCHEMA}.moves (
    move text primary key,
    step text not null,
    closed boolean not null,
    epoch integer not null,
    details jsonb not null default '{}'
  )`);
}

/** The record of a move on this side; undefined when there is none. */
export async function readRecord(client: Client, move: string): Promise<SideRecord | undefined> {
  try {
    const { rows } = await client.query<SideRecord>(
      `select step, closed, epoch, details from ${MOVE_SCHEMA}.moves where move = $1`,
      [move],
    );
    return rows[0];
  } catch (error) {
    if (NO_SUCH_TABLE.includes(sqlState(error) ?? '')) return undefined;
    throw error;
  }
}

/** Waits until no transaction of somebody else is about to change the record, for a minute at most. */
export async function untilUnheld(owner: Client, move: string): Promise<void> {
  await owner.query(`set lock_timeout = 0; set statement_timeout = '1min'`);
  await owner.query(`select from ${MOVE_SCHEMA}.moves where move = $1 for update`, [move]);
}

export async function beginRecord(owner: Client, move: string, record: SideRecord): Promise<void> {
  await owner.query(
    `insert into ${MOVE_SCHEMA}.moves (move, step, closed, epoch, details) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [move, record.step, record.closed, record.epoch, record.details],
  );
}

/** A move as its records know it: another one of the same name has another pair, and so has one after it was begun anew. */
export interface RecordKey {
  readonly move: string;
  /** Undefined in those of earlier versions. */
  readonly pair: string | undefined;
}

/** Condition on a record that it is of this move: `$1` its name, `$2` its pair. */
const OF_MOVE = "move = $1 and details->>'pair' is not distinct from $2";

export function keyOf(move: string, { details: { pair } }: Pick<SideRecord, 'details'>): RecordKey {
  return { move, pair };
}

/** Changes a record, as long as it is what the condition says. @returns False when it is not, or is gone with its table. */
async function changed(owner: Client, change: string, values: readonly unknown[]): Promise<boolean> {
  try {
    const { rowCount } = await owner.query(`update ${MOVE_SCHEMA}.moves set ${change}`, [...values]);
    return rowCount === 1;
  } catch (error) {
    if (NO_SUCH_TABLE.includes(sqlState(error) ?? '')) return false;
    throw error;
  }
}

/** Writes that all rows are there. @returns False when the move is given up, or was, meanwhile. */
export async function writeReady(owner: Client, { move, pair }: RecordKey): Promise<boolean> {
  return await changed(owner, `step = 'ready' where ${OF_MOVE} and step in ('copying', 'ready')`, [move, pair]);
}

/**
 * Writes that the way back is given up, after the switch that was proven.
 *
 * @returns False when another mover has switched meanwhile.
 */
export async function writeFinished(owner: Client, move: string, number: SwitchNumber): Promise<boolean> {
  const change = `step = 'finished' where move = $1 and closed and step in ('ready', 'finished') and ${OF_SWITCH}`;
  return await changed(owner, change, [move, number.epoch, number.begun]);
}

/**
 * Writes that the move is given up, where the source takes writes.
 *
 * @param epoch Of the switch that brought users back to it, and of which nodes were told.
 * @returns False when another mover has switched meanwhile, or has begun a move anew.
 */
export async function writeAbandoning(owner: Client, { move, pair }: RecordKey, epoch: number): Promise<boolean> {
  return await changed(owner, `step = 'abandoning' where ${OF_MOVE} and not closed and epoch = $3`, [
    move,
    pair,
    epoch,
  ]);
}

/** Condition on a record that this switch is its last one: `$2` its epoch, `$3` when the move was begun. */
const OF_SWITCH = "epoch = $2 and coalesce((details->>'begun')::bigint, 0) = $3";

/**
 * Adds what is known of a switch, as long as it is the last one. Earlier versions wrote what named none, which goes.
 *
 * @returns False when another mover has switched meanwhile.
 */
export async function writeOfSwitch(
  owner: Client,
  move: string,
  number: SwitchNumber,
  details: Pick<Details, 'compared' | 'told'>,
): Promise<boolean> {
  const change = `details = (details || $4::jsonb) - '{frozen,verifiedAt}'::text[] where move = $1 and ${OF_SWITCH}`;
  return await changed(owner, change, [move, number.epoch, number.begun, JSON.stringify(details)]);
}

/** The comparison of a switch; undefined when there is none, or that of another one. */
export function comparisonOf(
  { details: { compared } }: Pick<SideRecord, 'details'>,
  epoch: number,
): Compared | undefined {
  return compared?.epoch === epoch ? compared : undefined;
}

/** The same, when its rows were equal. */
export function proofOf(record: Pick<SideRecord, 'details'>, epoch: number): Compared | undefined {
  const compared = comparisonOf(record, epoch);
  return compared?.frozen.verification.equal === true ? compared : undefined;
}

/**
 * Writes whether this side takes writes, in the transaction that makes it so.
 *
 * @returns False when another mover was faster, or has given up the move or the way back.
 */
export async function writeClosed(
  owner: Client,
  { move, pair }: RecordKey,
  to: { readonly closed: boolean; readonly epoch: number },
): Promise<boolean> {
  const change = `closed = $3, epoch = $4 where ${OF_MOVE} and closed <> $3 and epoch < $4 and step = 'ready'`;
  return await changed(owner, change, [move, pair, to.closed, to.epoch]);
}

/** Number by which nodes know the order of switches. A move that was started before there were any comes before all others. */
export function numberOf({ details }: Pick<SideRecord, 'details'>, epoch: number): SwitchNumber {
  return { begun: details.begun ?? 0, epoch };
}

/** Side that users write to. When both sides are closed, a switch was interrupted, and the side to be opened is told. */
export type Serving = { readonly at: Place } | { readonly opening: Place };

/**
 * A side is closed in the same transaction that freezes its tables, with an epoch of its own; the other one is opened with
 * that epoch afterwards. So never are both open, and of two closed ones the one with the lower epoch was to be opened.
 */
export function servingOf(source: SideRecord, target: SideRecord): Serving {
  if (!source.closed) return { at: 'source' };
  if (!target.closed) return { at: 'target' };
  return { opening: source.epoch > target.epoch ? 'target' : 'source' };
}
