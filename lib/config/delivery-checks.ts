import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import type { Check } from './check';
import type { Settings } from './schema';

const neededForGit = (key: 'connectionArn' | 'repository', what: string): Check => ({
  keys: [`delivery.${key}`, 'delivery.source'],
  violated: ({ delivery }) =>
    delivery.source === 'git' && delivery[key] === undefined ? `${what}, because delivery.source is git` : undefined,
});

/** Deployments into running nodes need CodeDeploy's agent, which asks for work at an address of the internet. */
const usesAgent = ({ delivery, phase }: Settings): boolean =>
  phase >= FIRST_PHASE_OF.automation && delivery.mode !== 'blue-green';

/** Checks between the keys of `delivery` and the nodes that it reaches. */
export const DELIVERY_CHECKS: readonly Check[] = [
  neededForGit('connectionArn', 'the ARN of a connection of CodeConnections'),
  neededForGit('repository', 'owner/name of the repository behind the connection'),
  {
    keys: ['delivery.mode', 'node.image', 'phase'],
    violated: (settings) =>
      usesAgent(settings) && settings.node.image === 'debian-13'
        ? 'blue-green, because node.image is debian-13, for which AWS makes no CodeDeploy agent'
        : undefined,
  },
  {
    keys: ['delivery.mode', 'network.egress', 'phase'],
    violated: (settings) =>
      usesAgent(settings) && settings.network.egress === 'none'
        ? 'blue-green, because network.egress is none and the CodeDeploy agent has no way out'
        : undefined,
  },
];
