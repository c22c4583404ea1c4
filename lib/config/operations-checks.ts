import { partitionOf } from '../facts/partition';
import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import { REGIONS } from '../facts/regions';
import type { Check } from './check';
import { didYouMean } from './nearest';

/** Checks between the keys of `alerts` and `operations` and the things that they watch and keep. */
export const OPERATIONS_CHECKS: readonly Check[] = [
  {
    keys: ['alerts.slackChannelId', 'alerts.slackWorkspaceId'],
    violated: ({ alerts }) =>
      alerts.slackWorkspaceId !== undefined && alerts.slackChannelId === undefined
        ? 'the id of the channel, because alerts.slackWorkspaceId is set'
        : undefined,
  },
  {
    keys: ['alerts.slackWorkspaceId', 'alerts.slackChannelId'],
    violated: ({ alerts }) =>
      alerts.slackChannelId !== undefined && alerts.slackWorkspaceId === undefined
        ? 'the id of the workspace, because alerts.slackChannelId is set'
        : undefined,
  },
  {
    keys: ['operations.organizationId', 'operations.trail'],
    violated: ({ operations }) =>
      operations.trail === 'organization' && operations.organizationId === undefined
        ? 'the id of the organization, because operations.trail is organization'
        : undefined,
  },
  {
    keys: ['operations.copyRegion', 'region'],
    violated: ({ operations: { copyRegion }, region }) => {
      if (copyRegion === undefined) return undefined;
      if (copyRegion === region) return `a region other than region, which is ${region}`;
      if (partitionOf(copyRegion) !== partitionOf(region)) {
        return `a region of the partition ${partitionOf(region)}, which holds region ${region}; ${copyRegion} is of ${partitionOf(copyRegion)}`;
      }
      return REGIONS.includes(copyRegion) ? undefined : `a region of AWS${didYouMean(copyRegion, REGIONS)}`;
    },
  },
  {
    keys: ['operations.goldenImages', 'node.image', 'phase'],
    violated: ({ operations, node, phase }) =>
      phase >= FIRST_PHASE_OF.automation && operations.goldenImages !== 'none' && node.image !== 'amazon-linux-2023'
        ? `none, because node.image is ${node.image}, which has no Systems Manager agent for Image Builder`
        : undefined,
  },
  {
    keys: ['operations.goldenImages', 'network.egress', 'phase'],
    violated: ({ operations, network, phase }) =>
      phase >= FIRST_PHASE_OF.automation && operations.goldenImages !== 'none' && network.egress === 'none'
        ? 'none, because network.egress is none and what bakes an image has no way out'
        : undefined,
  },
  {
    keys: ['operations.playbook', 'network.egress', 'phase'],
    violated: ({ operations, network, phase }) =>
      phase >= FIRST_PHASE_OF.automation && operations.playbook !== 'none' && network.egress === 'none'
        ? 'none, because network.egress is none and nodes cannot install Ansible'
        : undefined,
  },
];
