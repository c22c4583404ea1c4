import * as budgets from 'aws-cdk-lib/aws-budgets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface SpendingProps {
  readonly environment: string;
  /** US dollars a month. */
  readonly limit: number;
  readonly topic: sns.ITopic;
}

/** Per cent of the budget from which somebody is told: what was spent, and what the month is forecast to come to. */
const NOTICES = [
  { type: 'ACTUAL', percent: 80 },
  { type: 'ACTUAL', percent: 100 },
  { type: 'FORECASTED', percent: 100 },
] as const;

/**
 * A budget over the whole account. Over the tag of the environment alone it would see nothing, and call nobody, until
 * somebody has activated the tag for billing, which CloudFormation cannot (docs/keeping.md).
 */
export class Spending extends Construct {
  constructor(scope: Construct, id: string, { environment, limit, topic }: SpendingProps) {
    super(scope, id);
    new budgets.CfnBudget(this, 'Budget', {
      budget: {
        // Only another name replaces it.
        budgetName: `${environment}-beamstalk`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: limit, unit: 'USD' },
      },
      notificationsWithSubscribers: NOTICES.map(({ type, percent }) => ({
        notification: {
          notificationType: type,
          comparisonOperator: 'GREATER_THAN',
          threshold: percent,
          thresholdType: 'PERCENTAGE',
        },
        subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
      })),
    });
  }
}
