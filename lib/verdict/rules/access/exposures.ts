import { forbidsAsMuch } from '../../../template/conditions';
import { managedPolicies } from '../../../template/managed-policies';
import { permissionChanges } from '../../../template/permissions';
import { type PolicyStatement, policyStatements } from '../../../template/policy-statements';
import { idsIn } from '../../../template/render-value';
import type { Template, Templates } from '../../../template/template';
import { describe, legible } from '../../../template/text';
import { beyond } from '../../../template/values';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';
import { networkExposures } from './network-exposures';
import { locks } from './policy-lockout';
import { includesAction, isMaster, isWorld, MASTER_POLICY, otherAccounts } from './privileges';

export const EXPOSURES: Check = {
  rules: [
    {
      id: 'open-to-world',
      severity: 'refused',
      summary: 'Something is opened to everybody: a statement, a security group, a subnet, a function URL.',
      why: 'Anyone on the internet, or in any AWS account, may use it.',
    },
    {
      id: 'broad-permission',
      severity: 'refused',
      summary: 'A statement or managed policy allows privilege escalation or data destruction on all resources.',
      why: 'Whoever takes over the holder takes over the account or its data.',
      source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege',
    },
    {
      id: 'another-account',
      severity: 'refused',
      summary: 'A statement allows a principal of another account.',
      why: 'That account decides who uses the permission.',
    },
    {
      id: 'deny-removed',
      severity: 'refused',
      summary: 'A statement that denies is removed while what it protects stays.',
      why: 'What was forbidden becomes possible for whoever is allowed by another statement.',
    },
    {
      id: 'locked-out',
      severity: 'refused',
      summary: 'A policy shuts out those who need the data or the key it protects.',
      why: 'Data that nobody may decrypt or reach are lost in effect.',
      source: 'https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html',
    },
    {
      id: 'unknown-security-group',
      severity: 'refused',
      summary: 'A data store is put behind a security group that is not in the templates.',
      why: 'The templates do not say whom that group lets in.',
    },
  ],
  find: ({ before, after }) => exposures(before, after),
};

const NOTHING: Template = { Resources: {} };

/** Permissions and network ways that no phase or setting opens and nobody should by accident, and policies that lock everybody out. */
export function exposures(before: Templates, after: Templates): Finding[] {
  const permissions = Object.entries(after).flatMap(([stack, is]) => {
    const was = before[stack] ?? NOTHING;
    return was === is ? [] : inStack(stack, was, is);
  });
  return [...permissions, ...networkExposures(before, after)];
}

function inStack(stack: string, before: Template, after: Template): Finding[] {
  const { added, removed } = permissionChanges(before, after);
  const refuse = (rule: string, message: string, remedy: string): Finding => ({
    severity: 'refused',
    rule,
    stack,
    message,
    remedy,
  });
  const allowed = added.filter(({ effect }) => effect === 'Allow');
  const prohibitions = policyStatements(after).filter(({ effect }) => effect === 'Deny');
  return [
    ...allowed
      .filter(isWorld)
      .map((one) => refuse('open-to-world', `open to everybody: ${describe(one)}`, 'name who may')),
    ...allowed
      .filter(isMaster)
      .map((one) =>
        refuse(
          'broad-permission',
          `allows privilege escalation or destruction of data on all resources: ${describe(one)}`,
          'name what it may do, and to what',
        ),
      ),
    ...allowed
      .filter((one) => otherAccounts(one).length > 0)
      .map((one) =>
        refuse(
          'another-account',
          `open to another account (${otherAccounts(one).join(', ')}): ${describe(one)}`,
          'name who may in this account; what others need is handed to them, not left open',
        ),
      ),
    ...beyond(managedPolicies(after), managedPolicies(before), String)
      .filter(([, policy]) => MASTER_POLICY.test(policy))
      .map(([holder, policy]) =>
        refuse(
          'broad-permission',
          `full control of the account: ${legible(holder)} has ${policy.split('/').at(-1)}`,
          'name what it may do',
        ),
      ),
    ...removed
      .filter((one) => isDropped(one, prohibitions, after))
      .map((one) => refuse('deny-removed', `no longer forbidden: ${describe(one)}`, 'keep it')),
    ...locks(before, after, { added, removed }).map((one) => refuse(one.rule, one.message, one.remedy)),
    ...openFunctions(before, after).map((id) =>
      refuse('open-to-world', `open to everybody: the URL of a function, ${id}`, 'AuthType AWS_IAM'),
    ),
  ];
}

/** A prohibition that goes while what it protected stays, without one that forbids as much in its place. */
function isDropped(statement: PolicyStatement, prohibitions: readonly PolicyStatement[], after: Template): boolean {
  if (statement.effect !== 'Deny') return false;
  const stays = (texts: readonly string[]) => {
    const ids = texts.flatMap(idsIn);
    return ids.length === 0 ? undefined : ids.some((id) => after.Resources[id] !== undefined);
  };
  // A target without a logical id, such as `*`, counts as staying as long as the principal that is denied it.
  const [target, holder] = [stays(statement.resources.values), stays(statement.principals.values)];
  const concerned = statement.stands === 'resource' ? target === true : target !== false && holder !== false;
  return concerned && !prohibitions.some((other) => covers(other, statement));
}

function covers(other: PolicyStatement, { principals, actions, resources, condition }: PolicyStatement): boolean {
  const include = (wide: readonly string[], narrow: readonly string[]) =>
    narrow.every((one) => wide.some((pattern) => includesAction(pattern, one)));
  const everybody = other.principals.values.some((value) => /^(AWS:)?\*$/.test(value));
  return (
    !other.principals.not &&
    !other.actions.not &&
    !other.resources.not &&
    (everybody || include(other.principals.values, principals.values)) &&
    include(other.actions.values, actions.values) &&
    include(other.resources.values, resources.values) &&
    forbidsAsMuch(other.condition, condition)
  );
}

/** Functions that answer anybody who knows their address, and did not before. */
function openFunctions(before: Template, after: Template): string[] {
  const open = ({ Resources }: Template) =>
    Object.entries(Resources)
      .filter(([, { Type, Properties }]) => Type === 'AWS::Lambda::Url' && Properties?.['AuthType'] === 'NONE')
      .map(([id]) => id);
  return beyond(open(after), open(before), String);
}
