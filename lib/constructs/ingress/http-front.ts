import { Duration } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SUBNETS } from '../network/environment-network';
import { LOAD_BALANCER_LOGS } from '../storage/environment-buckets';
import { type Front, type FrontProps, HEALTHY_CODES, type HttpLoad } from './front';

/** Longer than clients ping (ALB's own default is 60 s), so that an idle WebSocket is not cut off between two pings. */
const IDLE_TIMEOUT = Duration.seconds(300);

const MINUTE = Duration.minutes(1);

export interface HttpFrontProps extends FrontProps {
  /** With one, the load balancer speaks HTTPS; without, HTTP only. */
  readonly certificate?: acm.ICertificate;
  /**
   * With a certificate: whether it speaks HTTP besides, for who has not followed yet. CloudFront learns of HTTPS two
   * stacks later.
   * @default false
   */
  readonly plain?: boolean;
  /** True when a client stays with the node it met first. */
  readonly stickySessions: boolean;
  /** Bucket for access logs; the bucket itself lets the log service write. */
  readonly accessLogs: s3.IBucket;
}

/** An Application Load Balancer in the private subnets, before one fleet. */
export class HttpFront extends Construct implements Front {
  readonly dnsName: string;
  readonly vpcOrigin: cloudfront.VpcOriginEndpoint;
  readonly aliasTarget: route53.IAliasRecordTarget;
  readonly targetGroup: elbv2.ApplicationTargetGroup;
  readonly targetGroups: readonly elbv2.ITargetGroup[];
  readonly load: HttpLoad;
  readonly loadBalancer: elbv2.ApplicationLoadBalancer;
  private readonly listeners: readonly elbv2.ApplicationListener[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: HttpFrontProps,
  ) {
    super(scope, id);
    const { vpc, fleet, certificate } = props;
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'Alb', {
      vpc,
      vpcSubnets: SUBNETS.app,
      internetFacing: false,
      idleTimeout: IDLE_TIMEOUT,
      dropInvalidHeaderFields: true,
      deletionProtection: props.deletionProtection ?? false,
    });
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', props.accessLogs.bucketName);
    loadBalancer.setAttribute('access_logs.s3.prefix', LOAD_BALANCER_LOGS);

    // Each port has a listener of its own, which never becomes another's.
    const listeners: elbv2.ApplicationListener[] = [];
    const plain = certificate === undefined || props.plain === true;
    // The group of targets stands below it, whether it listens or not.
    let above: Construct;
    if (plain) {
      const http = { open: false, port: 80, protocol: elbv2.ApplicationProtocol.HTTP };
      const listener = loadBalancer.addListener('Listener', http);
      listeners.push(listener);
      above = listener;
    } else {
      above = new Construct(loadBalancer, 'Listener');
    }
    if (certificate) {
      listeners.push(
        loadBalancer.addListener('TlsListener', {
          open: false,
          port: 443,
          protocol: elbv2.ApplicationProtocol.HTTPS,
          certificates: [certificate],
          sslPolicy: elbv2.SslPolicy.TLS13_RES,
        }),
      );
    }
    this.listeners = listeners;
    const targets = new elbv2.ApplicationTargetGroup(above, 'NodesGroup', {
      vpc,
      targets: [fleet.group],
      port: props.port,
      protocol: elbv2.ApplicationProtocol.HTTP,
      deregistrationDelay: Duration.seconds(props.deregistrationSeconds),
      loadBalancingAlgorithmType: elbv2.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      ...(props.stickySessions && { stickinessCookieDuration: Duration.days(1) }),
      healthCheck: {
        path: props.healthPath,
        healthyHttpCodes: HEALTHY_CODES,
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
    for (const listener of listeners) listener.addTargetGroups('Nodes', { targetGroups: [targets] });

    this.loadBalancer = loadBalancer;
    this.dnsName = loadBalancer.loadBalancerDnsName;
    this.vpcOrigin = cloudfront.VpcOriginEndpoint.applicationLoadBalancer(loadBalancer);
    this.aliasTarget = new LoadBalancerTarget(loadBalancer);
    this.targetGroup = targets;
    this.targetGroups = [targets];
    // Not the target group's own metrics: they read the load balancer's name out of a listener, which a weak reference
    // cannot.
    const measured = (metricName: string, statistic: string): cloudwatch.Metric =>
      new cloudwatch.Metric({
        namespace: 'AWS/ApplicationELB',
        metricName,
        dimensionsMap: {
          LoadBalancer: loadBalancer.loadBalancerFullName,
          TargetGroup: targets.targetGroupFullName,
        },
        statistic,
        period: MINUTE,
      });
    this.load = {
      kind: 'http',
      attached: targets.loadBalancerAttached,
      resourceLabel: `${loadBalancer.loadBalancerFullName}/${targets.targetGroupFullName}`,
      requests: measured('RequestCount', cloudwatch.Stats.SUM),
      // By the target group alone: that is what the metric with a predefined name counts, and nodes have only this one.
      requestsPerNode: new cloudwatch.Metric({
        namespace: 'AWS/ApplicationELB',
        metricName: 'RequestCountPerTarget',
        dimensionsMap: { TargetGroup: targets.targetGroupFullName },
        statistic: cloudwatch.Stats.SUM,
        period: MINUTE,
      }),
      responseTime: (statistic) => measured('TargetResponseTime', statistic),
      serverErrors: measured('HTTPCode_Target_5XX_Count', cloudwatch.Stats.SUM),
      unhealthyNodes: measured('UnHealthyHostCount', cloudwatch.Stats.MAXIMUM),
    };
  }

  acceptFrom(peer: ec2.IConnectable, description: string): void {
    for (const { connections } of this.listeners) connections.allowDefaultPortFrom(peer, description);
  }

  /**
   * Opens its listeners to CloudFront, whose traffic bears the addresses of its prefix list also inside the network. In a
   * group of its own for each port: the list takes 55 of the 60 rules that a group may have.
   *
   * Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
   */
  acceptFromCloudFront(prefixListId: string): void {
    for (const { port } of this.listeners) {
      const group = new ec2.SecurityGroup(this, `CloudFront${port}`, {
        vpc: this.props.vpc,
        description: 'CloudFront to the load balancer',
        allowAllOutbound: false,
      });
      group.addIngressRule(ec2.Peer.prefixList(prefixListId), ec2.Port.tcp(port), 'CloudFront');
      this.loadBalancer.addSecurityGroup(group);
    }
  }
}
