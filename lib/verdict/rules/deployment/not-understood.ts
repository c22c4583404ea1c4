import { isDeepStrictEqual } from 'node:util';
import { openLoops } from '../../../template/resolve';
import type { Template, Templates } from '../../../template/template';
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

export const NOT_UNDERSTOOD: Check = {
  rules: [
    {
      id: 'not-understood',
      severity: 'refused',
      summary: 'A macro, or a loop over a list that the template does not give, writes resources differently.',
      why: 'Only CloudFormation can tell what that does to resources that hold data.',
      source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html',
    },
  ],
  find: ({ written }) => notUnderstood(written.before, written.after),
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
      ...(isDeepStrictEqual(macros, others) ? [] : [finding(stack, 'another macro writes the template')]),
      ...(isDeepStrictEqual(loops, otherLoops)
        ? []
        : [finding(stack, `${names(loops, otherLoops)} writes resources from a list that the template does not say`)]),
    ];
  });
}

function names(...loops: readonly (object | undefined)[]): string {
  return [...new Set(loops.flatMap((one) => Object.keys(one ?? {})))].join(', ');
}

function macrosOf(template: Template): string[] {
  return [template['Transform'] ?? []]
    .flat()
    .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
    .filter((one) => !UNDERSTOOD.has(one));
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
