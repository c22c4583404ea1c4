import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import type { Check } from './check';
import type { Settings } from './schema';
import { survivingZoneLoss } from './zone-loss';

const BECAUSE = 'half as many again, so that as many are left when one of three zones is lost';

/** In one zone the same reserve is for what else may be away: a lost node may find no room beside the others. */
const BECAUSE_IN_ONE_ZONE =
  'half as many again, so that as many are left while a lost one finds no room in its placement group';

function because(fleet: 'app' | 'web', { app }: Settings): string {
  return fleet === 'app' && app.placement === 'cluster' ? BECAUSE_IN_ONE_ZONE : BECAUSE;
}

const roomForZoneLoss = (fleet: 'app' | 'web'): Check => ({
  keys: [`${fleet}.maxNodes`, `${fleet}.minNodes`, 'web.enabled', 'app.placement', 'phase'],
  violated: (settings) => {
    const { minNodes, maxNodes } = settings[fleet];
    const raised = survivingZoneLoss(minNodes);
    if (settings.phase < FIRST_PHASE_OF.automation || (fleet === 'web' && !settings.web.enabled) || maxNodes >= raised)
      return undefined;
    return `at least ${raised}: from phase ${FIRST_PHASE_OF.automation} on, ${fleet}.minNodes, which is ${minNodes}, counts ${because(fleet, settings)}`;
  },
});

type Size = Settings['scaling']['schedule'][number];

/** The rule that the first scheduled size to break it names, by its number in the list and its name. */
const eachSize = (
  field: 'name' | 'minNodes' | 'maxNodes',
  complaint: (size: Size, settings: Settings, index: number) => string | undefined,
): Check => ({
  keys: ['scaling.schedule', 'app.minNodes', 'app.maxNodes', 'app.placement'],
  violated: (settings) => {
    for (const [index, size] of settings.scaling.schedule.entries()) {
      const allowed = complaint(size, settings, index);
      if (allowed !== undefined) {
        return { key: `scaling.schedule.${index}.${field}`, allowed: `in the size named ${size.name}, ${allowed}` };
      }
    }
    return undefined;
  },
});

/** Checks between the keys of `scaling` and the fleets that it scales. */
export const SCALING_CHECKS: readonly Check[] = [
  roomForZoneLoss('app'),
  roomForZoneLoss('web'),
  eachSize('name', ({ name }, { scaling }, index) => {
    const first = scaling.schedule.findIndex((size) => size.name === name);
    return first === index ? undefined : `a name of its own, because scaling.schedule.${first} has that one`;
  }),
  eachSize('minNodes', ({ minNodes }, { app }) =>
    minNodes < app.minNodes ? `at least app.minNodes, which is ${app.minNodes}` : undefined,
  ),
  eachSize('maxNodes', ({ maxNodes }, { app }) =>
    maxNodes !== undefined && maxNodes > app.maxNodes ? `at most app.maxNodes, which is ${app.maxNodes}` : undefined,
  ),
  eachSize('minNodes', ({ minNodes, maxNodes }, settings) => {
    const raised = survivingZoneLoss(minNodes);
    const most = maxNodes ?? settings.app.maxNodes;
    return raised > most
      ? `room for ${raised} nodes below its maximum of ${most}: minNodes counts ${because('app', settings)}`
      : undefined;
  }),
];
