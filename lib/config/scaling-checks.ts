import type { Check } from './check';
import type { Settings } from './schema';
import { survivingZoneLoss } from './zone-loss';

/** The phase from which fleets follow their load. */
const AUTOMATED = 4;

const BECAUSE = 'half as many again, so that as many are left when one of three zones is lost';

const roomForZoneLoss = (fleet: 'app' | 'web'): Check => ({
  keys: [`${fleet}.maxNodes`, `${fleet}.minNodes`, 'phase'],
  violated: (settings) => {
    const { minNodes, maxNodes } = settings[fleet];
    const raised = survivingZoneLoss(minNodes);
    if (settings.phase < AUTOMATED || (fleet === 'web' && !settings.web.enabled) || maxNodes >= raised)
      return undefined;
    return `at least ${raised}: from phase ${AUTOMATED} on, ${fleet}.minNodes, which is ${minNodes}, counts ${BECAUSE}`;
  },
});

/** The rule that the first scheduled size to break it names. */
const eachSize = (
  complaint: (size: Settings['scaling']['schedule'][number], settings: Settings) => string | undefined,
): Check => ({
  keys: ['scaling.schedule', 'app.minNodes', 'app.maxNodes'],
  violated: (settings) =>
    settings.scaling.schedule
      .map((size) => {
        const allowed = complaint(size, settings);
        return allowed === undefined ? undefined : `in the size named ${size.name}, ${allowed}`;
      })
      .find((allowed) => allowed !== undefined),
});

/** What must hold between the keys of `scaling` and the fleets that it scales. */
export const SCALING_CHECKS: readonly Check[] = [
  roomForZoneLoss('app'),
  roomForZoneLoss('web'),
  {
    keys: ['scaling.schedule'],
    violated: ({ scaling }) => {
      const names = scaling.schedule.map(({ name }) => name);
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      return twice === undefined ? undefined : `a name for each size; ${twice} names two`;
    },
  },
  eachSize(({ minNodes }, { app }) =>
    minNodes < app.minNodes ? `minNodes of at least app.minNodes, which is ${app.minNodes}` : undefined,
  ),
  eachSize(({ maxNodes }, { app }) =>
    maxNodes !== undefined && maxNodes > app.maxNodes
      ? `maxNodes of at most app.maxNodes, which is ${app.maxNodes}`
      : undefined,
  ),
  eachSize(({ minNodes, maxNodes }, { app }) => {
    const raised = survivingZoneLoss(minNodes);
    const most = maxNodes ?? app.maxNodes;
    return raised > most
      ? `room for ${raised} nodes below its maximum of ${most}: minNodes counts ${BECAUSE}`
      : undefined;
  }),
];
