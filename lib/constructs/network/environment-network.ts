import { ArnFormat, CfnResource, CrossStackReferences, Fn, ReferenceStrength, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EgressPlan, NetworkPlan } from '../../architecture/architecture';
import { acknowledge } from '../../policies/acknowledge';
import { keepCallersInAccount, keepTablesInAccount, keepWritesInAccount } from './endpoint-policies';
import { NatInstance } from './nat-instance';

export interface EnvironmentNetworkProps {
  readonly environment: string;
  readonly plan: NetworkPlan;
}

/** Names of the subnet groups, the same from the first day to the last. */
export const SUBNETS = {
  public: { subnetGroupName: 'public' },
  app: { subnetGroupName: 'app' },
  data: { subnetGroupName: 'data' },
} as const satisfies Record<string, ec2.SubnetSelection>;

/**
 * Three zones with a public, an app and an isolated data subnet each, dual stack. Subnets are what later phases need,
 * from day 0; only the way out for IPv4 changes, and no subnet with it.
 */
export class EnvironmentNetwork extends Construct {
  readonly vpc: ec2.Vpc;
  readonly natGateways: readonly ec2.CfnNatGateway[];
  /** Zone of the first public subnet, as AWS gave it: read from the subnet, so that the two never part. */
  readonly firstZone: string;

  constructor(scope: Construct, id: string, { environment, plan }: EnvironmentNetworkProps) {
    super(scope, id);
    const { publicMask, appMask, dataMask } = plan.subnets;
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(plan.cidr),
      ipProtocol: ec2.IpProtocol.DUAL_STACK,
      maxAzs: plan.subnets.zones,
      ...egressProps(plan.egress, environment),
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: publicMask, mapPublicIpOnLaunch: false },
        { name: 'app', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: appMask },
        { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: dataMask },
      ],
      flowLogs: {
        Rejected: {
          trafficType: ec2.FlowLogTrafficType.REJECT,
          destination: ec2.FlowLogDestination.toCloudWatchLogs(
            new logs.LogGroup(this, 'RejectedConnections', {
              retention: plan.flowLogDays,
              removalPolicy: RemovalPolicy.DESTROY,
            }),
          ),
        },
      },
    });
    const { S3, DYNAMODB } = ec2.GatewayVpcEndpointAwsService;
    keepWritesInAccount(this.vpc.addGatewayEndpoint('S3', { service: S3 }));
    keepTablesInAccount(this.vpc.addGatewayEndpoint('DynamoDB', { service: DYNAMODB }));
    for (const service of plan.interfaceEndpoints) {
      const endpoint = this.vpc.addInterfaceEndpoint(`${service}Endpoint`, {
        service: new ec2.InterfaceVpcEndpointAwsService(service),
        subnets: SUBNETS.app,
      });
      keepCallersInAccount(endpoint, service);
      acknowledge(endpoint, 'AwsSolutions-EC23', 'The source is the network itself, given by reference.');
    }
    if (plan.availabilityZones) {
      acknowledge(this.vpc, 'CloudFormation-Validate::W3010', 'The configuration names its zones, to pin them.');
    }
    this.natGateways = this.vpc.node.findAll().filter((part) => part instanceof ec2.CfnNatGateway);
    this.firstZone = zoneOf(this.vpc.publicSubnets[0]);
    this.keepReferencesStrong();
    letLogOnlyItself(Stack.of(this));
  }

  /** Network and subnets live as long as the environment: nothing may take them away from what stands in them. */
  private keepReferencesStrong(): void {
    for (const construct of this.vpc.node.findAll()) {
      if (construct instanceof ec2.CfnVPC || construct instanceof ec2.CfnSubnet) {
        CrossStackReferences.of(construct).produce(ReferenceStrength.STRONG);
      }
    }
  }
}

/**
 * The function with which the constructs library empties the default security group logs to a group that Lambda makes
 * for it, and comes with a policy of AWS that opens every log of the account to it.
 */
function letLogOnlyItself(stack: Stack): void {
  for (const role of stack.node.findAll()) {
    if (!(role instanceof CfnResource && role.node.path.endsWith(`${EMPTIES_DEFAULT_GROUP}/Role`))) continue;
    const logs = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `/aws/lambda/${stack.stackName}-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    role.addPropertyOverride('ManagedPolicyArns', []);
    role.addPropertyOverride('Policies.1', {
      PolicyName: 'Log',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: logs,
          },
        ],
      },
    });
  }
}

const EMPTIES_DEFAULT_GROUP = 'Custom::VpcRestrictDefaultSGCustomResourceProvider';

function zoneOf(subnet: ec2.ISubnet | undefined): string {
  const resource = subnet?.node.defaultChild;
  if (!(resource instanceof ec2.CfnSubnet)) throw new Error('the network has no public subnet of its own');
  return resource.attrAvailabilityZone;
}

/** Zone names for a stack that knows no account: what the configuration names, otherwise the account's first three. */
export function zoneNames(plan: NetworkPlan): string[] {
  return plan.availabilityZones === undefined
    ? Array.from({ length: plan.subnets.zones }, (_, zone) => Fn.select(zone, Fn.getAzs()))
    : [...plan.availabilityZones];
}

function egressProps(
  egress: EgressPlan,
  environment: string,
): Pick<ec2.VpcProps, 'natGateways' | 'natGatewayProvider'> {
  switch (egress.kind) {
    case 'none':
      return { natGateways: 0 };
    case 'instance':
      return { natGateways: 1, natGatewayProvider: new NatInstance({ environment }) };
    case 'gateway':
      return { natGateways: egress.gateways };
  }
}
