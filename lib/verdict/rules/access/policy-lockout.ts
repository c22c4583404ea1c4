import { isInescapable } from '../../../template/conditions';
import type { PermissionChanges } from '../../../template/permissions';
import { type PolicyStatement, policyStatements } from '../../../template/policy-statements';
import { idsIn } from '../../../template/render-value';
import { holds } from '../../../template/stateful';
import type { Template } from '../../../template/template';
import { describe } from '../../../template/text';
import { includesAction } from './privileges';

/** Actions that use a key: without them nothing that it encrypted can be read. */
const USE = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:CreateGrant'];

interface Lock {
  readonly rule: 'locked-out';
  readonly message: string;
  readonly remedy: string;
}

/**
 * Policies that shut in what they should protect: data that nobody may reach any more, or a key that those who need it
 * may no longer use. CloudFormation writes them without a word.
 *
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export function locks(before: Template, after: Template, { added, removed }: PermissionChanges): Lock[] {
  const lasting = (id: string) => before.Resources[id] !== undefined && after.Resources[id] !== undefined;
  const allowances = policyStatements(after).filter(({ effect }) => effect === 'Allow');
  const shut = added.filter(
    (one) => one.effect === 'Deny' && one.stands === 'resource' && targetsOf(one).some(lasting) && isLock(one, after),
  );
  const withdrawn = removed.filter(
    (one) =>
      one.effect === 'Allow' &&
      one.type === 'AWS::KMS::Key' &&
      lasting(one.holder) &&
      concernsUse(one) &&
      staysAround(one, after) &&
      !allowances.some((other) => other.holder === one.holder && includesWho(other, one) && concernsUse(other)),
  );
  return [
    ...shut.map((one) => lock(`shuts out who needs it: ${describe(one)}`)),
    ...withdrawn.map((one) => lock(`may no longer use the key: ${describe(one)}`)),
  ];
}

function lock(message: string): Lock {
  return { rule: 'locked-out', message, remedy: 'leave the policy as it is, or except in it those who need access' };
}

function isLock(statement: PolicyStatement, after: Template): boolean {
  const { type, principals, condition } = statement;
  if (!isInescapable(condition)) return false;
  if (type === 'AWS::KMS::Key') return concernsUse(statement);
  const everybody = principals.not || principals.values.some((value) => /^(AWS:)?\*$/.test(value));
  const data = targetsOf(statement).some((id) => {
    const resource = after.Resources[id];
    return resource !== undefined && holds(resource) !== undefined;
  });
  return everybody && data;
}

function targetsOf({ holder, resources }: PolicyStatement): string[] {
  const ids = resources.values.flatMap(idsIn);
  return ids.length > 0 ? ids : [holder];
}

function concernsUse({ actions }: PolicyStatement): boolean {
  const includes = USE.some((use) => actions.values.some((action) => includesAction(action, use)));
  return actions.not ? !includes : includes;
}

/** True when a principal that was allowed still exists: a role that is removed needs no key. */
function staysAround({ principals }: PolicyStatement, after: Template): boolean {
  return principals.values.some((value) => idsIn(value).every((id) => id === '' || after.Resources[id] !== undefined));
}

function includesWho(one: PolicyStatement, { principals }: PolicyStatement): boolean {
  return one.principals.not || principals.values.every((value) => one.principals.values.includes(value));
}
