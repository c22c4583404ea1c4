import { isDeepStrictEqual } from 'node:util';
import { parseCidr } from '../../../facts/cidr';
import { keyOf } from '../../../template/references';
import type { TemplateResource, Templates } from '../../../template/template';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const SUBNET_CONFLICTS: Check = {
  rules: [
    {
      id: 'subnet-conflict',
      severity: 'refused',
      summary: 'A new subnet overlaps one that is deleted only afterwards.',
      why: 'CloudFormation creates before it deletes, and the VPC refuses overlapping ranges.',
      source: 'https://github.com/aws/aws-cdk/issues/6683',
    },
  ],
  find: ({ before, after, changes }) => subnetConflicts(before, after, changes),
};

interface Range {
  readonly stack: string;
  readonly id: string;
  readonly vpc: unknown;
  readonly ipv4: unknown;
  readonly ipv6: unknown;
}

/**
 * Subnets that AWS would refuse to make. CloudFormation makes new subnets before it deletes old ones, so a new range
 * must be free of every old one in its network, of its own old one too.
 *
 * Source: https://github.com/aws/aws-cdk/issues/6683
 */
export function subnetConflicts(
  before: Templates,
  after: Templates,
  changes: ReadonlyMap<string, ResourceChange>,
): Finding[] {
  const old = rangesIn(before);
  const made = rangesIn(after).filter((range) =>
    ['adds', 'replaces'].includes(changes.get(keyOf(range))?.change ?? ''),
  );
  return made.flatMap((range) => {
    // In a network that is new itself, nothing is taken yet.
    if (isNewNetwork(range, changes)) return [];
    const taken = old.find((other) => isDeepStrictEqual(other.vpc, range.vpc) && overlap(range, other));
    if (taken === undefined) return [];
    const whose = taken.id === range.id ? 'its own old range' : `the range of ${taken.id}`;
    return [
      {
        severity: 'refused' as const,
        rule: 'subnet-conflict',
        stack: range.stack,
        id: range.id,
        message: `AWS refuses it: ${text(range)} lies in ${whose}, which is freed only afterwards`,
        remedy: 'keep zones and masks as they are; every later phase fits into them',
        source: 'https://github.com/aws/aws-cdk/issues/6683',
      },
    ];
  });
}

function rangesIn(templates: Templates): Range[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === 'AWS::EC2::Subnet')
      .map(([id, { Properties = {} }]: [string, TemplateResource]) => ({
        stack,
        id,
        vpc: Properties['VpcId'],
        ipv4: Properties['CidrBlock'],
        ipv6: Properties['Ipv6CidrBlock'],
      })),
  );
}

function isNewNetwork({ stack, vpc }: Range, changes: ReadonlyMap<string, ResourceChange>): boolean {
  const id = (vpc as { Ref?: unknown } | undefined)?.Ref;
  const change = typeof id === 'string' ? changes.get(keyOf({ stack, id }))?.change : undefined;
  return change === 'adds' || change === 'replaces';
}

function overlap(one: Range, other: Range): boolean {
  if (one.ipv6 !== undefined && isDeepStrictEqual(one.ipv6, other.ipv6)) return true;
  const [a, b] = [one.ipv4, other.ipv4].map((range) => (typeof range === 'string' ? parseCidr(range) : undefined));
  if (a === undefined || b === undefined) return one.ipv4 !== undefined && isDeepStrictEqual(one.ipv4, other.ipv4);
  const size = 2 ** (32 - Math.min(a.prefix, b.prefix));
  return Math.floor(a.address / size) === Math.floor(b.address / size);
}

function text({ ipv4, ipv6 }: Range): string {
  return typeof ipv4 === 'string' ? ipv4 : JSON.stringify(ipv4 ?? ipv6);
}
