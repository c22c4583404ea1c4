import { memoized } from './memoized';
import type { Template } from './template';
import { isTree } from './values';

/** Function that has a macro write what stands beside it. */
export const INLINE_MACRO = 'Fn::Transform';

/** Place of the macros that stand in no resource: beside the resources, or in another section. */
export const BESIDE = '';

/**
 * The macros that a template calls inside its sections, by the logical id of the resource in which they stand. One at the
 * top of the template, in the section `Transform`, is not among them.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-transform.html
 */
export const inlineMacrosOf = memoized((template: Template): ReadonlyMap<string, readonly unknown[]> => {
  const { Resources: resources = {}, Metadata: _, ...others } = template;
  const { [INLINE_MACRO]: beside, ...own } = resources;
  const places = new Map([[BESIDE, called(beside === undefined ? others : { [INLINE_MACRO]: beside, ...others })]]);
  for (const id in own) places.set(id, called(own[id]));
  return new Map([...places].filter(([, macros]) => macros.length > 0));
});

/** Calls of macros inside a value, in the order in which they stand. Nothing is copied to find that there are none. */
function called(value: unknown, found: unknown[] = []): readonly unknown[] {
  if (Array.isArray(value)) for (const item of value) called(item, found);
  else if (isTree(value)) {
    for (const key in value) {
      if (key === INLINE_MACRO) found.push(value[key]);
      called(value[key], found);
    }
  }
  return found;
}
