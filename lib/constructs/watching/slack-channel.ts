import * as chatbot from 'aws-cdk-lib/aws-chatbot';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allow } from '../../policies/allow';

export interface SlackChannelProps {
  readonly environment: string;
  /** Id of a workspace that was connected to Amazon Q Developer in chat applications by hand, once. */
  readonly workspaceId: string;
  readonly channelId: string;
  readonly topics: readonly sns.ITopic[];
}

/** Shows alerts in a Slack channel, with the graph of the alarm. What can be asked from there only reads metrics. */
export class SlackChannel extends Construct {
  constructor(scope: Construct, id: string, { environment, workspaceId, channelId, topics }: SlackChannelProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('chatbot.amazonaws.com'),
      description: `What the Slack channel for alerts of ${environment} may do`,
    });
    allow(role, {
      actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData', 'cloudwatch:GetMetricWidgetImage'],
      resources: ['*'],
      wildcardsBecause: 'Metrics and the pictures of them know no resource-level permissions; they hold no user data.',
    });
    new chatbot.SlackChannelConfiguration(this, 'Channel', {
      slackChannelConfigurationName: `${environment}-alerts`,
      slackWorkspaceId: workspaceId,
      slackChannelId: channelId,
      notificationTopics: [...topics],
      role,
      // Left out, the guardrail is AdministratorAccess: whoever writes in the channel could do what a role lets them.
      guardrailPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('CloudWatchReadOnlyAccess')],
      loggingLevel: chatbot.LoggingLevel.ERROR,
    });
  }
}
