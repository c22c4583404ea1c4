import { Stack, type StackProps } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import { EnvironmentNetwork, zoneNames } from '../constructs/network/environment-network';

export interface NetworkStackProps extends StackProps {
  readonly architecture: Architecture;
}

/** The ground: planned on day 0 for the last day, and the one stack that every other stands on. */
export class NetworkStack extends Stack {
  readonly vpc: ec2.IVpc;
  /** None while an instance is the way out, or nothing is. */
  readonly natGateways: readonly ec2.CfnNatGateway[];
  /** Zone of the first public subnet, where the single server and its volume live. */
  readonly firstZone: string;
  private readonly zones: string[];

  constructor(scope: Construct, id: string, { architecture, ...props }: NetworkStackProps) {
    super(scope, id, props);
    this.zones = zoneNames(architecture.network);
    const network = new EnvironmentNetwork(this, 'Network', {
      environment: architecture.environment,
      plan: architecture.network,
    });
    this.vpc = network.vpc;
    this.natGateways = network.natGateways;
    this.firstZone = network.firstZone;
    this.exportForGood();
  }

  /**
   * Exports what any phase may refer to, in every phase: CloudFormation refuses to take an export away while the next
   * stack still imports it, and this stack is deployed before those that stop importing.
   */
  private exportForGood(): void {
    const { vpcId, vpcCidrBlock, publicSubnets, privateSubnets, isolatedSubnets } = this.vpc;
    const subnets = [...publicSubnets, ...privateSubnets, ...isolatedSubnets];
    for (const value of [vpcId, vpcCidrBlock, this.firstZone, ...subnets.map(({ subnetId }) => subnetId)]) {
      this.exportValue(value);
    }
  }

  /** A stack that knows no account would be given two zones. */
  override get availabilityZones(): string[] {
    return this.zones;
  }
}
