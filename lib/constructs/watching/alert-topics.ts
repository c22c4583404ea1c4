import { RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { AlertsPlan } from '../../architecture/automation';

export interface AlertTopicsProps {
  readonly environment: string;
  readonly plan: AlertsPlan;
}

/**
 * Topics of alarms, by how much it matters: `page` wakes somebody up, `notify` waits until somebody looks. Both are
 * encrypted with a key of their own, because the services that publish here may not use the key that AWS manages for SNS.
 */
export class AlertTopics extends Construct {
  readonly page: sns.Topic;
  readonly notify: sns.Topic;

  constructor(scope: Construct, id: string, { environment, plan }: AlertTopicsProps) {
    super(scope, id);
    const key = new kms.Key(this, 'Key', {
      description: `Alerts of ${environment} on their way`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    letPublishersEncrypt(key);
    this.page = this.topic('Page', key);
    this.notify = this.topic('Notify', key);

    for (const address of plan.emails) {
      for (const topic of [this.page, this.notify]) {
        topic.addSubscription(new subscriptions.EmailSubscription(address));
      }
    }
    const { pagerDutySecretArn } = plan;
    if (pagerDutySecretArn !== undefined) {
      new sns.Subscription(this, 'PagerDuty', {
        topic: this.page,
        protocol: sns.SubscriptionProtocol.HTTPS,
        // Whoever knows the URL can call the people on duty: it is in no template, only in the secret.
        endpoint: SecretValue.secretsManager(inRegion(pagerDutySecretArn, Stack.of(this).region)).unsafeUnwrap(),
      });
    }
  }

  private topic(id: string, masterKey: kms.IKey): sns.Topic {
    const topic = new sns.Topic(this, id, { masterKey, enforceSSL: true });
    const { account } = Stack.of(this);
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsAndBudgets',
        principals: PUBLISHERS_WITH_ACCOUNT.map((service) => new iam.ServicePrincipal(service)),
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    return topic;
  }
}

/** Services that say on whose behalf they publish. */
const PUBLISHERS_WITH_ACCOUNT = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'];

/**
 * An alarm that may publish to a topic but not use its key is silent, without any error.
 *
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html (2026-11-21), which also says that
 * EventBridge does not name the source account when it uses a key.
 */
function letPublishersEncrypt(key: kms.Key): void {
  const statement = { actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] };
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      ...statement,
      principals: PUBLISHERS_WITH_ACCOUNT.map((service) => new iam.ServicePrincipal(service)),
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(key).account } },
    }),
  );
  key.addToResourcePolicy(
    new iam.PolicyStatement({ ...statement, principals: [new iam.ServicePrincipal('events.amazonaws.com')] }),
  );
}

/** A replica of a secret has the ARN of the first but for the region; CloudFormation reads those of its own region. */
function inRegion(secretArn: string, region: string): string {
  const parts = secretArn.split(':');
  return [...parts.slice(0, 3), region, ...parts.slice(4)].join(':');
}
