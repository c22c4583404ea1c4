import { type Ceiling, taken } from '../../capacity/ceiling';
import type { Traffic } from '../../config/traffic-settings';
import { timesTraffic } from '../../cost/times-traffic';

/** Months that the page looks ahead. */
export const MONTHS_AHEAD = 24;

/** Traffic after so many months of growth: all that is counted grows, as the capacity model has it. */
export function grown(traffic: Traffic, months: number): Traffic {
  return timesTraffic(traffic, growthOf(traffic) ** months);
}

/** Part of a ceiling that is taken in a month from now: above 1 it has given way. */
export function takenIn(ceiling: Ceiling, traffic: Traffic, month: number): number {
  return ceiling.fixed ? taken(ceiling) : taken(ceiling) * growthOf(traffic) ** month;
}

function growthOf({ growthPercentPerMonth }: Traffic): number {
  return 1 + growthPercentPerMonth / 100;
}

/** `now`, `in month 17`, or `not by growth`: when a ceiling gives way, of which so many whole months are left. */
export function givesWay(months: number): string {
  if (months === 0) return 'now';
  return Number.isFinite(months) ? `in month ${months + 1}` : 'not by growth';
}
