// `fullDiff` looks at top-level properties only, follows no reference inside `Fn::Join`, and does not tell a type that
// it does not know from a property that changes in place. Its own reader of the service specification answers all
// three; loading the specification a second time would cost 0.6 s. The package is pinned to one version.
import { loadResourceModel } from '@aws-cdk/cloudformation-diff/lib/diff/util.js';

/** What the service specification says about changing a property: `maybe` is its word for "it depends". */
export type Replacement = 'yes' | 'maybe' | 'no';

/** Whether the service specification knows a resource type. */
export function isKnown(type: string): boolean {
  return loadResourceModel(type) !== undefined;
}

/** What changing a top-level property does; `no` for what the specification does not know. */
export function replacementBy(type: string, property: string): Replacement {
  return loadResourceModel(type)?.properties[property]?.causesReplacement ?? 'no';
}

/** The properties that name a resource physically: those of its identifier that a template may set. */
export function namingProperties(type: string): readonly string[] {
  const model = loadResourceModel(type);
  if (model === undefined) return [];
  const last = type.split('::').at(-1) ?? '';
  const usual = ['Name', 'GroupName', `${last}Name`, `${last}Identifier`];
  const identifier = model.cfnRefIdentifier ?? model.primaryIdentifier ?? [];
  return [...new Set([...identifier, ...usual])].filter((name) => model.properties[name]?.causesReplacement === 'yes');
}
