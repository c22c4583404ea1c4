import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { quoted } from './quoted';
import type { Place, QualifiedName } from './side';

/** Time between two looks for a marker on the other side, milliseconds. */
const POLL = 2;

/** Rows come across in less before writers are held up, milliseconds. */
export const NEAR = 100;

/** Sessions that send a marker, and look for it on the other side. */
export interface MarkerWay {
  /** Side that it is written at. */
  readonly place: Place;
  readonly marks: Client;
  readonly looks: Client;
}

/** Sends a marker and waits until it has come across. @returns Milliseconds that it took, or undefined when it took longer. */
export async function roundTrip(
  marker: QualifiedName,
  { place, marks, looks }: MarkerWay,
  limit: number,
): Promise<number | undefined> {
  const table = quoted(marker);
  const value = `${process.pid}-${Date.now()}-${Math.random()}`;
  const began = performance.now();
  await marks.query(`update ${table} set value = $2 where place = $1`, [place, value]);
  while (performance.now() - began < limit) {
    const { rowCount } = await looks.query(`select from ${table} where place = $1 and value = $2`, [place, value]);
    if (rowCount === 1) return performance.now() - began;
    await pause(POLL);
  }
  return undefined;
}
