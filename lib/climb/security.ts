import { isDeepStrictEqual } from 'node:util';
import type { TemplateDiff } from '@aws-cdk/cloudformation-diff';
import type { Templates } from '../facts/template';
import { ACROSS, type StackComparison } from './comparison';
import type { Finding } from './finding';
import { shortId } from './words';

/** One permission or network rule that comes or goes. */
export interface SecurityChange {
  readonly stack: string;
  readonly kind: 'iam' | 'network';
  readonly direction: 'opened' | 'closed';
  /** Who is allowed, or the group that lets in or out. */
  readonly subject: string;
  readonly what: string;
  /** Whether it concerns everybody on the internet or every AWS account. */
  readonly world: boolean;
}

type Statement = TemplateDiff['iamChanges']['statements']['additions'][number];
type Rule = TemplateDiff['securityGroupChanges']['ingress']['additions'][number];

/** What comes to be allowed, and what no longer is. A prohibition that goes opens. */
export function securityChanges(comparisons: readonly StackComparison[]): SecurityChange[] {
  return comparisons.flatMap(({ stack, diff: { iamChanges, securityGroupChanges: groups } }) => {
    const { additions, removals } = iamChanges.statements;
    const statements = (list: readonly Statement[], others: readonly Statement[], added: boolean) =>
      list
        .flatMap((statement) => remainder(statement, others))
        .map((statement) => ({
          stack,
          kind: 'iam' as const,
          direction: added === (statement.effect !== 'Deny') ? ('opened' as const) : ('closed' as const),
          subject: statement.principals.values.map(legible).join(', '),
          what: describe(statement),
          world: statement.effect === 'Allow' && isWorld(statement),
        }));
    const policies = (list: readonly { identityArn: string; managedPolicyArn: string }[], added: boolean) =>
      list.map(({ identityArn, managedPolicyArn }) => ({
        stack,
        kind: 'iam' as const,
        direction: added ? ('opened' as const) : ('closed' as const),
        subject: legible(identityArn),
        what: `${legible(identityArn)} has the policy ${managedPolicyArn.split('/').at(-1)}`,
        world: false,
      }));
    const rules = (list: readonly Rule[], added: boolean, way: 'in' | 'out') =>
      list.filter(isRule).map((rule) => ({
        stack,
        kind: 'network' as const,
        direction: added ? ('opened' as const) : ('closed' as const),
        subject: legible(rule.groupId),
        what: `${legible(rule.groupId)} lets ${way} ${protocol(rule)} ${way === 'in' ? 'from' : 'to'} ${peer(rule)}`,
        world: way === 'in' && isWorldWide(rule),
      }));
    return [
      ...statements(additions, removals, true),
      ...statements(removals, additions, false),
      ...policies(iamChanges.managedPolicies.additions, true),
      ...policies(iamChanges.managedPolicies.removals, false),
      ...rules(groups.ingress.additions, true, 'in'),
      ...rules(groups.ingress.removals, false, 'in'),
      ...rules(groups.egress.additions, true, 'out'),
      ...rules(groups.egress.removals, false, 'out'),
    ];
  });
}

type Targets = Pick<Statement['resources'], 'values' | 'not'>;

/** A statement as far as it is described: its targets need not be whole. */
interface Described extends Pick<Statement, 'effect' | 'condition'> {
  readonly actions: Targets;
  readonly resources: Targets;
  readonly principals: Targets;
}

/**
 * What a statement says beyond those of the other side. The CDK merges statements, so that one more resource reads as
 * one statement gone and another come; the resource is what counts.
 */
function remainder(statement: Statement, others: readonly Statement[]): Described[] {
  const { effect, actions, resources, principals, condition } = statement;
  const alike = others.filter(
    (other) =>
      other.effect === effect &&
      other.actions.equal(actions) &&
      other.principals.equal(principals) &&
      !other.resources.not &&
      isDeepStrictEqual(other.condition, condition),
  );
  if (alike.length === 0 || resources.not) return [statement];
  const rest = resources.values.filter((value) => !alike.some((other) => other.resources.values.includes(value)));
  if (rest.length === 0) return [];
  return [{ effect, actions, resources: { values: rest, not: false }, principals, condition }];
}

/** Where users come in: HTTP and HTTPS of the box and of the public load balancer. */
const PUBLIC_PORTS = new Set([80, 443]);

/** Policies of AWS that make their holder master of the account. */
const MASTER = /\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;

/** What no phase and no setting opens, and nobody should by accident. */
export function exposures(comparisons: readonly StackComparison[], after: Templates): Finding[] {
  return comparisons.flatMap(({ stack, diff: { iamChanges, securityGroupChanges } }) => {
    const refuse = (rule: string, message: string, remedy: string): Finding => ({
      severity: 'refused',
      rule,
      stack,
      message,
      remedy,
    });
    const { additions, removals } = iamChanges.statements;
    return [
      ...additions
        .filter((statement) => statement.effect === 'Allow' && isWorld(statement))
        .map((statement) => refuse('open-to-world', `open to everybody: ${describe(statement)}`, 'name who may')),
      ...additions
        .filter((statement) => statement.effect === 'Allow' && isMaster(statement))
        .map((statement) => refuse('admin', `master of the account: ${describe(statement)}`, 'name what it may do')),
      ...iamChanges.managedPolicies.additions
        .filter(({ managedPolicyArn }) => MASTER.test(managedPolicyArn))
        .map(({ identityArn }) =>
          refuse('admin', `master of the account: ${legible(identityArn)}`, 'name what it may do'),
        ),
      ...removals
        .filter((statement) => isDropped(statement, additions, after[stack]?.Resources ?? {}))
        .map((statement) => refuse('guard-dropped', `no longer forbidden: ${describe(statement)}`, 'keep it')),
      ...securityGroupChanges.ingress.additions
        .filter((rule) => isWorldWide(rule) && !isPublicPort(rule))
        .map((rule) =>
          refuse(
            'open-to-world',
            `open to the internet: ${legible(rule.groupId)}, ${protocol(rule)}`,
            'name the source',
          ),
        ),
    ];
  });
}

function isWorld({ principals, condition }: Described): boolean {
  const everybody = principals.values.some((value) => /^(AWS:)?\*$/.test(value)) || principals.not;
  return everybody && (condition === undefined || Object.keys(condition).length === 0);
}

function isMaster({ actions, resources }: Statement): boolean {
  const all = (values: readonly string[]) => values.some((value) => value === '*' || value === '*:*');
  // In a policy of a resource, such as every key's own, `*` has been read as that resource.
  return all(actions.values) && all(resources.values);
}

/** A prohibition that goes while what it protected stays, without one in its place. */
function isDropped(statement: Statement, additions: readonly Statement[], resources: object): boolean {
  if (statement.effect !== 'Deny') return false;
  const ids = statement.resources.values.flatMap((value) =>
    [...value.matchAll(/\$\{([A-Za-z0-9]+)/g)].map(([, id]) => id),
  );
  const stays = ids.some((id) => id !== undefined && id in resources);
  const instead = additions.some(
    (other) => other.effect === 'Deny' && String(other.resources.values) === String(statement.resources.values),
  );
  return stays && !instead;
}

function isWorldWide({ peer: source }: Rule): boolean {
  if (source?.kind !== 'cidr-ip') return false;
  const prefix = /^[0-9a-f.:]+\/(\d+)$/i.exec(String(source.ip))?.[1];
  // Two halves of the internet are the internet.
  return prefix !== undefined && Number(prefix) < 8;
}

function isPublicPort({ ipProtocol, fromPort, toPort }: Rule): boolean {
  return ipProtocol === 'tcp' && fromPort === toPort && PUBLIC_PORTS.has(Number(fromPort));
}

/** CDK writes a rule that allows nothing where a group shall have none. */
function isRule({ peer: source }: Rule): boolean {
  return !(source?.kind === 'cidr-ip' && source.ip === '255.255.255.255/32');
}

function protocol(rule: Rule): string {
  const { ipProtocol, fromPort, toPort } = rule;
  if (ipProtocol === '-1') return 'everything';
  return fromPort === toPort ? `${ipProtocol} ${fromPort}` : `${ipProtocol} ${fromPort} to ${toPort}`;
}

function peer({ peer: source }: Rule): string {
  if (source === undefined) return 'nobody named';
  if (source.kind === 'security-group') return legible(source.securityGroupId);
  if (source.kind === 'prefix-list') return legible(source.prefixListId);
  return { '0.0.0.0/0': 'everybody (IPv4)', '::/0': 'everybody (IPv6)' }[source.ip] ?? legible(source.ip);
}

function describe({ effect, actions, resources, principals, condition }: Described): string {
  const list = ({ values, not }: Targets) => {
    const names = [...new Set(values.map(legible))];
    // `bucket` and `bucket/*` are one thing to a reader.
    const shown = names.filter((name) => !(name.endsWith('/*') && names.includes(name.slice(0, -2))));
    return `${not ? 'all but ' : ''}${shown.join(', ')}`;
  };
  const word = effect === 'Deny' ? 'may not' : 'may';
  const under = condition === undefined ? '' : ` if ${legible(JSON.stringify(condition).replaceAll('"', ''))}`;
  return `${list(principals)} ${word} ${list(actions)} on ${list(resources)}${under}`;
}

/** Logical ids without their hashes, ARNs without region and account, outputs of other stacks as stack and id. */
export function legible(text: string): string {
  return text
    .replace(/^arn:.*cdk-[a-z0-9]+-assets-.*\/[0-9a-f]{64}\.zip$/, 'its boot files')
    .replace(/^(Service|AWS|Federated):/, '')
    .replace(
      /arn:(?:\$\{AWS::Partition\}|[^:$]+):([a-z0-9-]+):(?:\$\{AWS::Region\}|[^:$]*):(?:\$\{AWS::AccountId\}|\d*):/g,
      '$1:',
    )
    .replace(/\$\{([^}]+)\}/g, (_, reference: string) => {
      const [stack, output] = reference.split(ACROSS);
      if (output === undefined) return shortId(reference.split('.')[0] ?? reference);
      const inner = output.replace(/^(PublishOutput|ExportsOutput)(FnGetAtt|Ref)/, '').replace(/[0-9A-F]{8}$/, '');
      return `${shortId(inner.replace(/([0-9A-F]{8})[A-Za-z]*$/, '$1'))} of ${stack}`;
    });
}
