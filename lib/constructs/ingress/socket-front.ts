import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';
import { SUBNETS } from '../network/environment-network';
import { type Front, type FrontProps, HEALTHY_CODES, type SocketLoad } from './front';

const HTTP_PORT = 80;
const TLS_PORT = 443;

/** The longest an NLB keeps an idle TCP connection. */
const IDLE_TIMEOUT = Duration.seconds(6000);

const MINUTE = Duration.minutes(1);

export interface SocketFrontProps extends FrontProps {
  /** Port on which the nodes speak TLS themselves. */
  readonly tlsPort: number;
  /** True when users reach it from the internet. */
  readonly internetFacing: boolean;
}

/**
 * A Network Load Balancer that passes TCP through, TLS included: a million idle sockets cost a fraction of what an
 * ALB or a TLS listener asks for. Nodes see the clients' own addresses (instance targets).
 */
export class SocketFront extends Construct implements Front {
  readonly dnsName: string;
  readonly vpcOrigin: cloudfront.VpcOriginEndpoint;
  readonly aliasTarget: route53.IAliasRecordTarget;
  readonly loadBalancer: elbv2.NetworkLoadBalancer;
  readonly targetGroups: readonly elbv2.NetworkTargetGroup[];
  readonly load: SocketLoad;
  private readonly securityGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, props: SocketFrontProps) {
    super(scope, id);
    const { vpc, fleet, internetFacing } = props;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Load balancer for sockets',
      allowAllOutbound: false,
    });
    this.securityGroup = securityGroup;
    const loadBalancer = new elbv2.NetworkLoadBalancer(this, 'Nlb', {
      vpc,
      vpcSubnets: internetFacing ? SUBNETS.public : SUBNETS.app,
      internetFacing,
      ipAddressType: internetFacing ? elbv2.IpAddressType.DUAL_STACK : elbv2.IpAddressType.IPV4,
      crossZoneEnabled: true,
      deletionProtection: props.deletionProtection ?? false,
      securityGroups: [securityGroup],
    });
    acknowledge(
      loadBalancer,
      'AwsSolutions-ELB2',
      'A Network Load Balancer writes access logs for TLS listeners only; these pass TCP through.',
    );

    const targetGroups: elbv2.NetworkTargetGroup[] = [];
    for (const [id, port, target] of [
      ['Http', HTTP_PORT, props.port],
      ['Tls', TLS_PORT, props.tlsPort],
    ] as const) {
      const listener = loadBalancer.addListener(id, { port, tcpIdleTimeout: IDLE_TIMEOUT });
      const targets = listener.addTargets('Nodes', {
        targets: [fleet.group],
        port: target,
        deregistrationDelay: Duration.seconds(props.deregistrationSeconds),
        healthCheck: {
          protocol: elbv2.Protocol.HTTP,
          port: String(props.port),
          path: props.healthPath,
          healthyHttpCodes: HEALTHY_CODES,
          interval: Duration.seconds(10),
          healthyThresholdCount: 2,
          unhealthyThresholdCount: 3,
        },
      });
      targetGroups.push(targets);
      fleet.connections.allowFrom(securityGroup, ec2.Port.tcp(target), 'From the load balancer');
    }
    if (internetFacing) {
      this.acceptFrom(ec2.Peer.anyIpv4(), 'Users');
      this.acceptFrom(ec2.Peer.anyIpv6(), 'Users');
      acknowledge(
        securityGroup,
        'AwsSolutions-EC23',
        'The public front of the system, on the two ports users come to.',
      );
    }

    this.dnsName = loadBalancer.loadBalancerDnsName;
    this.vpcOrigin = cloudfront.VpcOriginEndpoint.networkLoadBalancer(loadBalancer);
    this.aliasTarget = new LoadBalancerTarget(loadBalancer);
    this.loadBalancer = loadBalancer;
    this.targetGroups = targetGroups;
    // The same nodes are in both groups, and one health check speaks for both.
    const hosts = (name: string): cloudwatch.Metric =>
      loadBalancer.metrics.custom(name, {
        statistic: cloudwatch.Stats.AVERAGE,
        period: MINUTE,
        dimensionsMap: {
          LoadBalancer: loadBalancer.loadBalancerFullName,
          TargetGroup: targetGroups[0]?.targetGroupFullName ?? '',
        },
      });
    this.load = {
      kind: 'sockets',
      // The documentation does not say whether zones report apart or together. The average of connections over the
      // average of nodes is connections per node either way.
      connections: loadBalancer.metrics.activeFlowCount({ statistic: cloudwatch.Stats.AVERAGE, period: MINUTE }),
      healthyNodes: hosts('HealthyHostCount'),
      unhealthyNodes: hosts('UnHealthyHostCount'),
    };
  }

  acceptFrom(peer: ec2.IConnectable, description: string): void {
    for (const port of [HTTP_PORT, TLS_PORT]) {
      this.securityGroup.connections.allowFrom(peer, ec2.Port.tcp(port), description);
    }
  }
}
