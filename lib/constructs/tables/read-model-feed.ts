import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AttributePlan, ReadModelPlan, TablePlan } from '../../architecture/extreme';
import { projectPath } from '../../facts/project-path';
import { acknowledge } from '../../policies/acknowledge';
import { allow } from '../../policies/allow';

export interface ReadModelFeedProps {
  readonly source: { readonly plan: TablePlan; readonly table: dynamodb.ITableV2 };
  readonly models: readonly { readonly plan: ReadModelPlan; readonly table: dynamodb.ITableV2 }[];
  readonly logDays: number;
}

/**
 * A stream keeps a change for 24 hours; what fails must be given up well before the changes behind it are lost. Until then
 * it is tried again: what would never succeed does not come so far, because the function gives it up by itself.
 */
const MAX_AGE = Duration.hours(6);
const FOR_EVER = -1;
/** A model that is further behind is stale for its readers. Assumed. */
const BEHIND = Duration.minutes(5);

/**
 * Feeds the read models of one table from its stream. One function for all of them, because a stream carries two
 * readers at most. Changes of one item arrive in order; a batch that fails is halved until the one bad change is alone.
 * Changes that are given up end in a queue: by the function with its key, by Lambda with where in the stream it was.
 */
export class ReadModelFeed extends Construct {
  /** Alarms on it; the description of each says what to do. */
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, { source, models, logDays }: ReadModelFeedProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const log = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    log.grantWrite(role);
    allow(role, {
      actions: ['dynamodb:PutItem'],
      resources: models.map(({ table }) => table.tableArn),
    });
    // Of two items that changes leave in one row, the source says which belongs there.
    allow(role, { actions: ['dynamodb:GetItem'], resources: [source.table.tableArn] });

    const failed = new sqs.Queue(this, 'Failed', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // Its messages say which changes a model lacks.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(failed, 'AwsSolutions-SQS3', 'It is where changes end that could not be applied.');

    const handler = new lambda.Function(this, 'Handler', {
      description: `Feeds the read models of ${source.plan.name} from its stream`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(projectPath('.build', 'lambda', 'read-model')),
      memorySize: 512,
      timeout: Duration.minutes(1),
      role,
      logGroup: log,
      // With their names at most 4 KB: data.readModels has a check (lib/config/sharding-checks.ts).
      environment: { FEED: feedOf(source, models), FAILURES: failed.queueUrl },
    });
    handler.addEventSource(
      new DynamoEventSource(source.table, {
        startingPosition: lambda.StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        maxBatchingWindow: Duration.seconds(1),
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        retryAttempts: FOR_EVER,
        maxRecordAge: MAX_AGE,
        // Items of one partition key stay in order.
        parallelizationFactor: 2,
        // With it the role may send to the queue, which the function does for what can never be applied.
        onFailure: new SqsDlq(failed),
      }),
    );
    // The constructs library grants this on the stream, where AWS does not know it.
    allow(role, {
      actions: ['dynamodb:ListStreams'],
      resources: ['*'],
      wildcardsBecause: 'Listing streams knows no resource-level permissions.',
    });

    const behind = new cloudwatch.Alarm(this, 'Behind', {
      alarmDescription: `The read models of ${source.plan.name} are more than ${BEHIND.toMinutes()} minutes behind it. Are its changes more than the function takes, or does one fail again and again (see its log)?`,
      metric: handler.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(1) }),
      threshold: BEHIND.toMilliseconds(),
      ...ABOVE,
      evaluationPeriods: 5,
    });
    const lost = new cloudwatch.Alarm(this, 'Lost', {
      alarmDescription: `Changes of ${source.plan.name} were given up: its read models lack them. Messages with a key: of which item and why; repair the cause, then change that item once more. Messages without: where in the stream they were. What they took away is still in the models, and writing the item again does not remove it: lambda/read-model/README.md says how.`,
      metric: failed.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: Duration.minutes(1) }),
      threshold: 0,
      ...ABOVE,
      evaluationPeriods: 1,
    });
    this.alarms = [behind, lost];
  }
}

/** Settings of the function: `Feed` of lambda/read-model/model.ts. */
function feedOf(source: ReadModelFeedProps['source'], models: ReadModelFeedProps['models']): string {
  return JSON.stringify({
    source: source.table.tableName,
    models: models.map(({ plan, table }) => ({
      table: table.tableName,
      partitionKey: written(plan.partitionKey),
      ...(plan.sortKey && { sortKey: written(plan.sortKey) }),
    })),
  });
}

function written({ name, type }: AttributePlan): string {
  return `${name}:${type}`;
}

const ABOVE = {
  comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
  // A stream at rest reports nothing, and nothing is behind it.
  treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
} as const;
