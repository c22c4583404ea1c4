import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import type { NodeFleet } from '../compute/node-fleet';

/** What stands before one fleet and spreads what comes in over its nodes. */
export interface Front {
  readonly dnsName: string;
  /** Opens its listeners, and nothing else, to a peer. */
  acceptFrom(peer: ec2.IConnectable, description: string): void;
  /** Where CloudFront reaches it inside the network. */
  readonly vpcOrigin: cloudfront.VpcOriginEndpoint;
  /** Where a DNS name may point. */
  readonly aliasTarget: route53.IAliasRecordTarget;
}

/** What every kind of front needs to know. */
export interface FrontProps {
  readonly vpc: ec2.IVpc;
  readonly fleet: NodeFleet;
  /** Port of the nodes for plain HTTP. */
  readonly port: number;
  /** Path and query that a healthy node answers with 200. */
  readonly healthPath: string;
  /** Seconds for which a leaving node keeps the connections it has. Range 0 to 3,600. */
  readonly deregistrationSeconds: number;
}
