import type { Hazard } from './hazard';
import type { Planted } from './planted';

const ingress = (group: string, properties: object) => (after: Planted) =>
  after.add('app', 'PlantedRule', {
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: { GroupId: { 'Fn::GetAtt': [after.idOf('app', group), 'GroupId'] }, IpProtocol: 'tcp', ...properties },
  });

/** Who may do what, the network, and references across stacks. */
export const ACCESS: readonly Hazard[] = [
  // Who may do what
  {
    name: 'role: open to the world',
    plant: (after) =>
      void after.find('app', 'TiersAppRole9').Properties['AssumeRolePolicyDocument'].Statement.push({
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'sts:AssumeRole',
      }),
    rule: 'open-to-world',
  },
  {
    name: 'role: may do everything',
    plant: (after) =>
      void after
        .find('app', 'TiersAppRoleDefaultPolicy')
        .Properties['PolicyDocument'].Statement.push({ Effect: 'Allow', Action: '*', Resource: '*' }),
    rule: 'broad-permission',
  },
  {
    name: 'role: administrator',
    plant: (after) =>
      void after
        .find('app', 'TiersAppRole9')
        .Properties['ManagedPolicyArns'].push('arn:aws:iam::aws:policy/AdministratorAccess'),
    rule: 'broad-permission',
  },
  {
    name: 'security group: SSH from everywhere',
    plant: ingress('TiersAppSecurityGroup7', { CidrIp: '0.0.0.0/0', FromPort: 22, ToPort: 22 }),
    rule: 'open-to-world',
  },
  {
    name: 'security group: everything from IPv6',
    plant: ingress('TiersAppSecurityGroup7', { CidrIpv6: '::/0', IpProtocol: '-1' }),
    rule: 'open-to-world',
  },
  {
    name: 'security group: half the internet',
    plant: ingress('TiersAppSecurityGroup7', { CidrIp: '128.0.0.0/1', FromPort: 4000, ToPort: 4000 }),
    rule: 'open-to-world',
  },
  {
    name: 'security group: database port written inline',
    plant: (after) =>
      after.set('data', 'DatabaseSecurityGroup', {
        SecurityGroupIngress: [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 }],
      }),
    rule: 'open-to-world',
  },
  {
    name: 'CDN: firewall taken away',
    plant: (after) => void delete after.find('edge', 'DeliveryDistribution4').Properties['DistributionConfig'].WebACLId,
    rule: 'guard-dropped',
  },
  {
    name: 'CDN: plain HTTP for users',
    plant: (after) => {
      after.find('edge', 'DeliveryDistribution4').Properties[
        'DistributionConfig'
      ].DefaultCacheBehavior.ViewerProtocolPolicy = 'allow-all';
    },
    rule: 'guard-dropped',
  },
  {
    name: 'nodes: IMDSv1',
    plant: (after) => {
      after.find('app', 'TiersAppLaunchTemplate3').Properties['LaunchTemplateData'].MetadataOptions.HttpTokens =
        'optional';
    },
    rule: 'guard-dropped',
  },

  // The network
  {
    name: 'subnet: mask changed',
    plant: (after) => after.set('network', 'NetworkVpcdataSubnet1Subnet', { CidrBlock: '10.2.64.0/23' }),
    rule: 'subnet-conflict',
  },
  {
    name: 'subnet: renumbered into another',
    plant: (after) => after.set('network', 'NetworkVpcdataSubnet1Subnet', { CidrBlock: '10.2.68.0/22' }),
    rule: 'subnet-conflict',
  },
  {
    name: 'subnet: new one in a taken range',
    plant: (after) =>
      after.add('network', 'Extra', {
        Type: 'AWS::EC2::Subnet',
        Properties: { ...after.find('network', 'NetworkVpcappSubnet1Subnet').Properties, CidrBlock: '10.2.20.0/24' },
      }),
    rule: 'subnet-conflict',
  },
  {
    name: 'subnet: another zone',
    plant: (after) => after.set('network', 'NetworkVpcdataSubnet1Subnet', { AvailabilityZone: 'us-east-1f' }),
    rule: 'stale-reference',
  },
  {
    name: 'network: another range',
    plant: (after) => after.set('network', 'NetworkVpc7', { CidrBlock: '10.9.0.0/16' }),
    rule: 'stale-reference',
  },

  // References across stacks
  {
    name: 'weak reference: security group of the database replaced',
    plant: (after) => after.set('data', 'DatabaseSecurityGroup', { GroupDescription: 'other' }),
    rule: 'stale-reference',
    change: ['DatabaseSecurityGroup', 'replaces'],
  },
  {
    name: 'weak reference: load balancer replaced under its id',
    plant: (after) => after.set('app', 'TiersWebEdgeHttpAlbF', { Scheme: 'internet-facing' }),
    rule: 'stale-reference',
  },
  {
    name: 'weak reference: its output gone',
    plant: (after) => {
      after.stack('data').Outputs = {};
    },
    rule: 'dangling-reference',
  },
  {
    name: 'strong reference: export gone while another stack imports it',
    plant: (after) => {
      after.remove('data', 'CacheSubnets');
      after.unset('data', 'CacheGroup', 'CacheSubnetGroupName');
      for (const part of ['data', 'app']) after.templates[`prod-${part}`] = { Resources: {} };
      after.stack('network').Outputs = {};
    },
    rule: 'export-in-use',
  },
  {
    name: 'CDN: its way into the network changed in use',
    plant: (after) => {
      after.find('edge', 'DeliveryWebEdgeHttp').Properties['VpcOriginEndpointConfig'].OriginProtocolPolicy =
        'https-only';
    },
    rule: 'rejected-by-aws',
  },
  {
    name: 'a name that is still taken',
    given: (both) => both.set('app', 'TiersWebSecurityGroup1', { GroupName: 'web' }),
    plant: (after) => after.set('app', 'TiersWebSecurityGroup1', { GroupDescription: 'other' }),
    rule: 'name-taken',
  },
];
