import { type Need, needsOf } from '../../account/needs';
import { quotaOf } from '../../facts/quotas';
import type { Templates } from '../../template/template';

/** Templates of one environment, and the region of each stack. */
export interface Placed {
  readonly templates: Templates;
  readonly regions: Readonly<Record<string, string>>;
}

/** A need, and the region whose quota it is measured by. */
export interface PlacedNeed extends Need {
  readonly region: string;
}

/** Needs of templates in each region; those that count for the whole account once. */
export function placedNeeds(after: Placed, before: Placed): PlacedNeed[] {
  const regions = [...new Set(Object.values(after.regions))];
  const regional = regions.flatMap((region) =>
    needsOf(within(after, region), within(before, region))
      .filter(({ quota }) => quotaOf(quota).home === undefined)
      .map((need) => ({ ...need, region })),
  );
  const global = needsOf(after.templates, before.templates).flatMap((need) => {
    const { home } = quotaOf(need.quota);
    return home === undefined ? [] : [{ ...need, region: home }];
  });
  return [...regional, ...global];
}

/** The stacks of a region; those of before that the templates no longer have are taken for its own. */
export function within({ templates, regions }: Placed, region: string): Templates {
  return Object.fromEntries(Object.entries(templates).filter(([stack]) => (regions[stack] ?? region) === region));
}
