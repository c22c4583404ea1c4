import { Duration, Lazy, Stack, Tags } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { natUserData } from '../../node/nat-user-data';
import { acknowledge } from '../../policies/acknowledge';
import { allow } from '../../policies/allow';
import { machineImage } from '../compute/machine-image';
import { logicalIdOf } from '../compute/own-life';
import { letBeManaged } from '../compute/systems-manager';

export interface NatInstanceProps {
  readonly environment: string;
}

/**
 * One small instance as the way out for IPv4, cheap enough for an environment without customers. The routes point at
 * a network interface that outlives every instance; a group of one replaces an instance that fails, and the next one
 * takes the interface. The routes' logical ids are those of NAT gateways, so that changing over updates them in place.
 */
export class NatInstance extends ec2.NatProvider {
  private interfaceId: string | undefined;

  constructor(private readonly props: NatInstanceProps) {
    super();
  }

  get configuredGateways(): ec2.GatewayConfig[] {
    return [];
  }

  override configureNat({ vpc, natSubnets, privateSubnets }: ec2.ConfigureNatOptions): void {
    const [subnet] = natSubnets;
    if (subnet === undefined) throw new Error('a NAT instance needs a public subnet');
    const stack = Stack.of(vpc);
    const name = `${this.props.environment}-nat`;

    const securityGroup = new ec2.SecurityGroup(vpc, 'NatSecurityGroup', {
      vpc,
      description: 'NAT instance',
      allowAllIpv6Outbound: true,
    });
    securityGroup.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.allTraffic(), 'From private nodes outwards');
    acknowledge(securityGroup, 'AwsSolutions-EC23', 'The source is the network itself, given by reference.');

    const networkInterface = new ec2.CfnNetworkInterface(vpc, 'NatInterface', {
      subnetId: subnet.subnetId,
      groupSet: [securityGroup.securityGroupId],
      sourceDestCheck: false,
      description: `What the routes of ${name} point at`,
    });
    this.interfaceId = networkInterface.ref;

    const role = new iam.Role(vpc, 'NatRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    });
    letBeManaged(role);
    let groupLogicalId = '';
    const launchTemplate = new ec2.LaunchTemplate(vpc, 'NatLaunchTemplate', {
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
      machineImage: machineImage('amazon-linux-2023', 'arm64'),
      role,
      securityGroup,
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      associatePublicIpAddress: true,
      detailedMonitoring: true,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: ec2.BlockDeviceVolume.ebs(8, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }),
        },
      ],
      userData: ec2.UserData.custom(
        Lazy.string({
          produce: () =>
            natUserData({
              networkInterfaceId: networkInterface.ref,
              region: stack.region,
              stackName: stack.stackName,
              groupLogicalId,
            }),
        }),
      ),
    });
    const group = new autoscaling.AutoScalingGroup(vpc, 'NatGroup', {
      vpc,
      vpcSubnets: { subnets: [subnet] },
      launchTemplate,
      minCapacity: 1,
      maxCapacity: 1,
      signals: autoscaling.Signals.waitForMinCapacity({ timeout: Duration.minutes(10) }),
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({ minInstancesInService: 0, maxBatchSize: 1 }),
      healthChecks: autoscaling.HealthChecks.ec2(),
      groupMetrics: [autoscaling.GroupMetrics.all()],
    });
    acknowledge(group, 'AwsSolutions-AS3', 'Launches and terminations reach EventBridge without a topic.');
    groupLogicalId = logicalIdOf(group);
    // It fetches packages before anything else.
    group.node.addDependency(subnet.internetConnectivityEstablished);
    Tags.of(launchTemplate).add('Name', name);
    Tags.of(group).add('Name', name);
    // Marks what the instance may change about itself.
    Tags.of(launchTemplate).add('beamstalk:fleet', name);

    letTakeOver(role, { stack, name, interfaceId: networkInterface.ref });
    for (const privateSubnet of privateSubnets) this.configureSubnet(privateSubnet);
  }

  override configureSubnet(subnet: ec2.PrivateSubnet): void {
    if (this.interfaceId === undefined) throw new Error('configureNat comes before configureSubnet');
    subnet.addRoute('DefaultRoute', {
      routerType: ec2.RouterType.NETWORK_INTERFACE,
      routerId: this.interfaceId,
      enablesInternetConnectivity: true,
    });
  }
}

/** The instance may attach the one interface, and stop checking the addresses of what passes through itself. */
function letTakeOver(
  role: iam.Role,
  { stack, name, interfaceId }: { stack: Stack; name: string; interfaceId: string },
): void {
  const arn = (resource: string, resourceName: string): string =>
    stack.formatArn({ service: 'ec2', resource, resourceName });
  allow(role, { actions: ['ec2:AttachNetworkInterface'], resources: [arn('network-interface', interfaceId)] });
  allow(role, {
    actions: ['ec2:AttachNetworkInterface', 'ec2:ModifyInstanceAttribute'],
    resources: [arn('instance', '*')],
    conditions: { StringEquals: { 'aws:ResourceTag/beamstalk:fleet': name } },
    wildcardsBecause: 'Instances come and go; only those of the own group bear its tag.',
  });
}
