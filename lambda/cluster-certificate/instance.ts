import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { Later, laterOf } from './later';
import { Refused } from './refused';

/** Tag by which a node belongs to a fleet (lib/constructs/compute/node-fleet.ts). */
const FLEET_TAG = 'beamstalk:fleet';

const ADDRESS = /^(\d{1,3}\.){3}\d{1,3}$/;

/**
 * The private address of a node of one of the fleets.
 *
 * @throws Error in one line, `Refused` when the instance is none of theirs, or is about to go; `Later` when EC2 does not know yet.
 */
export async function addressOf(
  instance: string,
  fleets: readonly string[],
  abortSignal: AbortSignal,
): Promise<string> {
  const { Reservations = [] } = await new EC2Client({})
    .send(new DescribeInstancesCommand({ InstanceIds: [instance] }), { abortSignal })
    .catch((error: unknown) => {
      throw laterOf(error);
    });
  const [found] = Reservations.flatMap(({ Instances = [] }) => Instances);
  const fleet = found?.Tags?.find(({ Key }) => Key === FLEET_TAG)?.Value;
  if (fleet === undefined || !fleets.includes(fleet)) {
    // Tags may be known a moment later than their instance.
    const Kind = fleet === undefined ? Later : Refused;
    throw new Kind(
      `${instance} is of ${fleet === undefined ? 'no fleet' : `the fleet ${fleet}`}; expected ${fleets.join(' or ')}`,
    );
  }
  const state = found?.State?.Name ?? 'unknown';
  if (state !== 'pending' && state !== 'running') throw new Refused(`${instance} is ${state}`);
  const address = found?.PrivateIpAddress ?? '';
  if (!ADDRESS.test(address)) throw new Later(`${instance} has no private address`);
  return address;
}
