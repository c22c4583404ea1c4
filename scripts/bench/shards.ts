import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { synthesise } from '../../lib/synthesis';

export interface ShardTimes {
  /** Milliseconds of a synthesis, median, by number of clusters. */
  readonly synthesis: ReadonlyMap<number, number>;
  /** Milliseconds that one more cluster takes, between the fewest and the most. */
  readonly perShard: number;
  /** The same for the upper half of the clusters over that for the lower: 1 when time grows linearly, 2 when squared. */
  readonly growth: number;
}

const [FEW, SOME, MANY] = [64, 128, 256] as const;
const ROUNDS = 5;

/**
 * Measures how synthesis grows with the sharded clusters, in this process and without validation, which a user's own
 * synth has besides. The numbers take turns, so that a machine that is busy for a while is busy for all of them.
 */
export function measureShards(median: (values: readonly number[]) => number): ShardTimes {
  const run = (clusters: number): number => {
    const start = performance.now();
    const context = { env: 'prod', phase: 6, 'data.sharding.engine': 'clusters', 'data.sharding.clusters': clusters };
    synthesise({ context, directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON });
    return performance.now() - start;
  };
  const times = new Map<number, number[]>([FEW, SOME, MANY].map((clusters) => [clusters, []]));
  const before = process.env['CDK_VALIDATION'];
  process.env['CDK_VALIDATION'] = 'false';
  try {
    run(MANY);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [clusters, taken] of times) taken.push(run(clusters));
    }
  } finally {
    // What is measured next validates, as a user's synth does.
    if (before === undefined) delete process.env['CDK_VALIDATION'];
    else process.env['CDK_VALIDATION'] = before;
  }
  const at = (clusters: number): number => median(times.get(clusters) ?? []);
  const lower = (at(SOME) - at(FEW)) / (SOME - FEW);
  const upper = (at(MANY) - at(SOME)) / (MANY - SOME);
  return {
    synthesis: new Map([...times.keys()].map((clusters) => [clusters, at(clusters)])),
    perShard: (at(MANY) - at(FEW)) / (MANY - FEW),
    growth: upper / lower,
  };
}
