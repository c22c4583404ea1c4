import { keyOf } from '../../../template/references';
import type { Templates } from '../../../template/template';
import type { BrokenReference } from '../../changes/propagation';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const STALE_REFERENCES: Check = {
  rules: [
    {
      id: 'stale-reference',
      severity: 'refused',
      summary: 'A resource that other stacks refer to is replaced under its logical id.',
      why: 'A weak reference keeps the old value; CloudFormation refuses to change a strong one.',
      source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html',
    },
    {
      id: 'export-in-use',
      severity: 'refused',
      summary: 'An output that other stacks import is no longer exported.',
      why: 'CloudFormation refuses to delete an export that is in use.',
      source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html',
    },
    {
      id: 'removed-before-users',
      severity: 'needs-migration',
      summary: 'A resource is removed before the stacks that use it are deployed.',
      why: 'Until those are deployed they lead nowhere.',
    },
    {
      id: 'output-dropped',
      severity: 'note',
      summary: 'An output is dropped that the deployed templates of other stacks still read.',
      why: 'When the update of such a stack fails, its rollback reads the output again and may not find it.',
    },
  ],
  find: ({ brokenReferences, after }) => staleReferences(brokenReferences, after),
};

const BROKEN: Readonly<Record<BrokenReference['kind'], Pick<Finding, 'severity' | 'rule' | 'message' | 'remedy'>>> = {
  weak: {
    severity: 'refused',
    rule: 'stale-reference',
    message: 'is replaced, and who refers to it across stacks would keep the old value: weak references do not follow',
    remedy: 'give the new thing a new id, so that those who refer to it are updated',
  },
  strong: {
    severity: 'refused',
    rule: 'stale-reference',
    message: 'is replaced, and CloudFormation refuses to change what other stacks import',
    remedy: 'give the new thing a new id, so that those who import it are updated',
  },
  dangling: {
    severity: 'refused',
    rule: 'dangling-reference',
    message: 'refers to an output of another stack that is not there',
    remedy: 'take the reference away together with the output',
  },
  imported: {
    severity: 'refused',
    rule: 'export-in-use',
    message: 'is no longer exported, and CloudFormation refuses to delete an export before its users let go',
    remedy: 'keep the export (`stack.exportValue`) until the stacks that import it are deployed',
  },
  early: {
    severity: 'note',
    rule: 'removed-before-users',
    message: 'is removed before the stacks that use it are deployed, whose rollback would not find it',
    // Neither `ingress` nor `web.enabled` has a way to keep both: what serves users is one or the other.
    remedy:
      'the database of phases 1 to 5 is kept by data.singleDatabase=kept; nothing else has such a setting: deploy all stacks at once (--all) when users can do without it; in an application of your own, remove it with the deployment after the one in which its users let go',
  },
  dropped: {
    severity: 'note',
    rule: 'output-dropped',
    message:
      'stays, but its output goes: should the update of a stack fail that reads it, its rollback may not resolve',
    // Source: https://docs.aws.amazon.com/cli/latest/reference/cloudformation/continue-update-rollback.html (2026-11-29)
    remedy:
      'should that rollback fail, `aws cloudformation continue-update-rollback` with --resources-to-skip ends it; then deploy again',
  },
};

/** References across stacks that would lead elsewhere or nowhere: one finding for all who refer to the same thing. */
export function staleReferences(references: readonly BrokenReference[], after: Templates): Finding[] {
  const groups = new Map<string, [BrokenReference, ...BrokenReference[]]>();
  for (const one of references) {
    const key = JSON.stringify([one.kind, one.kind === 'dangling' ? one.consumer : one.producer]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return [...groups.values()].map((group) => {
    const [{ kind, consumer, producer }] = group;
    const { message, severity: usual, ...rest } = BROKEN[kind];
    const severity = kind === 'early' && group.some((one) => meetsUsers(one, after)) ? 'needs-migration' : usual;
    const users = [...new Set(group.map((one) => keyOf(one.consumer)))];
    const more = users.length > 2 ? ` and ${users.length - 1} more` : '';
    const who = kind === 'dangling' ? '' : ` (${users.slice(0, users.length > 2 ? 1 : 2).join(', ')}${more})`;
    return {
      severity,
      ...rest,
      ...(kind === 'dangling' ? consumer : (producer ?? consumer)),
      message: `${message}${who}`,
    };
  });
}

/** True when users come in through the consumer and it stays. */
function meetsUsers({ consumer }: BrokenReference, after: Templates): boolean {
  const { Resources = {} } = after[consumer.stack] ?? {};
  return /^AWS::(CloudFront|Route53)::/.test(Resources[consumer.id]?.Type ?? '');
}
