import { Stack, type StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Architecture, EdgePlan } from '../architecture/architecture';
import { Firewall } from '../constructs/edge/firewall';

/** The one region in which CloudFront looks for firewalls and certificates. */
export const CLOUDFRONT_REGION = 'us-east-1';

export interface EdgeGlobalStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly edge: EdgePlan;
}

/** What CloudFront wants in us-east-1, whatever region the environment is in. */
export class EdgeGlobalStack extends Stack {
  readonly webAclArn: string;
  /** For the public name, when CloudFront serves it. */
  readonly certificateArn?: string;

  constructor(scope: Construct, id: string, { architecture, edge, ...props }: EdgeGlobalStackProps) {
    super(scope, id, props);
    const { environment, domain, ingress, logDays } = architecture;
    const { requestsPer5Minutes } = edge;
    this.webAclArn = new Firewall(this, 'Firewall', { environment, requestsPer5Minutes, logDays }).webAclArn;
    if (domain && ingress?.kind === 'http') {
      const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', {
        hostedZoneId: domain.hostedZoneId,
        zoneName: domain.hostedZoneName,
      });
      this.certificateArn = new acm.Certificate(this, 'Certificate', {
        domainName: domain.name,
        validation: acm.CertificateValidation.fromDns(zone),
      }).certificateArn;
    }
  }
}
