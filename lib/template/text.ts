import { type NetworkRule, UNKNOWN } from './network-rules';
import type { PolicyStatement, Targets } from './policy-statements';
import { ACROSS, rendered } from './render-value';
import { shortId } from './type-names';

/** `tcp 443`, `udp 1 to 9`, or `everything`. */
export function protocol({ protocol: name, from, to }: NetworkRule): string {
  if (name === '-1') return 'everything';
  if (name === UNKNOWN) return 'what only CloudFormation knows';
  if (from === undefined) return to === undefined ? name : `${name} up to ${to}`;
  if (to === undefined) return `${name} ${from} and above`;
  return from === to ? `${name} ${from}` : `${name} ${from} to ${to}`;
}

/** A statement in one sentence. */
export function describe({ effect, actions, resources, principals, condition }: PolicyStatement): string {
  const list = ({ values, not }: Targets) => {
    const names = [...new Set(values.map(legible))];
    // `bucket` and `bucket/*` are one thing to a reader.
    const shown = names.filter((name) => !(name.endsWith('/*') && names.includes(name.slice(0, -2))));
    return `${not ? 'all but ' : ''}${shown.join(', ')}`;
  };
  const word = effect === 'Deny' ? 'may not' : 'may';
  const under = condition === undefined ? '' : ` if ${legible(conditionText(condition))}`;
  return `${list(principals)} ${word} ${list(actions)} on ${list(resources)}${under}`;
}

function conditionText(condition: unknown): string {
  const text = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(text);
    const one = rendered(value);
    if (typeof value !== 'object' || value === null || one !== JSON.stringify(value)) return one;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, text(inner)]));
  };
  return JSON.stringify(text(condition)).replaceAll('"', '');
}

/**
 * Logical ids without their hashes, ARNs without region and our own account, outputs of other stacks as stack and id.
 * Another account keeps its number: its root must not read like ours.
 */
export function legible(text: string): string {
  return text
    .replace(/^arn:.*cdk-[a-z0-9]+-assets-.*\/[0-9a-f]{64}\.zip$/, 'its boot files')
    .replace(/^(Service|AWS|Federated):/, '')
    .replace(
      /arn:(?:\$\{AWS::Partition\}|[^:$]+):([a-z0-9-]+):(?:\$\{AWS::Region\}|[^:$]*):(?:\$\{AWS::AccountId\}:|:|(\d+:))/g,
      '$1:$2',
    )
    .replace(/\$\{([^}]+)\}/g, (_, reference: string) => {
      const [stack, output] = reference.split(ACROSS);
      if (output === undefined) return shortId(reference.split('.')[0] ?? reference);
      const inner = output.replace(/^(PublishOutput|ExportsOutput)(FnGetAtt|Ref)/, '').replace(/[0-9A-F]{8}$/, '');
      const name = shortId(inner.replace(/([0-9A-F]{8})[A-Za-z]*$/, '$1'));
      // An export may have any name: one without a stack before its colon is told alone.
      return stack === '' ? name : `${name} of ${stack}`;
    });
}
