import type { MovedPart } from '../architecture/moved-parts';
import { saidPlace } from './said-place';

/** Proof of a move that was finished, as the mover writes it below `climb/verified/` (lib/node/boot/files/bin/move.sh). */
export interface MoveRecord {
  readonly environment: string;
  readonly climb: string;
  readonly function?: string;
  /** Database that the data have left: `box`, or the endpoint. */
  readonly source: string;
  /** Endpoint of the database that they went to. */
  readonly target: string;
  /** When the move was started, seconds since 1970, and the number of its last switch: what nodes are told (said-place.ts). */
  readonly begun: number;
  /** 0 where nothing moved, since there was nothing. */
  readonly epoch: number;
  readonly tables: number;
  readonly rows: number;
  /** SHA-256 of what was compared, in hexadecimal digits; empty where nothing moved. */
  readonly digest: string;
  /** When the rows were found equal, ISO 8601. */
  readonly verifiedAt: string;
}

/** Name of the record of a part that moves, below its environment. */
export function recordOf({ name }: Pick<MovedPart, 'name'>): string {
  return `climb/verified/${name}`;
}

/** Reads a record; undefined when it has not the form of one that a mover writes. */
export function moveRecordIn(text: string): MoveRecord | undefined {
  const record = parsed(text);
  if (record['proven'] === false) return undefined;
  const { environment, climb, function: own, source, target, begun, epoch, tables, rows, digest, verifiedAt } = record;
  const words = [environment, climb, own ?? '', source, target, digest, verifiedAt];
  if (!words.every((word) => typeof word === 'string')) return undefined;
  if (![begun, epoch, tables, rows].every((number) => Number.isSafeInteger(number) && Number(number) >= 0)) {
    return undefined;
  }
  const moved = Number(epoch) > 0 && Number(tables) > 0 && /^[0-9a-f]{64}$/.test(String(digest));
  // Data of the box leave it all together, and are never nothing.
  const nothing = own !== undefined && epoch === 0 && tables === 0 && rows === 0 && digest === '';
  return moved || nothing ? (record as unknown as MoveRecord) : undefined;
}

/** True of the record of a move that was finished without a proof that its rows were equal. */
export function isUnproven(text: string): boolean {
  return parsed(text)['proven'] === false;
}

/** True when nodes were told of the very switch that a record is of. */
export function isOfSwitch({ begun, epoch }: Pick<MoveRecord, 'begun' | 'epoch'>, said: string): boolean {
  const { number } = saidPlace(said);
  return number !== undefined && number.begun === begun && number.epoch === epoch;
}

/**
 * Whoever wrote a parameter, by the name that Parameter Store gives: of a role without its session, which is another one on
 * each machine.
 * Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterHistory.html (2026-11-30)
 */
export function identityOf(arn: string): string {
  return arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1');
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
