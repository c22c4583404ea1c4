import { allRules, networkRules, ruleKey } from '../../../template/network-rules';
import { publicSubnets } from '../../../template/public-subnets';
import { keyOf, placeOf } from '../../../template/references';
import { rendered } from '../../../template/render-value';
import { holds, isReplica } from '../../../template/stateful';
import type { Templates } from '../../../template/template';
import { legible, protocol } from '../../../template/text';
import { beyond } from '../../../template/values';
import type { Finding } from '../../finding';
import { frontDoors, GROUP_PROPERTIES, isFrontDoor } from './front-doors';
import { isWorldWide } from './internet-ranges';

/** Ways into the network that no phase and no setting opens. */
export function networkExposures(before: Templates, after: Templates): Finding[] {
  return [...openGroups(before, after), ...strangeGroups(before, after), ...openedSubnets(before, after)];
}

function openGroups(before: Templates, after: Templates): Finding[] {
  const [rules, doors] = [allRules(after), frontDoors(after)];
  const findings = Object.keys(after).flatMap((stack) =>
    beyond(networkRules(stack, after), networkRules(stack, before), ruleKey).flatMap((rule): Finding[] => {
      const { way, group, peer } = rule;
      if (way === 'out') return [];
      const finding = { severity: 'refused', rule: 'open-to-world', stack, remedy: 'name the source' } as const;
      const which = `${legible(group)}, ${protocol(rule)}`;
      // A rule that names nobody lets nobody in.
      if (peer.text === '') return [];
      if (peer.kind === 'addresses' && !peer.known) {
        const message = `open to addresses that only CloudFormation knows (${legible(peer.text)}): ${which}`;
        return [{ ...finding, message }];
      }
      if (!isWorldWide(rule, rules) || isFrontDoor(rule, doors)) return [];
      return [{ ...finding, message: `open to the internet: ${which}` }];
    }),
  );
  // The internet in pieces is one thing to say.
  return [...new Map(findings.map((one) => [`${one.stack} ${one.message}`, one])).values()];
}

/** Data stores behind a security group that is not in the templates: nothing says whom it lets in. */
function strangeGroups(before: Templates, after: Templates): Finding[] {
  return Object.entries(after).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, resource]) => {
      if (holds(resource) === undefined && !isReplica(resource)) return [];
      const was = before[stack]?.Resources[id];
      const strange = GROUP_PROPERTIES.flatMap((name) => {
        const [now, old] = [resource, was].map((one) => [one?.Properties?.[name] ?? []].flat() as readonly unknown[]);
        return beyond(now ?? [], old ?? [], rendered).filter((group) => placeOf(group, stack, after) === undefined);
      });
      return strange.map((group) => ({
        severity: 'refused' as const,
        rule: 'unknown-security-group',
        stack,
        id,
        message: `behind the security group ${rendered(group)}, of which the templates do not say whom it lets in`,
        remedy: 'use a security group of these stacks, to which each fleet adds its own rule',
      }));
    }),
  );
}

/** Subnets that were private, or say of themselves that they are, and now have a way to the internet gateway. */
function openedSubnets(before: Templates, after: Templates): Finding[] {
  const known = publicSubnets(before);
  return [...publicSubnets(after).values()]
    .filter((place) => !known.has(keyOf(place)))
    .filter(({ stack, id }) => {
      const tags = after[stack]?.Resources[id]?.Properties?.['Tags'];
      // A new one is what its route makes of it, unless it says of itself that it is private.
      const says = /"aws-cdk:subnet-type","Value":"(\w+)"/.exec(JSON.stringify(tags ?? []))?.[1];
      return before[stack]?.Resources[id] !== undefined || (says !== undefined && says !== 'Public');
    })
    .map(({ stack, id }) => ({
      severity: 'refused',
      rule: 'open-to-world',
      stack,
      id,
      message: 'a private subnet with a route to the internet gateway: what is in it can be reached from outside',
      remedy:
        'route outbound traffic through NAT and the egress-only internet gateway, and place what users reach in public subnets',
      source: 'https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html',
    }));
}
