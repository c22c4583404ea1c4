import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import type { IDependable } from 'constructs';
import type { NodeFleet } from '../compute/node-fleet';

/**
 * Answers of a healthy node. A redirection is one: fresh applications send `/` on to a login, or HTTP to HTTPS. Nodes ask
 * themselves the same, with curl's idea of a failure (400 and above).
 */
export const HEALTHY_CODES = '200-399';

/** Load balancer before one fleet, which spreads connections over its nodes. */
export interface Front {
  readonly dnsName: string;
  /** Opens its listeners, and nothing else, to a peer. */
  acceptFrom(peer: ec2.IConnectable, description: string): void;
  /** Origin by which CloudFront reaches it inside the network. */
  readonly vpcOrigin: cloudfront.VpcOriginEndpoint;
  /** Target for a DNS alias. */
  readonly aliasTarget: route53.IAliasRecordTarget;
  /** Target groups of its nodes: one for each port. */
  readonly targetGroups: readonly elbv2.ITargetGroup[];
  /** Metrics of the load on its nodes. */
  readonly load: FrontLoad;
}

/** Metrics of a load balancer, each of one minute. */
export type FrontLoad = HttpLoad | SocketLoad;

export interface HttpLoad {
  readonly kind: 'http';
  /** By which Auto Scaling finds the requests per target. */
  readonly resourceLabel: string;
  /** Until this is there, Auto Scaling does not take the label: the nodes are not behind the load balancer. */
  readonly attached: IDependable;
  /** Requests that all nodes together got. */
  readonly requests: cloudwatch.Metric;
  /** Requests that one node got in a minute. */
  readonly requestsPerNode: cloudwatch.Metric;
  /** Seconds from the request's leaving the load balancer to the answer's first byte, for example `p95`. */
  readonly responseTime: (statistic: string) => cloudwatch.Metric;
  /** Answers of the 5xx kind that came from nodes. */
  readonly serverErrors: cloudwatch.Metric;
  readonly unhealthyNodes: cloudwatch.Metric;
}

export interface SocketLoad {
  readonly kind: 'sockets';
  /** Connections open at a time, over all nodes. */
  readonly connections: cloudwatch.Metric;
  readonly healthyNodes: cloudwatch.Metric;
  readonly unhealthyNodes: cloudwatch.Metric;
}

/** Properties of every kind of front. */
export interface FrontProps {
  readonly vpc: ec2.IVpc;
  readonly fleet: NodeFleet;
  /** True when the load balancer refuses to be deleted. */
  readonly deletionProtection?: boolean;
  /** Port of the nodes for plain HTTP. */
  readonly port: number;
  /** Path and query that a healthy node answers with 200 to 399. */
  readonly healthPath: string;
  /** Seconds for which a leaving node keeps the connections it has. Range 0 to 3,600. */
  readonly deregistrationSeconds: number;
}
