import { join } from 'node:path';
import type { Event } from '../../lib/capacity/ceiling';
import { ASSUMED_WORK } from '../../lib/capacity/measured';
import { type Catalogue, catalogueOf } from '../../lib/capacity/size/catalogue';
import type { Wanted } from '../../lib/capacity/size/wanted';
import { pricesOf } from '../../lib/commands/size/prices';
import { type Configuration, readConfiguration } from '../../lib/config/configuration';
import { priceBook } from '../../lib/cost/price-book';

const root = join(import.meta.dirname, '..', '..');
export const PLACE = { directory: join(root, 'config'), cdkJson: join(root, 'cdk.json') };

const AXES = {
  'traffic.connections': [0, 5000, 100_000, 1_000_000],
  'traffic.requestsPerMonth': [1e6, 1e8, 1e9, 1e10],
  'traffic.readsPerMonth': [1e7, 1e9, 2e10],
  'traffic.writesPerMonth': [1e5, 1e7, 2e8],
  'traffic.jobsPerMonth': [0, 1e7],
} as const;

export type Axis = keyof typeof AXES;
export type Workload = Readonly<Record<Axis, number>>;

export const AXIS_NAMES = Object.keys(AXES) as Axis[];

/** Every combination of the axes, at their places. */
export function grid(): { readonly workload: Workload; readonly at: readonly number[] }[] {
  let all: { workload: Partial<Workload>; at: number[] }[] = [{ workload: {}, at: [] }];
  for (const axis of AXIS_NAMES) {
    all = all.flatMap(({ workload, at }) =>
      AXES[axis].map((value, place) => ({ workload: { ...workload, [axis]: value }, at: [...at, place] })),
    );
  }
  return all as { workload: Workload; at: number[] }[];
}

/** A question to the search. */
export function wantedFor(
  env: string,
  settings: Readonly<Record<string, unknown>>,
  {
    survive = [],
    headroom = 0.3,
    catalogue,
  }: { survive?: readonly Event[]; headroom?: number; catalogue?: Catalogue } = {},
): Wanted {
  const configuration: Configuration = readConfiguration({ context: { env, ...settings }, directory: PLACE.directory });
  const book = priceBook(configuration.region);
  if (book === undefined) throw new Error('no prices');
  return {
    ...{ configuration, headroom, survive, work: ASSUMED_WORK, prices: pricesOf(book) },
    catalogue: catalogue ?? catalogueOf(configuration.release.architecture),
  };
}
