import { type Place, placeOf } from './references';
import { rendered } from './render-value';
import type { Templates } from './template';
import { isTree, type Tree } from './values';

/** One rule of a security group, written inside the group or as a resource of its own. */
export interface NetworkRule {
  readonly stack: string;
  readonly way: 'in' | 'out';
  /** The group as it is written, and the resource behind it when it is one of ours. */
  readonly group: string;
  readonly groupPlace?: Place;
  readonly protocol: string;
  readonly from?: string;
  readonly to?: string;
  readonly peer: Peer;
}

export type Peer =
  | { readonly kind: 'group' | 'prefix-list'; readonly text: string }
  /** Addresses; `known` when they are written down, and not left to be filled in. */
  | { readonly kind: 'addresses'; readonly text: string; readonly known: boolean };

/** All rules of all security groups of an environment. */
export function allRules(templates: Templates): NetworkRule[] {
  return Object.keys(templates).flatMap((stack) => networkRules(stack, templates));
}

/** All rules of all security groups of one stack. */
export function networkRules(stack: string, templates: Templates): NetworkRule[] {
  return Object.entries(templates[stack]?.Resources ?? {}).flatMap(([id, { Type, Properties = {} }]) => {
    switch (Type) {
      case 'AWS::EC2::SecurityGroup': {
        const own = { 'Fn::GetAtt': [id, 'GroupId'] };
        return [
          ...listOf(Properties['SecurityGroupIngress']).map((rule) => read(stack, 'in', own, rule, templates)),
          ...listOf(Properties['SecurityGroupEgress']).map((rule) => read(stack, 'out', own, rule, templates)),
        ].filter(isRule);
      }
      case 'AWS::EC2::SecurityGroupIngress':
        return [read(stack, 'in', Properties['GroupId'] ?? Properties['GroupName'], Properties, templates)];
      case 'AWS::EC2::SecurityGroupEgress':
        return [read(stack, 'out', Properties['GroupId'], Properties, templates)];
      default:
        return [];
    }
  });
}

/** Stands for a protocol that a template does not say. */
export const UNKNOWN = '?';

/** A rule by all that it says but its description. */
export function ruleKey({ way, group, protocol, from, to, peer }: NetworkRule): string {
  return JSON.stringify([way, group, protocol, from, to, peer]);
}

function read(stack: string, way: 'in' | 'out', group: unknown, rule: Tree, templates: Templates): NetworkRule {
  const { IpProtocol, FromPort, ToPort } = rule;
  const groupPlace = placeOf(group, stack, templates);
  // The whole rule is filled in by CloudFormation.
  if (IpProtocol === undefined && Object.keys(rule).some((name) => name === 'Ref' || name.startsWith('Fn::'))) {
    const peer = { kind: 'addresses', text: rendered(rule), known: false } as const;
    return { stack, way, group: rendered(group), ...(groupPlace && { groupPlace }), protocol: UNKNOWN, peer };
  }
  return {
    stack,
    way,
    // AWS wants one; a template that leaves it out, or to a parameter that is empty, is not taken for one of no words.
    group: rendered(group) || 'a group that is not named',
    ...(groupPlace && { groupPlace }),
    protocol: IpProtocol === undefined ? UNKNOWN : rendered(IpProtocol),
    ...(FromPort !== undefined && { from: rendered(FromPort) }),
    ...(ToPort !== undefined && { to: rendered(ToPort) }),
    peer: peerOf(rule, stack, templates),
  };
}

function peerOf(rule: Tree, stack: string, templates: Templates): Peer {
  const group = rule['SourceSecurityGroupId'] ?? rule['DestinationSecurityGroupId'] ?? rule['SourceSecurityGroupName'];
  if (group !== undefined) return { kind: 'group', text: rendered(group) };
  const list = rule['SourcePrefixListId'] ?? rule['DestinationPrefixListId'];
  if (list !== undefined) return { kind: 'prefix-list', text: rendered(list) };
  const range = rule['CidrIp'] ?? rule['CidrIpv6'];
  const text = rendered(range);
  return { kind: 'addresses', text, known: typeof range === 'string' || isOwnNetwork(range, stack, templates) };
}

/** Recognises a range that refers to a network in the templates, whatever its addresses. */
function isOwnNetwork(range: unknown, stack: string, templates: Templates): boolean {
  const place = placeOf(range, stack, templates);
  const type = place && templates[place.stack]?.Resources[place.id]?.Type;
  return type !== undefined && /^AWS::EC2::(VPC|Subnet|EIP|VPCCidrBlock)$/.test(type);
}

/** CDK writes a rule that allows nothing where a group shall have none. */
function isRule({ peer }: NetworkRule): boolean {
  return !(peer.kind === 'addresses' && peer.text === '255.255.255.255/32');
}

function listOf(value: unknown): readonly Tree[] {
  return (Array.isArray(value) ? value : [value]).filter(isTree);
}
