import { rendered } from './render-value';
import type { TemplateResource } from './template';
import { listInside } from './values';

/**
 * The copies of a global table, each as a table of its own by its region: what guards its items, DynamoDB sets for each
 * of them. Empty for every other type.
 */
export function replicasOf(resource: TemplateResource): ReadonlyMap<string, TemplateResource> {
  if (resource.Type !== 'AWS::DynamoDB::GlobalTable') return new Map();
  return new Map(
    listInside(resource, 'Replicas').map((replica) => [
      rendered(replica['Region']),
      { Type: 'AWS::DynamoDB::Table', Properties: replica },
    ]),
  );
}
