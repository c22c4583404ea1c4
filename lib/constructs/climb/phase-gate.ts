import { ArnFormat, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ClimbState } from '../../climb/gate-rules';
import type { Acceptance } from '../../facts/acceptance';
import { projectPath } from '../../facts/project-path';
import { allow } from '../../policies/allow';

export interface PhaseGateProps {
  readonly environment: string;
  readonly climb: ClimbState;
  /** Functions that have a database of their own: each has a record of its own of what moved. */
  readonly functions: readonly string[];
  /** The one climb that the user wants in spite of the rules, for example `3-2`. */
  readonly force?: string;
  /**
   * Removals that the team accepts. The gate does not judge by them: they are recorded with it, in the first stack of every
   * deployment, so that a synthesised folder and the account say what was accepted (docs/adr/0023-*).
   */
  readonly accepted: readonly Acceptance[];
  readonly logDays: number;
}

/** Longer than the function's own time, so that a function that never answers holds a deployment up no longer. */
const SERVICE_TIMEOUT = Duration.minutes(3);

/**
 * Refuses in the account what the rules of the climb refuse. CloudFormation hands it the state before and after; a
 * refusal fails the update of this stack, which is the first, before anything else is touched.
 */
export class PhaseGate extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, climb, functions, force, accepted, logDays }: PhaseGateProps,
  ) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const log = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    log.grantWrite(role);
    this.allowReading(role, environment);

    const code = projectPath('.build', 'lambda', 'phase-gate');
    const handler = new lambda.Function(this, 'Handler', {
      description: `Refuses what is not safe for the data of ${environment}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(code),
      memorySize: 256,
      timeout: Duration.minutes(1),
      role,
      logGroup: log,
    });
    new CustomResource(this, 'Climb', {
      resourceType: 'Custom::PhaseGate',
      serviceToken: handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        Environment: environment,
        Phase: String(climb.phase),
        ...(climb.from !== undefined && { From: String(climb.from) }),
        ...(functions.length > 0 && { Functions: functions }),
        ...(force !== undefined && { Force: force }),
        ...(accepted.length > 0 && { Accepted: accepted }),
      },
    });
  }

  private allowReading(role: iam.Role, environment: string): void {
    const stack = Stack.of(this);
    const parameter = (name: string): string =>
      stack.formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: `beamstalk/${environment}/${name}`,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      });
    allow(role, {
      actions: ['ssm:GetParametersByPath'],
      resources: [parameter('climb/verified'), parameter('climb/verified/*')],
      wildcardsBecause: 'One record for each climb, of which later phases bring more.',
    });
    allow(role, {
      actions: ['ssm:GetParameters'],
      resources: ['database', 'database/*'].flatMap((topic) => [
        parameter(`${topic}/endpoint`),
        parameter(`${topic}/source`),
      ]),
      wildcardsBecause:
        'Where the data of each function are: functions come and go, also with the step that is judged.',
    });
    allow(role, {
      actions: ['ssm:GetParameterHistory'],
      resources: [
        parameter('climb/verified/*'),
        ...['database', 'database/*'].map((topic) => parameter(`${topic}/source`)),
      ],
      wildcardsBecause:
        'Who wrote the record of each function, and what its nodes were told: both have to be one, as the mover is.',
    });
    allow(role, { actions: ['ssm:GetParameter', 'ssm:PutParameter'], resources: [parameter('climb/state')] });
    allow(role, {
      actions: ['ssm:PutParameter'],
      resources: [parameter('climb/forced/*')],
      wildcardsBecause: 'Each forced step leaves a trace under a name of its own, so that none overwrites another.',
    });
    // The network's stack says whether the environment stands, and since when.
    const network = stack.formatArn({
      service: 'cloudformation',
      resource: 'stack',
      resourceName: `${environment}-network/*`,
    });
    allow(role, {
      actions: ['cloudformation:DescribeStacks'],
      resources: [stack.stackId, network],
      wildcardsBecause: 'The id of a stack ends in a part that CloudFormation chooses.',
    });
  }
}
