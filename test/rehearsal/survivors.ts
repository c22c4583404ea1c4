import type { Evidence } from './evidence';
import { type Continuity, keyOf } from './identity';
import type { ClientsOf, Observation } from './observation';
import { PHANTOMS } from './phantoms';
import { READERS } from './readers';
import type { Live } from './readers/reader';
import type { StackResource } from './stacks';

/** What left its template and had to be kept, as its service described it at that time. */
export interface Survivor {
  readonly resource: StackResource;
  readonly live: Live;
}

/** Picks what a climb released, so that every later phase can look after it. */
export function survivorsOf(before: Observation, { released }: Continuity): Survivor[] {
  const keys = new Set(released.map(keyOf));
  return before.resources.flatMap((resource) => {
    const live = before.live.get(keyOf(resource));
    return keys.has(keyOf(resource)) && PHANTOMS[resource.type] === undefined && live !== undefined
      ? [{ resource, live }]
      : [];
  });
}

/** What was released still exists, and is as it was. */
export async function checkSurvivors(
  survivors: readonly Survivor[],
  evidence: Evidence,
  aws: ClientsOf,
): Promise<void> {
  for (const { resource, live } of survivors) {
    const now = await READERS[resource.type]?.(resource, aws(resource.region));
    evidence.equal(`${keyOf(resource)} (${resource.type}), which left its template and must be kept`, now, live);
  }
}
