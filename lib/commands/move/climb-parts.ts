import type { Phase } from '../../architecture/architecture';
import { climbInto, type MovedPart, movedParts } from '../../architecture/moved-parts';
import { PHASES } from '../../architecture/phases/list';
import { OperatorError } from '../environment/operator-error';
import { type RecordedState, recordedState } from '../environment/recorded-state';

/**
 * Part of a climb that moves, in an environment that expands it.
 *
 * @param parameters All of the environment, by their names below it.
 * @throws OperatorError when the environment does not expand that climb, or has no such function.
 */
export function partOf(
  environment: string,
  parameters: ReadonlyMap<string, string>,
  { climb, ofFunction }: { readonly climb: string; readonly ofFunction?: string | undefined },
): MovedPart {
  const phase = PHASES.find((one) => one.moves === 'data' && climbInto(one) === climb);
  if (phase === undefined) throw new OperatorError(`${climb} is no climb that moves data`);
  const state = recordedState(parameters.get('climb/state'));
  if (!isExpanding(state, phase)) {
    const now = state === undefined ? 'not known to be at any phase' : `at ${nameOf(state)}`;
    throw new OperatorError(
      `${environment} is ${now}, and ${climb} moves data while it expands: npx cdk deploy --all --context env=${environment} --context phase=${phase.number} --context from=${phase.number - 1}`,
    );
  }
  const functions = [...parameters.keys()].flatMap((name) => /^database\/([^/]+)\/endpoint$/.exec(name)?.[1] ?? []);
  const parts = movedParts(phase, functions);
  const wanted = parts.find((part) => part.function === ofFunction);
  if (wanted !== undefined) return wanted;
  const known = parts.flatMap((part) => part.function ?? []).sort();
  throw new OperatorError(
    ofFunction === undefined
      ? `say whose data move, with --function: one of ${known.join(', ')}`
      : `${environment} has no database of the function ${ofFunction}: expected one of ${known.join(', ')}`,
  );
}

function isExpanding(state: RecordedState | undefined, { number }: Phase): boolean {
  return state?.from !== undefined && state.from < number && number <= state.phase;
}

function nameOf({ phase, from }: RecordedState): string {
  return from === undefined ? `phase ${phase}` : `phase ${phase}, with the climb from ${from} expanding`;
}
