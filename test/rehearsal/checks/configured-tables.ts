import type { Architecture } from '../../../lib/architecture/architecture';

type Plans = NonNullable<Architecture['tables']>;

/** Tables and read models of the configuration, each with what its logical id begins with. */
export function configuredTables({ tables = [], readModels = [] }: Architecture): readonly {
  readonly plan: Pick<Plans[number], 'name' | 'partitionKey' | 'sortKey'>;
  readonly begins: string;
}[] {
  const begins = (scope: string, id: string): string => `${scope}${id.replaceAll(/[-_]/g, '')}Table`;
  return [
    ...tables.map((plan) => ({ plan, begins: begins('Tables', plan.name) })),
    // Of another source it would be another table.
    ...readModels.map((plan) => ({ plan, begins: begins('ReadModels', `${plan.name}from${plan.from}`) })),
  ];
}
