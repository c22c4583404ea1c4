import {
  DescribeAddressesCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeFlowLogsCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import { type Clients, unlessRefused } from '../clients';
import type { StackResource } from '../stacks';
import { type Live, pick, type Reader } from './reader';

const vpc = async (id: string | undefined, { ec2 }: Clients) =>
  id === undefined ? undefined : (await unlessRefused(ec2.send(new DescribeVpcsCommand({ VpcIds: [id] }))))?.Vpcs?.[0];

async function routeTable(id: string | undefined, { ec2 }: Clients): Promise<RouteTable | undefined> {
  if (id === undefined) return undefined;
  return (await unlessRefused(ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }))))?.RouteTables?.[0];
}

const route: Reader = async ({ definition, resolve }, aws) => {
  const { RouteTableId, DestinationCidrBlock, DestinationIpv6CidrBlock } = definition.Properties ?? {};
  const found = (await routeTable(resolve(RouteTableId), aws))?.Routes?.find((candidate) =>
    DestinationCidrBlock === undefined
      ? candidate.DestinationIpv6CidrBlock === DestinationIpv6CidrBlock
      : candidate.DestinationCidrBlock === DestinationCidrBlock,
  );
  return pick(found, 'GatewayId', 'NatGatewayId', 'NetworkInterfaceId', 'EgressOnlyInternetGatewayId');
};

const securityGroupRule: Reader = async ({ physicalId }, { ec2 }) => {
  const request = new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [physicalId] });
  const rule = (await unlessRefused(ec2.send(request)))?.SecurityGroupRules?.find(
    ({ SecurityGroupRuleId }) => SecurityGroupRuleId === physicalId,
  );
  return pick(rule, 'GroupId', 'IsEgress', 'IpProtocol', 'FromPort', 'ToPort', 'ReferencedGroupInfo', 'CidrIpv4');
};

/** The provider behind it empties the network's default security group; what is left in it says whether it ran. */
const emptyDefaultGroup: Reader = async ({ definition, resolve }, { ec2 }) => {
  const group = definition.Properties?.['DefaultSecurityGroupId'] as { 'Fn::GetAtt'?: [string, string] } | undefined;
  const vpcId = resolve({ Ref: group?.['Fn::GetAtt']?.[0] });
  const Filters = [
    { Name: 'vpc-id', Values: [vpcId ?? ''] },
    { Name: 'group-name', Values: ['default'] },
  ];
  const found = (await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups?.[0];
  return found?.IpPermissions?.length === 0 ? { GroupId: found.GroupId } : undefined;
};

export const NETWORK_READERS: Readonly<Record<string, Reader>> = {
  'AWS::EC2::VPC': async ({ physicalId }, aws) => pick(await vpc(physicalId, aws), 'CidrBlock', 'InstanceTenancy'),

  'AWS::EC2::VPCCidrBlock': async ({ definition, resolve }, aws) => {
    const owner = await vpc(resolve(definition.Properties?.['VpcId']), aws);
    return owner?.Ipv6CidrBlockAssociationSet?.length ? pick(owner, 'Ipv6CidrBlockAssociationSet') : undefined;
  },

  'AWS::EC2::Subnet': async ({ physicalId }, { ec2 }) => {
    const answer = await unlessRefused(ec2.send(new DescribeSubnetsCommand({ SubnetIds: [physicalId] })));
    return pick(answer?.Subnets?.[0], 'VpcId', 'CidrBlock', 'AvailabilityZone', 'MapPublicIpOnLaunch');
  },

  'AWS::EC2::RouteTable': async ({ physicalId }, aws) => pick(await routeTable(physicalId, aws), 'VpcId'),
  'AWS::EC2::Route': route,

  'AWS::EC2::SubnetRouteTableAssociation': async ({ definition, resolve }, aws): Promise<Live | undefined> => {
    const { RouteTableId, SubnetId } = definition.Properties ?? {};
    const subnet = resolve(SubnetId);
    const table = await routeTable(resolve(RouteTableId), aws);
    return pick(
      table?.Associations?.find((association) => association.SubnetId === subnet),
      'SubnetId',
    );
  },

  'AWS::EC2::InternetGateway': async ({ physicalId }, { ec2 }) => {
    const request = new DescribeInternetGatewaysCommand({ InternetGatewayIds: [physicalId] });
    return pick((await unlessRefused(ec2.send(request)))?.InternetGateways?.[0], 'InternetGatewayId');
  },

  'AWS::EC2::VPCGatewayAttachment': async ({ definition, resolve }, { ec2 }) => {
    const id = resolve(definition.Properties?.['InternetGatewayId']) ?? '';
    const answer = await unlessRefused(ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] })));
    const vpcId = resolve(definition.Properties?.['VpcId']);
    return pick(
      answer?.InternetGateways?.[0]?.Attachments?.find(({ VpcId }) => VpcId === vpcId),
      'VpcId',
    );
  },

  'AWS::EC2::EgressOnlyInternetGateway': async ({ physicalId }, { ec2 }) => {
    const answer = await unlessRefused(ec2.send(new DescribeEgressOnlyInternetGatewaysCommand({})));
    const found = answer?.EgressOnlyInternetGateways?.find(
      (gateway) => gateway.EgressOnlyInternetGatewayId === physicalId,
    );
    return pick(found, 'EgressOnlyInternetGatewayId');
  },

  'AWS::EC2::EIP': async ({ physicalId }, { ec2 }) => {
    // CloudFormation names it by its address, the engine by its allocation.
    const found = (await ec2.send(new DescribeAddressesCommand({}))).Addresses?.find(
      ({ AllocationId, PublicIp }) => AllocationId === physicalId || PublicIp === physicalId,
    );
    return pick(found, 'AllocationId', 'PublicIp');
  },

  'AWS::EC2::NatGateway': async ({ physicalId }, { ec2 }) => {
    const request = new DescribeNatGatewaysCommand({ NatGatewayIds: [physicalId] });
    const found = (await unlessRefused(ec2.send(request)))?.NatGateways?.[0];
    return found?.State === 'deleted' ? undefined : pick(found, 'SubnetId', 'VpcId', 'ConnectivityType');
  },

  'AWS::EC2::NetworkInterface': async ({ physicalId }, { ec2 }) => {
    const request = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [physicalId] });
    return pick((await unlessRefused(ec2.send(request)))?.NetworkInterfaces?.[0], 'SubnetId', 'SourceDestCheck');
  },

  'AWS::EC2::VPCEndpoint': async ({ physicalId }, { ec2 }) => {
    const request = new DescribeVpcEndpointsCommand({ VpcEndpointIds: [physicalId] });
    return pick((await unlessRefused(ec2.send(request)))?.VpcEndpoints?.[0], 'ServiceName', 'VpcEndpointType');
  },

  'AWS::EC2::FlowLog': async ({ physicalId }, { ec2 }) => {
    const answer = await unlessRefused(ec2.send(new DescribeFlowLogsCommand({ FlowLogIds: [physicalId] })));
    return pick(answer?.FlowLogs?.[0], 'ResourceId', 'TrafficType');
  },

  'AWS::EC2::SecurityGroup': async ({ physicalId }, { ec2 }) => {
    const answer = await unlessRefused(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [physicalId] })));
    return pick(answer?.SecurityGroups?.[0], 'GroupName', 'Description', 'VpcId');
  },
  'AWS::EC2::SecurityGroupIngress': securityGroupRule,
  'AWS::EC2::SecurityGroupEgress': securityGroupRule,
  'Custom::VpcRestrictDefaultSG': emptyDefaultGroup,
};

/** What a resource's template says under a key. */
export function property({ definition }: StackResource, key: string): unknown {
  return definition.Properties?.[key];
}
