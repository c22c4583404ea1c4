import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { acknowledge } from './acknowledge';

export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Record<string, unknown>;
  /** Why no narrower resource or action will do; needed for each statement with a wildcard. */
  readonly wildcardsBecause?: string;
}

/** Gives a role, or a policy, one permission, and accepts just the wildcards of this statement, with their reason. */
export function allow(role: iam.Role | iam.ManagedPolicy, permission: Permission): void {
  const { actions, resources, conditions, wildcardsBecause } = permission;
  const statement = new iam.PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions && { conditions }),
  });
  if (role instanceof iam.ManagedPolicy) role.addStatements(statement);
  else role.addToPolicy(statement);
  if (wildcardsBecause === undefined) return;
  const accept = (finding: string): void => acknowledge(role, `AwsSolutions-IAM5[${finding}]`, wildcardsBecause);
  for (const action of actions.filter((name) => name.includes('*'))) accept(`Action::${action}`);
  // A finding names the ARN as the template has it. References to other stacks only take that form while the tree is
  // validated, which is the last moment before the findings are made.
  role.node.addValidation({
    validate: () => {
      const arns = resources.map((arn) => flatten(Stack.of(role).resolve(arn)));
      for (const arn of arns.filter((text) => text.includes('*'))) accept(`Resource::${arn}`);
      return [];
    },
  });
}

/** An ARN with its references as the findings write them: `<LogicalId.Attribute>`. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = value as Intrinsic;
  if (Ref !== undefined) return `<${Ref}>`;
  if (join !== undefined) return join[1].map(flatten).join(join[0]);
  if (attribute !== undefined) return `<${attribute.join('.')}>`;
  if (text !== undefined) return text.replace(/\$\{([^}]+)\}/g, '<$1>');
  return JSON.stringify(value);
}

interface Intrinsic {
  readonly Ref?: string;
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  readonly 'Fn::GetAtt'?: readonly string[];
  readonly 'Fn::Sub'?: string;
}
