import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { PressurePlan } from '../../architecture/asynchronous';
import { projectPath } from '../../facts/project-path';
import { allow } from '../../policies/allow';
import { Watch } from '../watching/watch';
import { alarmPrefix, QueueAge } from './queue-age';
import type { WorkQueue } from './work-queue';

export interface BackPressureProps {
  readonly environment: string;
  readonly plan: PressurePlan;
  readonly queues: readonly WorkQueue[];
  readonly logDays: number;
}

/**
 * Turns low-priority work away while a queue does not keep up: two alarms for each queue, far enough apart that the
 * answer does not flutter, and a function that reads them all, decides, and writes the one parameter that nodes ask for.
 */
export class BackPressure extends Construct {
  readonly watch: Watch;
  readonly ages: readonly QueueAge[];
  readonly handler: lambda.Function;

  constructor(scope: Construct, id: string, { environment, plan, queues, logDays }: BackPressureProps) {
    super(scope, id);
    // From a line of the function's log: 1 while low-priority work is turned away, 0 otherwise, at least every five minutes.
    const shedding = new cloudwatch.Metric({
      namespace: 'Beamstalk',
      metricName: 'LoadShedding',
      dimensionsMap: { Environment: environment },
      statistic: 'Maximum',
      period: Duration.minutes(5),
    });
    this.watch = new Watch(this, 'Watch', {
      environment,
      subject: 'pressure',
      tier: 'async',
      alarms: [
        {
          name: 'shedding',
          title: 'Low-priority requests are turned away, because a queue does not keep up.',
          weight: 'cause',
          metric: shedding,
          when: { above: 0 },
          points: [1, 1],
          silence: 'unknown',
        },
      ],
      graphs: [{ title: 'load shedding: 1 while low-priority requests are turned away', left: [shedding] }],
    });
    // CloudFormation writes it when it makes it, and again only if this resource changes, which nothing in it ever does;
    // even then the function puts it right within five minutes.
    const parameter = new ssm.StringParameter(this, 'Shed', {
      parameterName: `/beamstalk/${environment}/pressure/shed`,
      stringValue: 'off',
    });
    this.ages = queues.map((queue) => new QueueAge(this, queue.plan.name, { environment, queue, plan }));

    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    logGroup.grantWrite(role);
    allow(role, { actions: ['ssm:GetParameter', 'ssm:PutParameter'], resources: [parameter.parameterArn] });
    allow(role, {
      actions: ['cloudwatch:DescribeAlarms'],
      resources: [
        Stack.of(this).formatArn({
          service: 'cloudwatch',
          resource: 'alarm',
          resourceName: '*',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      wildcardsBecause: 'Describing asks for a list, which the service checks against all alarms of the account.',
    });
    this.handler = new lambda.Function(this, 'Handler', {
      description: `Decides whether ${environment} turns low-priority work away`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(projectPath('.build', 'lambda', 'back-pressure')),
      memorySize: 256,
      timeout: Duration.minutes(1),
      environment: {
        ENVIRONMENT: environment,
        PRESSURE_PARAMETER: parameter.parameterName,
        QUEUES: Stack.of(this).toJsonString(
          this.ages.map(({ queue, shed, admit }) => ({
            name: queue.plan.name,
            shedAlarm: shed.alarmName,
            admitAlarm: admit.alarmName,
          })),
        ),
        POWERTOOLS_SERVICE_NAME: 'back-pressure',
      },
      role,
      logGroup,
    });
    this.askWhenAlarmsChange(environment);
  }

  /** On every change of an alarm, and every five minutes besides, whatever event was lost. */
  private askWhenAlarmsChange(environment: string): void {
    const target = (): LambdaFunction =>
      new LambdaFunction(this.handler, { retryAttempts: 2, maxEventAge: Duration.minutes(5) });
    new events.Rule(this, 'Changes', {
      description: 'An alarm on the age of a queue has changed',
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        account: [Stack.of(this).account],
        // Listed by name, those of many queues would be longer than the 2,048 characters that a pattern may have.
        detail: { alarmName: events.Match.prefix(alarmPrefix(environment)) },
      },
      targets: [target()],
    });
    new events.Rule(this, 'Anyway', {
      description: 'Looks at the ages of the queues even if no event came',
      schedule: events.Schedule.rate(Duration.minutes(5)),
      targets: [target()],
    });
  }
}
