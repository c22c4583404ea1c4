import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { projectPath } from '../../facts/project-path';
import { allow } from '../../policies/allow';
import { Watch } from '../watching/watch';
import type { Deployments } from './deployments';

export interface DeploymentHoldProps {
  readonly environment: string;
  readonly deployments: Deployments;
  readonly logDays: number;
}

/**
 * Keeps Auto Scaling from taking nodes away while they are deployed to, and sees to it that it goes on afterwards: on every
 * event of a deployment, and every five minutes besides. CodeDeploy sends its events "best effort", and neither a build
 * nor a pipeline is relied on, which can be stopped or die.
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codedeploy.html (2026-11-29)
 */
export class DeploymentHold extends Construct {
  readonly watch: Watch;

  constructor(scope: Construct, id: string, { environment, deployments, logDays }: DeploymentHoldProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { applicationName, groups } = deployments;
    const record = (fleet: string): string => `/beamstalk/${environment}/held/${fleet}`;

    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    logGroup.grantWrite(role);
    allow(role, {
      actions: ['codedeploy:ListDeployments'],
      resources: groups.map(({ name }) =>
        stack.formatArn({
          service: 'codedeploy',
          resource: 'deploymentgroup',
          resourceName: `${applicationName}/${name}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    });
    allow(role, {
      actions: ['autoscaling:DescribeAutoScalingGroups'],
      resources: ['*'],
      wildcardsBecause: 'Describing knows no resource-level permissions.',
    });
    allow(role, {
      actions: ['autoscaling:SuspendProcesses', 'autoscaling:ResumeProcesses'],
      resources: groups.map(({ fleet }) => fleet.fleet.group.autoScalingGroupArn),
      wildcardsBecause: 'The ARN of a group holds an id that only the service knows; the name in it is the one.',
    });
    allow(role, {
      actions: ['ssm:GetParameter', 'ssm:PutParameter', 'ssm:DeleteParameter'],
      resources: groups.map(({ fleet }) =>
        stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: record(fleet.tag).slice(1) }),
      ),
    });
    const handler = new lambda.Function(this, 'Handler', {
      description: `Holds the fleets of ${environment} while they are deployed to`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(projectPath('.build', 'lambda', 'deployment-hold')),
      memorySize: 256,
      timeout: Duration.minutes(1),
      environment: {
        APPLICATION: applicationName,
        FLEETS: stack.toJsonString(
          groups.map(({ fleet, name }) => ({
            deploymentGroup: name,
            autoScalingGroup: fleet.fleet.group.autoScalingGroupName,
            record: record(fleet.tag),
          })),
        ),
        POWERTOOLS_SERVICE_NAME: 'deployment-hold',
      },
      role,
      logGroup,
    });
    const target = (): LambdaFunction =>
      new LambdaFunction(handler, { retryAttempts: 2, maxEventAge: Duration.minutes(5) });
    new events.Rule(this, 'Changes', {
      description: 'A deployment has begun or ended, however it ended',
      eventPattern: {
        source: ['aws.codedeploy'],
        detailType: ['CodeDeploy Deployment State-change Notification'],
        detail: { application: [applicationName] },
      },
      targets: [target()],
    });
    new events.Rule(this, 'Anyway', {
      description: 'Looks at the deployments even if no event came',
      schedule: events.Schedule.rate(Duration.minutes(5)),
      targets: [target()],
    });

    const failures = handler.metricErrors({ statistic: 'Sum', period: Duration.minutes(5) });
    this.watch = new Watch(this, 'Watch', {
      environment,
      subject: 'deployments',
      tier: 'app',
      alarms: [
        {
          name: 'not-held',
          title: 'Scaling of a fleet cannot be suspended or resumed for a deployment.',
          weight: 'cause',
          metric: failures,
          when: { above: 0 },
          points: [3, 3],
          silence: 'well',
        },
      ],
      graphs: [{ title: 'fleets that could not be held or let go for a deployment', left: [failures] }],
    });
  }
}
