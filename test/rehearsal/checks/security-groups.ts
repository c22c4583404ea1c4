import { type IpPermission, paginateDescribeSecurityGroups, type SecurityGroup } from '@aws-sdk/client-ec2';
import type { Clients } from '../clients';
import { type Check, type Observation, resourcesOf } from '../observation';

const WORLD = ['0.0.0.0/0', '::/0'];

/** Who may reach what: users two ports, nobody port 22 unless listed, fleets alone the database and the cache. */
export const checkSecurityGroups: Check = async (seen, evidence, aws) => {
  const { architecture } = seen;
  const groups = await groupsOf(seen, aws(architecture.region));
  const part = (name: string): readonly SecurityGroup[] =>
    groups.filter(({ GroupId }) =>
      resourcesOf(seen, 'AWS::EC2::SecurityGroup', name).some(({ physicalId }) => physicalId === GroupId),
    );

  const listed = [...(architecture.box?.sshFrom ?? [])].sort();
  const ssh = groups.flatMap(({ IpPermissions = [] }) =>
    IpPermissions.filter((rule) => covers(rule, 22)).flatMap(sources),
  );
  const fromOutside = ssh.filter((source) => source !== architecture.network.cidr && !source.startsWith('sg-'));
  evidence.equal('addresses that may reach port 22', [...new Set(fromOutside)].sort(), listed);

  const sockets = architecture.ingress?.kind === 'sockets';
  const front = part('BoxFleet').concat(sockets ? part('PublicSockets') : []);
  for (const group of groups) {
    const open = (group.IpPermissions ?? []).filter((rule) => sources(rule).some((source) => WORLD.includes(source)));
    const ports = [...new Set(open.map(({ FromPort, ToPort }) => `${FromPort}-${ToPort}`))].sort();
    const expected = front.includes(group) ? ['443-443', '80-80'] : [];
    evidence.equal(`ports of ${group.GroupName} open to the world`, ports, expected);
  }

  const inStack = (name: string): readonly string[] =>
    resourcesOf(seen, 'AWS::EC2::SecurityGroup')
      .filter(({ stack }) => stack === `${architecture.environment}-${name}`)
      .map(({ physicalId }) => physicalId);
  const nodes = [...ids(part('BoxFleet').concat(part('TiersAppSecurityGroup'))), ...inStack('workers')];
  for (const [name, port, users] of [
    // The function that makes roles and rotates passwords; while a climb expands, the mover, and the databases by function
    // replicate from the single one.
    [
      'DatabaseSecurityGroup',
      5432,
      [
        ...[...nodes, ...ids(part('MoverNodesSecurityGroup')), ...inStack('logins')],
        ...(architecture.database ? inStack('federation') : []),
      ],
    ],
    ['CacheSecurityGroup', 6379, nodes],
  ] as const) {
    for (const { IpPermissions = [] } of part(name)) {
      evidence.equal(
        `${name}: ports`,
        [...new Set(IpPermissions.map(({ FromPort, ToPort }) => `${FromPort}-${ToPort}`))],
        [`${port}-${port}`],
      );
      evidence.equal(`${name}: who may come`, [...new Set(IpPermissions.flatMap(sources))].sort(), [...users].sort());
    }
  }

  for (const { logicalId, definition } of resourcesOf(seen, 'AWS::EC2::SecurityGroup')) {
    if (definition.Properties?.['SecurityGroupEgress'] !== undefined) continue;
    for (const { IpPermissionsEgress = [] } of part(logicalId)) {
      const everywhere = IpPermissionsEgress.some(
        (rule) => rule.IpProtocol === '-1' && sources(rule).includes('0.0.0.0/0'),
      );
      evidence.equal(`${logicalId}: may send anywhere`, everywhere, false, 'default egress');
    }
  }
};

async function groupsOf(seen: Observation, { ec2 }: Clients): Promise<SecurityGroup[]> {
  const [vpc] = resourcesOf(seen, 'AWS::EC2::VPC');
  const Filters = [{ Name: 'vpc-id', Values: [vpc?.physicalId ?? ''] }];
  const groups: SecurityGroup[] = [];
  for await (const page of paginateDescribeSecurityGroups({ client: ec2 }, { Filters })) {
    groups.push(...(page.SecurityGroups ?? []));
  }
  return groups.filter(({ GroupName }) => GroupName !== 'default');
}

function covers({ IpProtocol, FromPort = 0, ToPort = 65535 }: IpPermission, port: number): boolean {
  return IpProtocol === '-1' || (IpProtocol === 'tcp' && FromPort <= port && ToPort >= port);
}

function sources({ IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [] }: IpPermission): string[] {
  const all = [
    ...IpRanges.map(({ CidrIp }) => CidrIp),
    ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
    ...UserIdGroupPairs.map(({ GroupId }) => GroupId),
  ];
  return all.filter((source) => source !== undefined);
}

function ids(groups: readonly SecurityGroup[]): string[] {
  return groups.map(({ GroupId = '' }) => GroupId).sort();
}
