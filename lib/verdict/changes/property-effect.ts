import { EMPTIERS } from '../../template/emptiers';
import { madeOf } from '../../template/sam';
import { replacementBy } from '../../template/specification';
import { isUnknown } from '../../template/stateful';
import { correctionOf } from './corrections';
import type { PropertyChange, PropertyEffect } from './property-change';
import { restartOf } from './restarts';

/** Effect of changing one property: our corrections first, then the service specification, then the table of restarts. */
export function effectOf(change: PropertyChange): PropertyEffect {
  const { type, property } = change;
  const correction = correctionOf(change);
  if (correction !== undefined && correction.effect !== 'in place') {
    const { effect, why, source } = correction;
    return { property, effect, why, source };
  }
  if (correction === undefined) {
    const made = madeOf(type, property) ?? { type, property };
    const replacement = replacementBy(made.type, made.property);
    if (replacement === 'yes') return { property, effect: 'replaces' };
    // An upper bound: what may replace is taken for what replaces until a correction says better.
    if (replacement === 'maybe') return { property, effect: 'replaces', why: 'may replace, says the specification' };
    const store = EMPTIERS[type];
    if (isUnknown(type) && (store === undefined || store === property)) {
      return { property, effect: 'refused', why: 'the effect of changing this type is unknown' };
    }
  }
  const restart = restartOf(change);
  if (restart === undefined) return { property, effect: 'in place', ...(correction && { why: correction.why }) };
  const { why, says, source } = restart;
  return { property, effect: 'restarts', why, interruption: says, source };
}
