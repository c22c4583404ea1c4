import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';
import { allow } from '../../policies/allow';
import { PublishedParameters } from '../parameters/published-parameters';
import type { CredentialsFunction } from './credentials-function';

export interface ApplicationLoginProps {
  readonly environment: string;
  /** Below which the secret is published: `database`, `database/<function>`, `shards`. */
  readonly topic: string;
  /** True when nodes are told of it. */
  readonly published?: boolean;
  /** Database to log in to; its secret is that of the administrator. */
  readonly database: ec2.IConnectable & { readonly secretArn: string };
  readonly maker: CredentialsFunction;
  /** Host and database of the application, when the administrator's secret names another database. */
  readonly target?: { readonly host: string; readonly database: string };
  /** Days after which the password changes; with none it stays. */
  readonly passwordDays?: number | undefined;
}

/** The first of the two users; the other and their owner are called after it (lambda/database-credentials). */
const USER = 'app';

/** Longer than the function's own time, so that a function that never answers holds a deployment up no longer. */
const SERVICE_TIMEOUT = Duration.minutes(12);

/**
 * Login of a release to a database: a secret of its own, with a role that owns the application's tables and nothing
 * else. The role is there before this is (a custom resource makes it), so that who depends on it can log in.
 */
export class ApplicationLogin extends Construct {
  /** ARN of the secret with the name and password of the user for nodes that boot now. */
  readonly secretArn: string;
  /** As in the props. */
  readonly topic: string;

  constructor(scope: Construct, id: string, props: ApplicationLoginProps) {
    super(scope, id);
    const { environment, topic, database, maker, target, passwordDays, published = true } = props;
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: `How releases of ${environment} log in (${topic})`,
      // A change of anything in here makes CloudFormation write another password, which no database knows.
      generateSecretString: {
        secretStringTemplate: Stack.of(this).toJsonString({
          username: USER,
          masterarn: database.secretArn,
          ...(target && { host: target.host, dbname: target.database }),
        }),
        generateStringKey: 'password',
        passwordLength: 32,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.secretArn = secret.secretArn;
    this.topic = topic;

    maker.connections.allowToDefaultPort(database, `Makes and rotates the roles of ${topic}`);
    allow(maker.role, { actions: ['secretsmanager:GetSecretValue'], resources: [database.secretArn, this.secretArn] });
    const roles = new CustomResource(this, 'Roles', {
      resourceType: 'Custom::DatabaseRoles',
      serviceToken: maker.handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: { Secret: this.secretArn },
    });
    // The way in and the permissions, too.
    roles.node.addDependency(maker, database, ...database.connections.securityGroups);
    if (passwordDays === undefined) {
      acknowledge(secret, 'AwsSolutions-SMG4', 'The environment says database.passwordDays: 0.');
    } else {
      this.rotate(secret, roles, maker, passwordDays);
    }
    if (published) {
      new PublishedParameters(this, 'Published', {
        environment,
        topic,
        values: { 'application-secret': this.secretArn },
      }).node.addDependency(roles);
    }
  }

  private rotate(
    secret: secretsmanager.Secret,
    roles: CustomResource,
    { handler, role }: CredentialsFunction,
    days: number,
  ): void {
    allow(role, {
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: [secret.secretArn],
    });
    handler.addPermission(`Rotates${this.node.addr}`, {
      principal: new iam.ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceArn: secret.secretArn,
    });
    const schedule = new secretsmanager.CfnRotationSchedule(this, 'Rotation', {
      secretId: secret.secretArn,
      rotationLambdaArn: handler.functionArn,
      rotationRules: { scheduleExpression: `rate(${days} days)`, duration: '4h' },
      // Then it only tests whether it could: the first user is as new as the database.
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(roles, handler);
  }
}
