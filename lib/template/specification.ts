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

/** Properties that identify a resource of a type, one or several together, as the specification has them; most likely first. */
export function identifiersOf(type: string): readonly (readonly string[])[] {
  const { cfnRefIdentifier: ref = [], primaryIdentifier: primary = [] } = loadResourceModel(type) ?? {};
  return [primary, ref].filter((parts) => parts.length > 0);
}
