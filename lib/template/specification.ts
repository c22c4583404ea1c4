// `fullDiff` looks at top-level properties only, follows no reference inside `Fn::Join`, and does not tell a type that
// it does not know from a property that changes in place. Its own reader of the service specification answers all
// three; loading the specification a second time would cost 0.6 s. The package is pinned to one version.
import { loadResourceModel } from '@aws-cdk/cloudformation-diff/lib/diff/util.js';

/** Answer of the service specification to a changed property: `maybe` stands for "it depends". */
export type Replacement = 'yes' | 'maybe' | 'no';

/** True when the service specification has the resource type. */
export function isKnown(type: string): boolean {
  return loadResourceModel(type) !== undefined;
}

/** Effect of changing a top-level property; `no` for properties that the specification lacks. */
export function replacementBy(type: string, property: string): Replacement {
  return loadResourceModel(type)?.properties[property]?.causesReplacement ?? 'no';
}

/**
 * The names of a resource of a type: each the properties that name it physically, one or several together. What a
 * template cannot set is no name of its own.
 */
export function namesOf(type: string): readonly (readonly string[])[] {
  const model = loadResourceModel(type);
  if (model === undefined) return [];
  const last = type.split('::').at(-1) ?? '';
  const usual = ['Name', 'GroupName', `${last}Name`, `${last}Identifier`].map((name) => [name]);
  const identifier = model.cfnRefIdentifier ?? model.primaryIdentifier ?? [];
  const isFixed = (name: string): boolean => model.properties[name]?.causesReplacement === 'yes';
  return [identifier, ...usual].filter((parts) => parts.length > 0 && parts.every(isFixed));
}
