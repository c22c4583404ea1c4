import { nextRung } from '../architecture/ladder';
import type { InstanceType } from '../facts/instance-type';
import { usableCores } from './machine';
import type { Work } from './measured';

/** Growth that a node has before it. */
export interface Growth {
  /** Rung above; absent at the end of the ladder. */
  readonly next?: InstanceType;
  /** First rung, from this one on, at which a second node beats a bigger one; absent when the ladder ends before. */
  readonly secondNodeFrom?: InstanceType;
}

export function growthOf(type: InstanceType, work: Work): Growth {
  const next = nextRung(type);
  const secondNodeFrom = [type, ...rungsAbove(type)].find((rung) => secondNodeBeats(rung, work));
  return { ...(next && { next }), ...(secondNodeFrom && { secondNodeFrom }) };
}

/** Rungs above a type, smallest first. */
export function rungsAbove(type: InstanceType): readonly InstanceType[] {
  const above: InstanceType[] = [];
  for (let rung = nextRung(type); rung !== undefined; rung = nextRung(rung)) above.push(rung);
  return above;
}

/**
 * True when nodes of a type keep as many cores busy for their money as nodes of the next rung, or more: then a second one
 * beats a bigger one, and one of them may be lost. The cores of a bigger node help each other out (M/M/c), until they stand
 * in each other's way (the scalability law). Memory and network cost the same on every rung of a family, so that they decide
 * nothing. False at the end of a ladder, and of burstable types: what they carry is a matter of credits.
 */
function secondNodeBeats(type: InstanceType, work: Work): boolean {
  const bigger = nextRung(type);
  return bigger !== undefined && !type.burstable && coresPerUsd(type, work) >= coresPerUsd(bigger, work);
}

/** Peak over average, which only credits depend on. */
const ANY_PEAK = 1;

function coresPerUsd(type: InstanceType, work: Work): number {
  return usableCores(type, ANY_PEAK, work) / type.usdPerHour;
}
