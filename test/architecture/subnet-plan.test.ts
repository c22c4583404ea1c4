import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { subnetPlan, VPC_PREFIX } from '../../lib/config/subnet-plan';
import { EnvironmentNetwork } from '../../lib/constructs/network/environment-network';
import { type Cidr, parseCidr } from '../../lib/facts/cidr';
import { cdkContext } from '../cdk-context';

const PREFIXES = Array.from(
  { length: VPC_PREFIX.smallest - VPC_PREFIX.largest + 1 },
  (_, index) => VPC_PREFIX.largest + index,
);

/** What the CDK makes of the plan: name of the group and number -> range. */
function allocated(vpc: Cidr, cidr: string): Map<string, Cidr> {
  const stack = new (class extends Stack {
    override get availabilityZones(): string[] {
      return ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
    }
  })(new App({ context: cdkContext(), analyticsReporting: false }), 'stack');
  new EnvironmentNetwork(stack, 'Network', {
    environment: 'test',
    plan: { cidr, subnets: subnetPlan(vpc), egress: { kind: 'none' }, interfaceEndpoints: [], flowLogDays: 1 },
  });
  const subnets = Template.fromStack(stack).findResources('AWS::EC2::Subnet');
  return new Map(
    Object.entries(subnets).map(([id, { Properties }]) => [
      id.replace(/^NetworkVpc(\w+)Subnet(\d)Subnet.*$/, '$1 $2'),
      parsed(Properties['CidrBlock'] as string),
    ]),
  );
}

function parsed(cidr: string): Cidr {
  const result = parseCidr(cidr);
  if (result === undefined) throw new Error(`${cidr} is no CIDR`);
  return result;
}

const size = ({ prefix }: Cidr): number => 2 ** (32 - prefix);

describe.each(PREFIXES)('a VPC of /%i', (prefix) => {
  const cidr = `10.64.0.0/${prefix}`;
  const vpc = parsed(cidr);
  const subnets = allocated(vpc, cidr);

  test('holds three subnets in each of the three groups', () => {
    expect([...subnets.keys()].sort()).toEqual(
      ['app', 'data', 'public'].flatMap((group) => [1, 2, 3].map((n) => `${group} ${n}`)),
    );
  });

  test('holds them within itself and apart from each other', () => {
    const sorted = [...subnets.values()].sort((a, b) => a.address - b.address);
    let end = vpc.address;
    for (const subnet of sorted) {
      expect(subnet.address).toBeGreaterThanOrEqual(end);
      end = subnet.address + size(subnet);
    }
    expect(end).toBeLessThanOrEqual(vpc.address + size(vpc));
  });

  test('gives every group its mask, none too small for a load balancer', () => {
    const { publicMask, appMask, dataMask } = subnetPlan(vpc);
    for (const [name, subnet] of subnets) {
      const mask = { public: publicMask, app: appMask, data: dataMask }[name.split(' ')[0] as 'public'];
      expect(subnet.prefix).toBe(mask);
      expect(subnet.prefix).toBeLessThanOrEqual(27);
    }
  });

  test('keeps more than half of itself free', () => {
    const used = [...subnets.values()].reduce((sum, subnet) => sum + size(subnet), 0);
    expect(used).toBeLessThan(size(vpc) / 2);
  });
});

describe('parsing a CIDR', () => {
  test.each([
    ['10.0.0.0/8', { address: 10 * 2 ** 24, prefix: 8 }],
    ['192.168.1.128/25', { address: 0xc0_a8_01_80, prefix: 25 }],
    ['255.255.255.255/32', { address: 2 ** 32 - 1, prefix: 32 }],
    ['0.0.0.0/0', { address: 0, prefix: 0 }],
  ])('%s', (text, expected) => {
    expect(parseCidr(text)).toEqual(expected);
  });

  test.each(['10.0.0.0', '10.0.0/8', '10.0.0.0/33', '10.0.0.256/32', '10.0.0.1/31', '::/0', ' 10.0.0.0/8', ''])(
    '%j is none',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );
});
