import type { Hazard } from './hazard';
import type { Planted } from './planted';

const ingress = (id: string, group: unknown, properties: object) => (after: Planted) =>
  after.add('app', id, {
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: { GroupId: group, IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...properties },
  });
const nodes = (both: Planted) => ({ 'Fn::GetAtt': [both.idOf('app', 'TiersAppSecurityGroup7'), 'GroupId'] });
const firewall = (after: Planted) => after.find('edge-global', 'FirewallWebAcl').Properties;

/** Ways into the network, and what stands in them. */
export const NETWORK: readonly Hazard[] = [
  {
    name: 'security group: the database on 443',
    plant: (after) =>
      after.set('data', 'DatabaseSecurityGroup', {
        SecurityGroupIngress: [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }],
      }),
    rule: 'open-to-world',
  },
  {
    name: 'security group: private nodes on 443',
    plant: (after) => ingress('Planted', nodes(after), { CidrIp: '0.0.0.0/0' })(after),
    rule: 'open-to-world',
  },
  {
    name: 'security group: addresses from a parameter',
    given: (both) => {
      both.stack('app').Parameters = { From: { Type: 'String' } };
    },
    plant: (after) => ingress('Planted', nodes(after), { CidrIp: { Ref: 'From' } })(after),
    rule: 'open-to-world',
  },
  {
    name: 'security group: the internet in pieces',
    plant: (after) => {
      for (const first of [1, 2, 3, 4, 5, 6, 7, 8])
        ingress(`Planted${first}`, nodes(after), { CidrIp: `${first * 16}.0.0.0/8` })(after);
    },
    rule: 'open-to-world',
  },
  {
    name: 'database: behind a group that nobody knows',
    plant: (after) => after.set('data', 'DatabaseInstanceAA', { VPCSecurityGroups: ['sg-0123456789abcdef0'] }),
    rule: 'unknown-security-group',
  },
  {
    name: 'cache: behind one more group that nobody knows',
    plant: (after) => void after.find('data', 'CacheGroup').Properties['SecurityGroupIds'].push('sg-0123456789abcdef0'),
    rule: 'unknown-security-group',
  },
  {
    name: 'subnet: data reached from the internet',
    plant: (after) =>
      after.add('network', 'Open', {
        Type: 'AWS::EC2::Route',
        Properties: {
          DestinationCidrBlock: '0.0.0.0/0',
          GatewayId: { Ref: after.idOf('network', 'NetworkVpcIGW') },
          RouteTableId: { Ref: after.idOf('network', 'NetworkVpcdataSubnet1RouteTable') },
        },
      }),
    rule: 'open-to-world',
  },
  {
    name: 'subnet: nodes led to the internet gateway',
    plant: (after) => {
      const route = after.find('network', 'NetworkVpcappSubnet1DefaultRoute5').Properties;
      delete route['NatGatewayId'];
      route['GatewayId'] = 'igw-0123456789abcdef0';
    },
    rule: 'open-to-world',
  },
  {
    name: 'subnet: data in the table of the public ones',
    plant: (after) =>
      after.set('network', 'NetworkVpcdataSubnet1RouteTableAssociation', {
        RouteTableId: { Ref: after.idOf('network', 'NetworkVpcpublicSubnet1RouteTable') },
      }),
    rule: 'open-to-world',
  },
  {
    name: 'subnet: public addresses',
    plant: (after) => after.set('network', 'NetworkVpcappSubnet1Subnet', { MapPublicIpOnLaunch: true }),
    rule: 'guard-dropped',
  },
  {
    name: 'nodes: public addresses',
    plant: (after) => {
      after.find('app', 'TiersAppLaunchTemplate3').Properties[
        'LaunchTemplateData'
      ].NetworkInterfaces[0].AssociatePublicIpAddress = true;
    },
    rule: 'guard-dropped',
  },

  // The firewall
  {
    name: 'firewall: emptied',
    plant: (after) => {
      firewall(after)['Rules'] = [];
    },
    rule: 'guard-dropped',
  },
  {
    name: 'firewall: one rule gone',
    plant: (after) => void firewall(after)['Rules'].splice(2, 1),
    rule: 'guard-dropped',
  },
  {
    name: 'firewall: groups only count',
    plant: (after) => {
      firewall(after)['Rules'][1].OverrideAction = { Count: {} };
    },
    rule: 'guard-dropped',
  },
  {
    name: 'firewall: the limit only counts',
    plant: (after) => {
      firewall(after)['Rules'][0].Action = { Count: {} };
    },
    rule: 'guard-dropped',
  },
  {
    name: 'firewall: part of a group only counts',
    plant: (after) => {
      firewall(after)['Rules'][4].Statement.ManagedRuleGroupStatement.RuleActionOverrides = [
        { Name: 'SQLi_BODY', ActionToUse: { Count: {} } },
      ];
    },
    rule: 'guard-dropped',
  },
  {
    name: 'firewall: lets in what it blocked',
    given: (both) => {
      firewall(both)['DefaultAction'] = { Block: {} };
    },
    plant: (after) => {
      firewall(after)['DefaultAction'] = { Allow: {} };
    },
    rule: 'guard-dropped',
  },
];
