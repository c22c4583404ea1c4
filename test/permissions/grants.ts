import type { Templates } from '../../lib/template/template';
import { isTree, type Tree } from '../../lib/template/values';
import type { Account } from './physical';

/** One statement that a role holds, with all references resolved. */
export interface Grant {
  /** Where it stands: `<stack>/<logical id>` of the policy or role, and which of its statements. */
  readonly where: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
}

/** `StringEquals`, `aws:ResourceTag/x`, values. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** A role of an environment, what it may do, and who may take it. */
export interface Role {
  readonly stack: string;
  readonly id: string;
  /** Services that may take the role. */
  readonly trusted: readonly string[];
  /** ARNs of the policies of AWS that it holds. */
  readonly managed: readonly string[];
  readonly grants: readonly Grant[];
}

/** Every role in the templates of one environment. */
export function rolesOf(templates: Templates, account: Account): readonly Role[] {
  const roles = new Map<string, Role & { managed: string[]; grants: Grant[] }>();
  for (const [stack, template] of Object.entries(templates)) {
    for (const [id, { Type, Properties = {} }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::IAM::Role') continue;
      const grants = list(Properties['Policies']).flatMap((policy) =>
        grantsIn(isTree(policy) ? policy['PolicyDocument'] : undefined, `${stack}/${id}`, stack, account),
      );
      roles.set(`${stack}-${id}-1A2B3C4D5E6F`, {
        stack,
        id,
        trusted: trustedBy(Properties['AssumeRolePolicyDocument']),
        managed: list(Properties['ManagedPolicyArns']).map((arn) => account.text(stack, arn)),
        grants,
      });
    }
  }
  for (const [stack, template] of Object.entries(templates)) {
    for (const [id, { Type, Properties = {} }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::IAM::Policy' && Type !== 'AWS::IAM::ManagedPolicy') continue;
      for (const holder of list(Properties['Roles'])) {
        const role = roles.get(account.text(stack, holder));
        if (role === undefined) throw new Error(`${stack}/${id}: no role ${JSON.stringify(holder)}`);
        role.grants.push(...grantsIn(Properties['PolicyDocument'], `${stack}/${id}`, stack, account));
      }
    }
  }
  return [...roles.values()];
}

/** The statements of a policy document. */
export function grantsIn(document: unknown, where: string, stack: string, account: Account): Grant[] {
  const statements = isTree(document) ? list(document['Statement']) : [];
  return statements.filter(isTree).map((statement, at) => ({
    where: `${where} statement ${at + 1}`,
    effect: statement['Effect'] === 'Deny' ? 'Deny' : 'Allow',
    actions: list(statement['Action']).map(String),
    resources: list(statement['Resource']).map((resource) => account.text(stack, resource)),
    conditions: conditionsIn(statement['Condition'], stack, account),
  }));
}

function conditionsIn(value: unknown, stack: string, account: Account): Condition[] {
  if (!isTree(value)) return [];
  return Object.entries(value).flatMap(([operator, keys]) =>
    Object.entries(isTree(keys) ? keys : {}).map(([key, values]) => ({
      operator,
      key,
      values: list(values).map((one) => account.text(stack, one)),
    })),
  );
}

function trustedBy(document: unknown): string[] {
  const statements = isTree(document) ? list(document['Statement']) : [];
  return statements.filter(isTree).flatMap(({ Principal }) => {
    const services = isTree(Principal) ? list((Principal as Tree)['Service']) : [];
    return services.map(String);
  });
}

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
