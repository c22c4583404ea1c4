import type { Pinged } from './side';

type Answers = Pick<Pinged, 'answered' | 'asked' | 'cpuPercent' | 'othersPercent'>;

/** Least share of answers, and most percent that other programs may take, with which CPU is compared. */
export interface Comparable {
  readonly answered: number;
  readonly othersPercent: number;
}

/** CPU of each answer of one side over that of the other. */
export interface CpuRatio {
  readonly value: number;
  /** Reason for which it says nothing; absent when it may be judged. */
  readonly not?: string;
}

/** Compares what an answer costs. A side that answers less does less, and one that answers nothing would make any other cheap. */
export function cpuOver(
  ours: Answers | undefined,
  byDefault: Answers | undefined,
  { answered, othersPercent }: Comparable,
): CpuRatio {
  const each = (one: Answers | undefined): number =>
    one === undefined || one.answered === 0 ? Number.NaN : one.cpuPercent / one.answered;
  const value = each(ours) / each(byDefault);
  for (const [name, one] of [
    ['the default', byDefault],
    ['the node', ours],
  ] as const) {
    if (one === undefined) return { value, not: `${name} was not pinged` };
    if (!(one.answered / one.asked >= answered))
      return { value, not: `${name} answered ${one.answered} of ${one.asked}` };
  }
  // A node that is woken in the place of another program pays for the change: what is spared is the same, the rest is more.
  const others = Math.max(...[byDefault, ours].map((one) => one?.othersPercent ?? 100));
  return others <= othersPercent ? { value } : { value, not: `others took ${Math.round(others)} % of the processors` };
}
