import { InvalidArgumentError } from 'commander';
import type { Limits } from '../../move/move';

interface LimitRange {
  readonly least: number;
  readonly most: number;
  readonly description: string;
}

/** Limits of a move that its operator may set: lib/move/move.ts has their defaults. */
export const LIMIT_RANGES: Readonly<Record<keyof Limits, LimitRange>> = {
  lockMilliseconds: { least: 10, most: 10_000, description: 'Longest wait for the locks of a freeze.' },
  freezeMilliseconds: { least: 50, most: 30_000, description: 'Longest time that writers wait in a freeze.' },
  patienceSeconds: { least: 1, most: 86_400, description: 'Time after which an action gives up trying.' },
  sequenceGap: { least: 0, most: 1_000_000, description: 'Numbers that each sequence skips at a switch.' },
  tablesAtOnce: {
    least: 0,
    most: 1000,
    description: 'Tables that are copied at once at most; 0 for the limit of the server.',
  },
};

/** Reads a limit from the command line. @throws InvalidArgumentError when it is none. */
export function limitOf({ least, most }: LimitRange): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
  };
}
