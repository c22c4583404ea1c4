/**
 * Numbers of the phases, in the order of the climb: the one place that counts them. Types,
 * limits, patterns and lists follow from it, so that a phase is added here and in `lib/architecture/phases`.
 */
export const PHASE_NUMBERS = [0, 1, 2, 3, 4, 5, 6] as const;

export type PhaseNumber = (typeof PHASE_NUMBERS)[number];

/** The last phase. */
export const LAST_PHASE: PhaseNumber = Math.max(...PHASE_NUMBERS) as PhaseNumber;

/** First phase of what several checks ask for, by what it brings. */
export const FIRST_PHASE_OF = {
  /** RDS in place of the database on the single server. */
  database: 1,
  /** Load balancer, fleets over several zones, CloudFront. */
  loadBalancer: 2,
  /** Read replicas and the cache. */
  replicas: 3,
  /** Scaling policies, delivery pipeline, operations. */
  automation: 4,
  /** Queues and workers. */
  queues: 5,
  /** Databases by function, shards, tables, warehouse. */
  extremeData: 6,
} as const satisfies Readonly<Record<string, PhaseNumber>>;

const ONE_OF = `(?:${PHASE_NUMBERS.join('|')})`;
const PHASE = new RegExp(`^${ONE_OF}$`);
const STEP = new RegExp(`^${ONE_OF}(?:\\+${ONE_OF})?-to-${ONE_OF}(?:\\+${ONE_OF})?$`);

/** Tells a phase number written as text, such as `3`, from anything else. */
export function isPhase(text: string): boolean {
  return PHASE.test(text);
}

/** Tells a step between two states as `beamstalk diff` writes them, such as `3-to-2` or `3+1-to-2+1`, from anything else. */
export function isStep(text: string): boolean {
  return STEP.test(text);
}
