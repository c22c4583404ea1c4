import { isDeepStrictEqual } from 'node:util';
import { managedPolicies } from '../../../template/managed-policies';
import { type NetworkRule, networkRules, type Peer, ruleKey } from '../../../template/network-rules';
import { permissionChanges } from '../../../template/permissions';
import type { PolicyStatement } from '../../../template/policy-statements';
import type { Template, Templates } from '../../../template/template';
import { describe, legible, protocol } from '../../../template/text';
import { beyond } from '../../../template/values';
import { isWorldWide } from './internet-ranges';
import { isWorld } from './privileges';

/** One permission or network rule that comes or goes. */
export interface SecurityChange {
  readonly stack: string;
  readonly kind: 'iam' | 'network';
  readonly direction: 'opened' | 'closed';
  /** Principal that is allowed, or security group that lets in or out. */
  readonly subject: string;
  readonly what: string;
  /** True when it concerns anybody on the internet or every AWS account. */
  readonly world: boolean;
}

const NOTHING: Template = { Resources: {} };

/** Permissions and network rules that are opened or closed. Removing a Deny counts as opened. */
export function securityChanges(before: Templates, after: Templates): SecurityChange[] {
  const stacks = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return stacks.flatMap((stack) => {
    const [was, is] = [before[stack] ?? NOTHING, after[stack] ?? NOTHING];
    if (isDeepStrictEqual(was, is)) return [];
    const { added, removed } = permissionChanges(was, is);
    const [hadPolicies, hasPolicies] = [managedPolicies(was), managedPolicies(is)];
    const [hadRules, hasRules] = [networkRules(stack, before), networkRules(stack, after)];
    return withoutEchoes([
      ...added.map((one) => statementChange(stack, one, true)),
      ...removed.map((one) => statementChange(stack, one, false)),
      ...beyond(hasPolicies, hadPolicies, String).map((one) => policyChange(stack, one, 'opened')),
      ...beyond(hadPolicies, hasPolicies, String).map((one) => policyChange(stack, one, 'closed')),
      ...beyond(hasRules, hadRules, ruleKey).map((one) => ruleChange(one, hasRules, 'opened')),
      ...beyond(hadRules, hasRules, ruleKey).map((one) => ruleChange(one, hadRules, 'closed')),
    ]);
  });
}

/** Drops pairs that are closed and opened in the same words, such as boot files under another hash. */
function withoutEchoes(changes: readonly SecurityChange[]): SecurityChange[] {
  const said = (one: SecurityChange) => JSON.stringify([one.kind, one.subject, one.what]);
  const of = (direction: SecurityChange['direction']) =>
    new Set(changes.filter((one) => one.direction === direction).map(said));
  const [opened, closed] = [of('opened'), of('closed')];
  return changes.filter((one) => !(opened.has(said(one)) && closed.has(said(one))));
}

function statementChange(stack: string, statement: PolicyStatement, added: boolean): SecurityChange {
  const allows = statement.effect === 'Allow';
  return {
    stack,
    kind: 'iam',
    direction: added === allows ? 'opened' : 'closed',
    subject: statement.principals.values.map(legible).join(', '),
    what: describe(statement),
    world: allows && isWorld(statement),
  };
}

function policyChange(
  stack: string,
  [holder, policy]: readonly [string, string],
  direction: SecurityChange['direction'],
): SecurityChange {
  const subject = legible(holder);
  return {
    stack,
    kind: 'iam',
    direction,
    subject,
    what: `${subject} has the policy ${policy.split('/').at(-1)}`,
    world: false,
  };
}

function ruleChange(
  rule: NetworkRule,
  all: readonly NetworkRule[],
  direction: SecurityChange['direction'],
): SecurityChange {
  const { stack, way, group, peer } = rule;
  return {
    stack,
    kind: 'network',
    direction,
    subject: legible(group),
    what: `${legible(group)} lets ${way} ${protocol(rule)} ${way === 'in' ? 'from' : 'to'} ${peerName(peer)}`,
    world: isWorldWide(rule, all),
  };
}

function peerName({ text }: Peer): string {
  if (text === '') return 'nobody named';
  return { '0.0.0.0/0': 'everybody (IPv4)', '::/0': 'everybody (IPv6)' }[text] ?? legible(text);
}
