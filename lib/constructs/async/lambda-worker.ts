import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { WorkersPlan } from '../../architecture/asynchronous';
import { projectPath } from '../../facts/project-path';
import { allow } from '../../policies/allow';
import { lambdaSeconds, type WorkQueue } from './work-queue';

/** The most that SQS hands over at once. The jobs of a batch run side by side, all within the time of one. */
const BATCH = 10;

export interface LambdaWorkerProps {
  readonly environment: string;
  readonly plan: WorkersPlan;
  readonly queue: WorkQueue;
  /** Remembers which jobs were done. */
  readonly done: dynamodb.ITableV2;
  readonly logDays: number;
}

/** A function that works on the short jobs of one queue. A job that fails is tried again; the others of its batch are not. */
export class LambdaWorker extends Construct {
  readonly handler: lambda.Function;

  constructor(scope: Construct, id: string, { environment, plan, queue, done, logDays }: LambdaWorkerProps) {
    super(scope, id);
    const { name, jobSeconds, fifo } = queue.plan;
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    logGroup.grantWrite(role);
    allow(role, {
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      resources: [done.tableArn],
    });
    this.allowMail(role, plan.mailIdentities);
    this.handler = new lambda.Function(this, 'Handler', {
      description: `Works on the queue ${name} of ${environment}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(projectPath('.build', 'lambda', 'job-worker')),
      memorySize: plan.lambdaMemoryMiB,
      timeout: Duration.seconds(lambdaSeconds(jobSeconds)),
      environment: {
        ENVIRONMENT: environment,
        QUEUE: name,
        IDEMPOTENCY_TABLE: done.tableName,
        POWERTOOLS_SERVICE_NAME: `${name}-worker`,
      },
      role,
      logGroup,
    });
    this.handler.addEventSource(
      new SqsEventSource(queue.queue, {
        // A FIFO batch is worked on in order, so one job at a time has the whole time.
        batchSize: fifo ? 1 : BATCH,
        reportBatchItemFailures: true,
        // Here rather than reserved: SQS then hands over no more than there is room for, where throttled calls would
        // count as failed tries; and a young account has too little concurrency to reserve any.
        // Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html (2026-11-21)
        maxConcurrency: plan.lambdaConcurrency,
      }),
    );
  }

  /** For jobs of the kind mail.send: as whom they send is configured, and verified in SES by hand. */
  private allowMail(role: iam.Role, identities: readonly string[]): void {
    if (identities.length === 0) return;
    const arn = (resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({ service: 'ses', resource, resourceName });
    allow(role, {
      actions: ['ses:SendEmail'],
      resources: [...identities.map((identity) => arn('identity', identity)), arn('configuration-set', '*')],
      wildcardsBecause: 'A job names the configuration set that counts its mail; the senders are named.',
    });
  }
}
