import type { Configuration } from '../../config/configuration';
import type { Architecture, Phase, RetirablePart, TransientPart } from '../architecture';
import { withPrivateWays } from '../private-ways';
import { singleServer } from './0-single-server';
import { decoupled, phase1 } from './1-decoupled';
import { horizontal, phase2 } from './2-horizontal';
import { phase3, readHeavy } from './3-read-heavy';
import { automated, phase4 } from './4-automated';
import { asynchronous, phase5 } from './5-asynchronous';
import { extremeData, phase6 } from './6-extreme-data';
import { PHASES } from './list';

export { PHASES };

type Step = (below: Architecture, configuration: Configuration) => Architecture;

/** The phases above the first, each with the step that takes the architecture of the phase below to its own. */
const STEPS: readonly (readonly [Phase, Step])[] = [
  [phase1, decoupled],
  [phase2, horizontal],
  [phase3, readHeavy],
  [phase4, automated],
  [phase5, asynchronous],
  [phase6, extremeData],
];

/** Says what a configuration's phase builds: with `from`, a climb's old parts beside the new, otherwise the new alone. */
export function architectureOf(configuration: Configuration): Architecture {
  const { phase, from = phase } = configuration;
  const parts = STEPS.slice(0, phase).reduce(
    (below, [{ number, retires, whileExpanding = [] }, step]) =>
      without(step(below, configuration), number > from ? [] : [...retires, ...whileExpanding]),
    singleServer(configuration),
  );
  return withPrivateWays(parts);
}

function without(architecture: Architecture, parts: readonly (RetirablePart | TransientPart)[]): Architecture {
  const kept = Object.entries(architecture).filter(([name]) => !parts.some((part) => part === name));
  // Such parts are optional, so what is left is an architecture still.
  return Object.fromEntries(kept) as unknown as Architecture;
}
