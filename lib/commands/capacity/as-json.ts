import type { Bottleneck } from '../../capacity/capacity';
import { type Ceiling, monthsLeft, taken } from '../../capacity/ceiling';

/** A ceiling as `capacity --json` prints it: what is infinite is null. */
export function ceilingAsJson(ceiling: Ceiling, growth: number) {
  return { ...ceiling, taken: finite(taken(ceiling)), months: finite(monthsLeft(ceiling, growth)) };
}

/** The first bottleneck as `capacity --json` and `size --json` print it: its ceiling, and what is free of it. */
export function bottleneckAsJson({ ceiling, headroom, months }: Bottleneck) {
  return { ...ceiling, taken: finite(taken(ceiling)), headroom: finite(headroom), months: finite(months) };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
