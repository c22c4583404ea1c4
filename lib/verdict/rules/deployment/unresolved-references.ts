import { referencesIn } from '../../../template/references';
import type { Template, Templates } from '../../../template/template';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const UNRESOLVED_REFERENCES: Check = {
  rules: [
    {
      id: 'dangling-reference',
      severity: 'refused',
      summary: 'A reference leads to a resource or output that is not there.',
      why: 'CloudFormation refuses the template, after the stacks before it have been deployed.',
    },
  ],
  find: ({ before, after }) => unresolved(before, after),
};

/** References within a stack to what is not there: CloudFormation refuses the template, stacks before it are done. */
export function unresolved(before: Templates, after: Templates): Finding[] {
  return Object.entries(after).flatMap(([stack, is]) =>
    Object.entries(is.Resources).flatMap(([id, { Properties }]) => {
      const old = before[stack];
      const lost = referencesIn(Properties).flatMap((reference) =>
        reference.kind === 'resource' && !has(is, reference.id) && (old === undefined || has(old, reference.id))
          ? [reference.id]
          : [],
      );
      return [...new Set(lost)].map((missing) => ({
        severity: 'refused' as const,
        rule: 'dangling-reference',
        stack,
        id,
        message: `refers to ${missing}, which is not in its stack`,
        remedy: 'take the reference away together with what it leads to',
      }));
    }),
  );
}

function has({ Resources, Parameters }: Template, id: string): boolean {
  return id.startsWith('AWS::') || Resources[id] !== undefined || Object.hasOwn(Object(Parameters), id);
}
