import type { Rules, Steps } from './rules';

/** What is to be done, and how nodes get on with it. Keeps what is left over from one minute to the next. */
export interface Work {
  /** Plays one minute with so many serving nodes. */
  minute(minute: number, nodes: number): Reading;
}

export interface Reading {
  /** What came in during the minute, in the work's own unit. */
  readonly arrived: number;
  /** Seconds that all but one in a hundred waited at most. */
  readonly p99: number;
  /** What the rules look at, by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface Minute extends Reading {
  readonly minute: number;
  readonly desired: number;
  readonly serving: number;
}

export interface Game {
  readonly rules: Rules;
  readonly work: Work;
  readonly minutes: number;
  /** Minutes from launch until a node serves. */
  readonly boot: number;
  /** Least nodes at a time known before, if any. */
  readonly scheduled?: (minute: number) => number;
}

/**
 * Target tracking adds when a metric has been above its target for three minutes. The number is that of the alarms
 * which the service makes, not one that its pages promise. Of several policies the one that wants most nodes decides.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html (2026-11-21)
 */
const MINUTES_ABOVE = 3;

/** Plays the rules minute by minute. A metric is seen one minute after the minute that it measures. */
export function play({ rules, work, minutes, boot, scheduled = () => 0 }: Game): Minute[] {
  const played: Minute[] = [];
  let pausedUntil = 0;
  let ages: number[] = Array.from({ length: rules.least }, () => 24 * 60);
  for (let minute = 0; minute < minutes; minute++) {
    const serving = ages.filter((age) => age >= boot).length;
    const warm = ages.filter((age) => age >= Math.max(boot, rules.warmUp)).length;
    const nodes = { desired: ages.length, serving, warm };
    const wanted = added(rules, played, nodes);
    const idle = wanted <= nodes.desired && minute >= pausedUntil && removable(rules, played);
    if (idle) pausedUntil = minute + rules.removal.pause;
    const least = Math.min(rules.most, Math.max(rules.least, scheduled(minute)));
    const desired = Math.min(rules.most, Math.max(least, wanted, nodes.desired - Number(idle)));
    ages = [...ages.slice(0, desired), ...Array.from({ length: Math.max(0, desired - ages.length) }, () => 0)];
    const now = ages.filter((age) => age >= boot).length;
    played.push({ minute, desired, serving: now, ...work.minute(minute, now) });
    ages = ages.map((age) => age + 1);
  }
  return played;
}

interface Nodes {
  readonly desired: number;
  readonly serving: number;
  readonly warm: number;
}

/** Nodes that the rules for adding ask for; 0 when they do not. */
function added(rules: Rules, seen: readonly Minute[], { serving, warm }: Nodes): number {
  const last = seen.at(-1);
  if (last === undefined) return 0;
  const more = rules.tracking
    .filter(({ metric, target }) => lasts(seen, MINUTES_ABOVE, ({ metrics }) => (metrics[metric] ?? 0) > target))
    .map(({ metric, target }) => Math.ceil((serving * (last.metrics[metric] ?? 0)) / target));
  return Math.max(0, ...more, rules.steps === undefined ? 0 : stepped(rules.steps, seen, warm));
}

/** Whether the others could have carried one node's share all the time. */
function removable({ removal, tracking }: Rules, seen: readonly Minute[]): boolean {
  return lasts(seen, removal.minutes, ({ metrics, desired }) => {
    const load = Math.max(...tracking.map(({ metric, target }) => (metrics[metric] ?? 0) / target));
    return (load * desired) / (desired - 1) < removal.leftLoaded;
  });
}

function lasts(seen: readonly Minute[], minutes: number, holds: (minute: Minute) => boolean): boolean {
  return seen.length >= minutes && seen.slice(-minutes).every(holds);
}

/** What the steps add to the nodes that are warm: those that warm up count as added already. */
function stepped(steps: Steps, seen: readonly Minute[], warm: number): number {
  const watched = seen.slice(-steps.periods).map(({ metrics }) => {
    const { requests = 0, cpu = 0, latency = 0 } = metrics;
    return requests >= steps.loaded.requests || cpu >= steps.loaded.cpu ? latency : 0;
  });
  if (watched.filter((latency) => latency >= steps.threshold).length < steps.datapoints) return 0;
  const above = (watched.at(-1) ?? 0) - steps.threshold;
  const step = steps.adjustments.find(({ from, to }) => above >= from && above < to);
  if (step === undefined) return 0;
  return warm + Math.max(steps.leastAdjustment, Math.floor((warm * step.percent) / 100));
}

/** Minutes at which nodes were added that had been taken away, or the other way round, twice within so many minutes. */
export function flapping(played: readonly Minute[], within: number): number[] {
  const turns = played.flatMap(({ minute, desired }, index) => {
    const change = Math.sign(desired - (played[index - 1]?.desired ?? desired));
    return change === 0 ? [] : [{ minute, change }];
  });
  return turns
    .filter(({ change, minute }, index) => {
      const back = turns.slice(0, index).findLast((turn) => turn.change !== change);
      const before = turns.findLast((turn) => turn.change === change && turn.minute < (back?.minute ?? -1));
      return before !== undefined && minute - before.minute <= within;
    })
    .map(({ minute }) => minute);
}
