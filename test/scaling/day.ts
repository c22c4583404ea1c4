export const MINUTES_A_DAY = 24 * 60;

/** What a day is like, in requests per second and minutes of the day. All of it is assumed. */
export interface Day {
  readonly mean: number;
  /** How far the curve of day and night goes up and down. */
  readonly swing: number;
  /** The hour of most requests. */
  readonly crestHour: number;
  readonly spike: { readonly at: number; readonly rise: number; readonly hold: number; readonly times: number };
  /** Requests that come slowly on top, and go as slowly. */
  readonly ramp: { readonly at: number; readonly rise: number; readonly extra: number };
  /** Greatest share by which a minute strays from its curve. */
  readonly noise: number;
  readonly seed: number;
}

/** Requests per second for every minute: the same for the same seed. */
export function requestsOf({ mean, swing, crestHour, spike, ramp, noise, seed }: Day): readonly number[] {
  const random = numbers(seed);
  return Array.from({ length: MINUTES_A_DAY }, (_, minute) => {
    const curve = mean + swing * Math.cos((2 * Math.PI * (minute / 60 - crestHour)) / 24);
    const peak = 1 + (spike.times - 1) * trapezoid(minute - spike.at, spike.rise, spike.hold);
    const slow = ramp.extra * trapezoid(minute - ramp.at, ramp.rise, 0);
    return (curve * peak + slow) * (1 + noise * (2 * random() - 1));
  });
}

/** 0 before 0, up to 1 within `rise`, stays for `hold`, and down again within `rise`. */
function trapezoid(at: number, rise: number, hold: number): number {
  const up = rise === 0 ? Number(at >= 0) : at / rise;
  const down = rise === 0 ? Number(at < hold) : (2 * rise + hold - at) / rise;
  return Math.max(0, Math.min(1, up, down));
}

/** Numbers from 0 to 1 that look random: mulberry32, a generator in the public domain by T. Ettinger (2017). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
