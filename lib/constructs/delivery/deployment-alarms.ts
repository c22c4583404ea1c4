import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { FrontLoad, HttpLoad } from '../ingress/front';

/** Share of answers of the 5xx kind, in per cent, that ends a deployment, and the requests below which it says nothing. */
const ERROR_PERCENT = 5;
const LEAST_REQUESTS = 20;

/**
 * Minutes for which a node may give no answer: longer than one takes to boot (assumed: four), as the load balancer counts
 * it as unhealthy all the while. What a release breaks at once is found before, by the check of the deployment itself.
 */
const BOOT_MINUTES = 10;

const OPTIONS = {
  comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
} as const;

/** Alarms that stop a deployment and take it back: nodes that do not answer, and users who get errors. They call nobody. */
export class DeploymentAlarms extends Construct {
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, load: FrontLoad) {
    super(scope, id);
    this.alarms = [
      new cloudwatch.Alarm(this, 'UnhealthyNodes', {
        ...OPTIONS,
        alarmDescription: 'A node does not answer: a deployment under way is stopped and taken back.',
        metric: load.unhealthyNodes,
        threshold: 1,
        evaluationPeriods: BOOT_MINUTES,
      }),
      ...(load.kind === 'http' ? [this.errors(load)] : []),
    ];
  }

  private errors({ serverErrors, requests }: HttpLoad): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, 'Errors', {
      ...OPTIONS,
      alarmDescription: 'Nodes answer with errors: a deployment under way is stopped and taken back.',
      metric: new cloudwatch.MathExpression({
        label: '5xx answers of nodes, per cent',
        expression: `IF(requests >= ${LEAST_REQUESTS}, 100 * FILL(errors, 0) / requests, 0)`,
        usingMetrics: { errors: serverErrors, requests },
        period: Duration.minutes(1),
      }),
      threshold: ERROR_PERCENT,
      evaluationPeriods: 3,
    });
  }
}
