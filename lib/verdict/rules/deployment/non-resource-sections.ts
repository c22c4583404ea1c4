import { isDeepStrictEqual } from 'node:util';
import type { Template, Templates } from '../../../template/template';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const NON_RESOURCE_SECTIONS: Check = {
  rules: [
    {
      id: 'not-understood',
      severity: 'refused',
      summary: 'Conditions, mappings, parameters or transforms differ in a way that cannot be evaluated here.',
      why: 'Only CloudFormation can tell what that does to resources that hold data.',
    },
  ],
  find: ({ before, after }) => otherSections(before, after),
};

/** Sections that decide what the resources of a template come to. Ours have none of them. */
const SECTIONS = ['Conditions', 'Mappings', 'Transform', 'Parameters'] as const;

/**
 * Differences outside of the resources, and in the conditions under which resources exist. What they do to data cannot
 * be told without evaluating them, which only CloudFormation does: refused, like everything that is not understood.
 */
export function otherSections(before: Templates, after: Templates): Finding[] {
  return Object.entries(before).flatMap(([stack, was]) => {
    const is = after[stack];
    if (is === undefined) return [];
    const sections = SECTIONS.filter((section) => !isDeepStrictEqual(sectionOf(was, section), sectionOf(is, section)));
    const resources = Object.keys(was.Resources).filter(
      (id) => is.Resources[id] !== undefined && was.Resources[id]?.['Condition'] !== is.Resources[id]['Condition'],
    );
    return [
      ...sections.map((section) => finding(stack, `${section} differ`)),
      ...resources.map((id) => finding(stack, 'the condition under which it exists differs', id)),
    ];
  });
}

function finding(stack: string, message: string, id?: string): Finding {
  return {
    severity: 'refused',
    rule: 'not-understood',
    stack,
    ...(id !== undefined && { id }),
    message: `${message}; what that does to what holds data, only CloudFormation can tell`,
    remedy: 'make a change set and read it',
  };
}

/** Every template of the CDK asks for the version of its bootstrap stack, which says nothing of resources. */
function sectionOf(template: Template, section: (typeof SECTIONS)[number]): unknown {
  const { BootstrapVersion: _, ...rest } = (template[section] ?? {}) as Readonly<Record<string, unknown>>;
  return section === 'Transform' ? template[section] : rest;
}
