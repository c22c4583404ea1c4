import { PHASES } from '../../lib/architecture/phases';
import type { ClimbState } from '../../lib/climb/gate-rules';

/**
 * What an environment goes through on its way: a climb that moves something expands first and contracts after it, as
 * the gate asks for; any other goes straight.
 */
export function statesOf({ from, to }: { readonly from: number; readonly to: number }): ClimbState[] {
  return PHASES.filter(({ number }) => number >= from && number <= to).flatMap(({ number: phase, moves }) =>
    moves !== undefined && phase > from ? [{ phase, from: phase - 1 }, { phase }] : [{ phase }],
  );
}

/** Short enough for a table and for a file: `2`, or `2-from-1` while it expands. */
export function nameOf({ phase, from }: ClimbState): string {
  return from === undefined ? String(phase) : `${phase}-from-${from}`;
}
