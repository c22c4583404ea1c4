import { isDeepStrictEqual } from 'node:util';
import { BESIDE, inlineMacrosOf } from '../../../template/macros';
import { NESTED_STACKS } from '../../../template/nested-stacks';
import { inOneForm } from '../../../template/one-form';
import { openLoops } from '../../../template/resolve';
import type { Template, Templates } from '../../../template/template';
import { isTree } from '../../../template/values';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

/**
 * Macros that change nothing but what this program reads in the same way: loops and functions, and the types of SAM.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html
 */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  'AWS::LanguageExtensions',
  'AWS::Serverless-2016-10-31',
  'AWS::SecretsManager-2020-07-23',
  'AWS::SecretsManager-2024-09-16',
]);

/** Properties of a nested stack that change nothing in what its template makes. */
const AROUND: ReadonlySet<string> = new Set(['Tags', 'TimeoutInMinutes', 'NotificationARNs']);

export const NOT_UNDERSTOOD: Check = {
  rules: [
    {
      id: 'not-understood',
      severity: 'refused',
      summary:
        'A macro, a loop over a list that the template does not give, or a nested template writes resources differently.',
      why: 'Only CloudFormation can tell what that does to resources that hold data.',
      source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html',
    },
  ],
  find: ({ written, changes }) => [...notUnderstood(written.before, written.after), ...nested(changes)],
};

/**
 * Macros, and loops over a list that the template does not hold: only CloudFormation can expand their resources. They are
 * refused when they differ, like everything that is not understood. Conditions, maps and parameters are judged where
 * something reads them, see `resolved`.
 */
function notUnderstood(before: Templates, after: Templates): Finding[] {
  return Object.entries(before).flatMap(([stack, was]) => {
    const is = after[stack];
    if (is === undefined) return [];
    const [macros, others] = [was, is].map(macrosOf);
    const [loops, otherLoops] = [was, is].map(openLoops);
    return [
      ...(isDeepStrictEqual(inOneForm(macros), inOneForm(others))
        ? []
        : [finding(stack, 'another macro writes the template')]),
      ...rewritten(was, is).map((id) => ({ ...finding(stack, 'another macro writes it'), id })),
      ...(isDeepStrictEqual(inOneForm(loops), inOneForm(otherLoops))
        ? []
        : [finding(stack, `${names(loops, otherLoops)} writes resources from a list that the template does not say`)]),
    ];
  });
}

/** Stacks inside stacks: their resources stand in a template that is not among those that are compared. */
function nested(changes: ReadonlyMap<string, ResourceChange>): Finding[] {
  return [...changes.values()].flatMap(({ stack, id, type, was, is, change, effects }): Finding[] => {
    // One that goes, or is replaced, is found as what holds data.
    if (!NESTED_STACKS.has(type) || was === undefined || is === undefined || change === 'replaces') return [];
    const changed = effects.map(({ property }) => property).filter((property) => !AROUND.has(property));
    if (changed.length === 0) return [];
    return [
      {
        severity: 'refused',
        rule: 'not-understood',
        stack,
        id,
        message: `${[...new Set(changed)].join(', ')} changes, and what the nested template holds is not read`,
        remedy:
          'compare the nested templates too, each side in a folder of its own as <stack>.template.json: beamstalk diff ./before ./after',
        source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html',
      },
    ];
  });
}

function names(...loops: readonly (object | undefined)[]): string {
  return [...new Set(loops.flatMap((one) => Object.keys(one ?? {})))].join(', ');
}

/** Macros that write the template as a whole, or one of its sections. */
function macrosOf(template: Template): unknown[] {
  const whole = [template['Transform'] ?? []]
    .flat()
    .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
    .filter((one) => !UNDERSTOOD.has(one));
  return [...whole, ...macrosIn(template, BESIDE)];
}

function macrosIn(template: Template, place: string): unknown[] {
  const called = inlineMacrosOf(template).get(place) ?? [];
  return called.filter((one) => !(isTree(one) && UNDERSTOOD.has(String(one['Name']))));
}

/** Resources in which other macros stand than before. One that leaves takes with it what its macro wrote. */
function rewritten(was: Template, is: Template): string[] {
  const places = new Set([was, is].flatMap((template) => [...inlineMacrosOf(template).keys()]));
  places.delete(BESIDE);
  return [...places].filter(
    (id) =>
      is.Resources[id] !== undefined && !isDeepStrictEqual(inOneForm(macrosIn(was, id)), inOneForm(macrosIn(is, id))),
  );
}

function finding(stack: string, message: string): Finding {
  return {
    severity: 'refused',
    rule: 'not-understood',
    stack,
    message: `${message}; what that does to what holds data, only CloudFormation can tell`,
    remedy: 'make a change set and read it',
  };
}
