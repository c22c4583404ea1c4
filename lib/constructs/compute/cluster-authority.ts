import { type CfnElement, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ClusterPlan } from '../../architecture/cluster';
import { regionalName } from '../../facts/endpoints';
import { projectPath } from '../../facts/project-path';
import { allow } from '../../policies/allow';
import { PublishedParameters } from '../parameters/published-parameters';
import { ClusterWatch } from './cluster-watch';
import type { NodeFleet } from './node-fleet';

/** Fleets whose nodes have peers; the tags of their instances end in these. */
const CERTIFIED_ROLES = ['app', 'worker'] as const;

export interface ClusterAuthorityProps {
  readonly environment: string;
  readonly plan: ClusterPlan;
  readonly logDays: number;
}

/**
 * Authority that vouches for the nodes of an environment towards each other (docs/adr/0040-*): a key that never leaves KMS, and
 * the one function that may sign with it (lambda/cluster-certificate), for nodes of these fleets by their own address.
 */
export class ClusterAuthority extends Construct {
  readonly watch: ClusterWatch;
  private readonly handler: lambda.Function;
  private readonly fleets: NodeFleet[] = [];

  constructor(scope: Construct, id: string, { environment, plan, logDays }: ClusterAuthorityProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const key = new kms.Key(this, 'SigningKey', {
      description: `Signs the certificates of nodes of ${environment}`,
      // Signs without chance, so that the authority's certificate follows from the key and is kept nowhere (docs/adr/0040-*).
      keySpec: kms.KeySpec.RSA_3072,
      keyUsage: kms.KeyUsage.SIGN_VERIFY,
      // Nodes with certificates of another authority are strangers to each other.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    logGroup.grantWrite(role);
    allow(role, { actions: ['kms:GetPublicKey', 'kms:Sign'], resources: [key.keyArn] });
    allow(role, {
      actions: ['ec2:DescribeInstances'],
      resources: ['*'],
      wildcardsBecause: 'It asks for the address of a node; describing knows no resource-level permissions.',
    });
    this.handler = new lambda.Function(this, 'Handler', {
      description: `Certifies the nodes of ${environment}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(projectPath('.build', 'lambda', 'cluster-certificate')),
      memorySize: 256,
      timeout: Duration.seconds(30),
      environment: {
        ACCOUNT: stack.account,
        ENVIRONMENT: environment,
        IDENTITY_HOST: regionalName('sts', stack.region),
        KEY_ID: key.keyId,
        FLEETS: CERTIFIED_ROLES.map((role) => `${environment}-${role}`).join(' '),
        ROLES: Lazy.string({ produce: () => this.fleets.map(roleOf).join(' ') }),
        DAYS: String(plan.certificateDays),
      },
      role,
      logGroup,
    });
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'cluster',
      values: { function: this.handler.functionName },
    });
    this.watch = new ClusterWatch(this, 'Watch', {
      environment,
      refused: this.handler.metricErrors({ statistic: 'Sum', period: Duration.minutes(5) }),
    });
  }

  /** Lets the nodes of a fleet ask for certificates. */
  letRequest(fleet: NodeFleet): void {
    this.fleets.push(fleet);
    allow(fleet.role, { actions: ['lambda:InvokeFunction'], resources: [this.handler.functionArn] });
  }
}

/**
 * `<stack>/<logical id>` of the role of a fleet, by which the function knows it: the names that CloudFormation makes begin so, and a
 * reference would close a circle with a fleet of a later stack.
 */
function roleOf({ role }: NodeFleet): string {
  const stack = Stack.of(role);
  return `${stack.stackName}/${String(stack.resolve((role.node.defaultChild as CfnElement).logicalId))}`;
}
