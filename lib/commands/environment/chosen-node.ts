import { type FleetNode, fleetNodes, isInService } from './fleet-nodes';
import { OperatorError } from './operator-error';
import { notConnected, type RunCommand } from './run-command';

/**
 * Node of an environment that a console or an expression goes to.
 *
 * @param wanted Its id; left out, the first in service: the box, or one of the fleet that users come to.
 * @throws OperatorError when there is none, or its agent does not answer.
 */
export async function chosenNode(
  environment: string,
  region: string,
  commands: RunCommand,
  wanted?: string,
): Promise<FleetNode> {
  const nodes = await fleetNodes(environment, region);
  const node = wanted === undefined ? nodes.find(isInService) : nodes.find(({ id }) => id === wanted);
  if (node === undefined) {
    const known = nodes.map(({ id, role, lifecycle }) => `${id} (${role}, ${lifecycle})`).join(', ');
    const there = known === '' ? `${environment} has no node that runs releases` : `there are ${known}`;
    throw new OperatorError(
      wanted === undefined
        ? `no node of ${environment} is in service: ${there}; look with \`beamstalk status --env ${environment}\``
        : `${environment} has no node ${wanted} that runs releases: ${there}`,
    );
  }
  const ping = (await commands.pings([node.id])).get(node.id);
  if (ping !== 'Online') throw new OperatorError(notConnected(node.id, ping));
  return node;
}
