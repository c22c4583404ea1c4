import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ParameterReads, Topic } from '../../node/parameter-reads';
import { allow } from '../../policies/allow';

export interface PublishedParametersProps {
  readonly environment: string;
  /** Common part of the names, for example `database`. */
  readonly topic: string;
  /** Name below the topic -> value. */
  readonly values: Readonly<Record<string, string>>;
  /** True to keep them when the template drops them, for readers while an update is rolled back. */
  readonly keep?: boolean;
}

/**
 * Parameters for nodes, under `/beamstalk/<environment>/<topic>/<name>`. Nodes read it at boot, so that an
 * endpoint may change without a change of any node's user data.
 */
export class PublishedParameters extends Construct {
  constructor(scope: Construct, id: string, { environment, topic, values, keep = false }: PublishedParametersProps) {
    super(scope, id);
    for (const [name, value] of Object.entries(values)) {
      const parameter = new ssm.StringParameter(this, name, {
        parameterName: `/beamstalk/${environment}/${topic}/${name}`,
        stringValue: value,
      });
      // Its name is fixed: kept from a creation that failed, it would stand in the way of the next.
      if (keep) parameter.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
  }
}

/**
 * Lets a node read the topics that its steps read, and no others. Who may read a path may read all levels below it, so
 * that nobody is granted what the topics have in common.
 *
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-retrieval-authorization.html (2026-11-29)
 */
export function letReadParameters(role: iam.Role, environment: string, reads: ParameterReads): void {
  const { closed, open, asked, followed } = reads;
  const because = 'A node reads what its environment published on a topic, and later phases publish more.';
  // Of its own, below the role so that whoever waits for the role waits for it: the policies inside a role may have
  // 10,240 characters in all, and what does not fit would move between them whenever something is added.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  const policy = new iam.ManagedPolicy(role, 'Parameters', { roles: [role] });
  const grant = (action: string, resources: readonly string[]): void => {
    if (resources.length > 0) allow(policy, { actions: [action], resources, wildcardsBecause: because });
  };
  const arnOf = (topic: Topic): string =>
    Stack.of(role).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: `beamstalk/${environment}/${topic}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  const within = (topic: Topic): string => `${arnOf(topic)}/*`;
  grant('ssm:GetParameters', [...closed, ...followed].map(within));
  grant(
    'ssm:GetParametersByPath',
    open.flatMap((topic) => [arnOf(topic), within(topic)]),
  );
  grant('ssm:GetParameter', asked.map(within));
}
