import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { AlertsPlan } from '../architecture/automation';
import { AlertTopics } from '../constructs/watching/alert-topics';
import { Calls } from '../constructs/watching/calls';
import { CertificateWatch } from '../constructs/watching/certificate-watch';
import { EdgeWatch } from '../constructs/watching/edge-watch';
import type { EdgeStack } from './edge';
import type { EdgeGlobalStack } from './edge-global';

export interface OperationsGlobalStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly alerts: AlertsPlan;
  readonly edge: EdgeStack;
  readonly global: EdgeGlobalStack;
}

/**
 * Alarms on CloudFront for an environment in another region: CloudFront reports in us-east-1, and an alarm sees only
 * what is reported in its own region and calls only topics there. So these have topics of their own, with the same
 * subscribers (docs/adr/0014).
 */
export class OperationsGlobalStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { architecture, alerts, edge, global, ...props }: OperationsGlobalStackProps,
  ) {
    super(scope, id, props);
    const { environment } = architecture;
    const { certificateArn } = global;
    const distributionId = edge.delivery?.distribution.distributionId;
    if (distributionId === undefined) throw new Error('without CloudFront there is nothing to watch in us-east-1');
    new Calls(this, 'Calls', {
      environment,
      topics: new AlertTopics(this, 'Topics', { environment, plan: alerts }),
      watches: [
        new EdgeWatch(this, 'Edge', { environment, distributionId, plan: alerts }),
        ...(certificateArn === undefined
          ? []
          : [new CertificateWatch(this, 'Certificate', { environment, subject: 'edge-certificate', certificateArn })]),
      ],
    });
  }
}
