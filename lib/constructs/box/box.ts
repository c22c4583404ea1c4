import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { BoxPlan, NodePlan } from '../../architecture/architecture';
import { bootSteps } from '../../node/boot-steps';
import { acknowledge } from '../../policies/acknowledge';
import { allow } from '../../policies/allow';
import { NodeFleet } from '../compute/node-fleet';
import { PublishedParameters } from '../parameters/published-parameters';
import { BOX_VOLUME_TAG } from './data-volume';

export interface BoxProps {
  readonly environment: string;
  readonly plan: BoxPlan;
  readonly node: NodePlan;
  readonly vpc: ec2.IVpc;
  /** True when PostgreSQL runs on the box, on its own volume. */
  readonly localDatabase: boolean;
}

/**
 * The single server: a fleet of exactly one in the first public subnet. A new box claims the Elastic IP and the data
 * volume of the one before, so that it comes back with its address and its data.
 */
export class Box extends Construct {
  readonly fleet: NodeFleet;
  /** The public IPv4 address. */
  readonly address: string;

  constructor(scope: Construct, id: string, { environment, plan, node, vpc, localDatabase }: BoxProps) {
    super(scope, id);
    this.fleet = new NodeFleet(this, 'Fleet', {
      environment,
      plan,
      node,
      vpc,
      subnets: { subnets: vpc.publicSubnets.slice(0, 1) },
      steps: bootSteps({ role: 'box', localDatabase, reports: true }),
      publicAddress: true,
      behindLoadBalancer: false,
      drainSeconds: 0,
    });
    this.openToUsers(plan.sshFrom);

    const address = new ec2.CfnEIP(this, 'Address', {
      domain: 'vpc',
      tags: [{ key: 'Name', value: `${environment}-box` }],
    });
    this.address = address.ref;
    const published = new PublishedParameters(this, 'Published', {
      environment,
      topic: 'box',
      values: { address: address.attrAllocationId },
    });
    this.fleet.node.addDependency(published);
    this.allowClaims(environment, address.attrAllocationId, localDatabase);
  }

  private openToUsers(sshFrom: readonly string[]): void {
    const { connections } = this.fleet;
    for (const port of [80, 443]) {
      connections.allowFromAnyIpv4(ec2.Port.tcp(port), 'Users');
      connections.allowFrom(ec2.Peer.anyIpv6(), ec2.Port.tcp(port), 'Users');
    }
    for (const cidr of sshFrom) connections.allowFrom(ec2.Peer.ipv4(cidr), ec2.Port.tcp(22), 'Listed for SSH');
    for (const group of connections.securityGroups) {
      acknowledge(
        group,
        'AwsSolutions-EC23',
        'The single server is what users reach, on 80 and 443; 22 only from listed addresses.',
      );
    }
  }

  /** A box may take its environment's address and volume for itself, and no other. */
  private allowClaims(environment: string, allocationId: string, localDatabase: boolean): void {
    const stack = Stack.of(this);
    const arn = (resource: string, resourceName: string): string =>
      stack.formatArn({ service: 'ec2', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
    const own = { StringEquals: { 'aws:ResourceTag/beamstalk:fleet': `${environment}-box` } };
    const { role } = this.fleet;
    allow(role, {
      actions: ['ec2:AssociateAddress'],
      resources: [arn('elastic-ip', allocationId), arn('network-interface', '*')],
      wildcardsBecause: 'The interface is made with the instance; the address is named.',
    });
    allow(role, {
      actions: ['ec2:AssociateAddress', ...(localDatabase ? ['ec2:AttachVolume'] : [])],
      resources: [arn('instance', '*')],
      conditions: own,
      wildcardsBecause: 'Instances come and go; only those of the own fleet bear its tag.',
    });
    if (!localDatabase) return;
    allow(role, {
      actions: ['ec2:AttachVolume'],
      resources: [arn('volume', '*')],
      conditions: { StringEquals: { [`aws:ResourceTag/${BOX_VOLUME_TAG}`]: environment } },
      wildcardsBecause:
        'Only the volume of this environment bears its tag; a reference would bind the box to its stack.',
    });
    allow(role, {
      actions: ['ec2:DescribeVolumes'],
      resources: ['*'],
      wildcardsBecause: 'Describing knows no resource-level permissions.',
    });
  }
}
