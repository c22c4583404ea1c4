import { instanceType } from '../facts/instance-type';
import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import type { Check } from './check';
import { LEAST_OF_A_FAMILY } from './node-families';

const BECAUSE = 'one node may always be replaced, or lost';

/** From the phase with scaling on, one node counts as two: half as many again, rounded up. */
const twoNodes = (fleet: 'app' | 'web'): Check => ({
  keys: [`${fleet}.minNodes`, 'web.enabled', 'phase'],
  violated: (settings) => {
    const { phase } = settings;
    const fixed = phase >= FIRST_PHASE_OF.loadBalancer && phase < FIRST_PHASE_OF.automation;
    if (!fixed || (fleet === 'web' && !settings.web.enabled)) return undefined;
    return settings[fleet].minNodes >= LEAST_OF_A_FAMILY
      ? undefined
      : `at least ${LEAST_OF_A_FAMILY} from phase ${FIRST_PHASE_OF.loadBalancer} on: ${BECAUSE}`;
  },
});

/** Checks of the node families: at least two nodes of each from the phase with a load balancer on, of types that fit their place. */
export const FAMILY_CHECKS: readonly Check[] = [
  twoNodes('app'),
  twoNodes('web'),
  {
    keys: ['app.placement', 'app.instanceType', 'phase'],
    violated: ({ app, phase }) => {
      const { name, family, clusterPlacement } = instanceType(app.instanceType);
      return phase < FIRST_PHASE_OF.loadBalancer || app.placement !== 'cluster' || clusterPlacement
        ? undefined
        : `zones, because app.instanceType is ${name}, and EC2 places no ${family} in a cluster placement group`;
    },
  },
  {
    keys: ['workers.maxNodes', 'queues', 'phase'],
    // Nobody waits for workers: there may be one or none while there is little to do.
    violated: ({ phase, queues, workers }) =>
      phase < FIRST_PHASE_OF.queues ||
      workers.maxNodes >= LEAST_OF_A_FAMILY ||
      !Object.values(queues).some(({ worker }) => worker === 'fleet')
        ? undefined
        : `at least ${LEAST_OF_A_FAMILY}: ${BECAUSE}, and jobs do not wait for it`,
  },
];
