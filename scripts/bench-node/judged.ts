/** A figure with the least or the most that it should be. */
export type Ratio = readonly [what: string, value: number, bound: 'least' | 'most', target: number];

/** Says which figures are met; true when all are. One over nothing, which is infinite, was not measured. */
export function judged(ratios: readonly Ratio[]): boolean {
  const met = ([, value, bound, target]: Ratio): boolean =>
    Number.isFinite(value) && (bound === 'least' ? value >= target : value <= target);
  for (const ratio of ratios) {
    const [what, value, bound, target] = ratio;
    const shown = value >= 100 ? Math.round(value).toString() : value.toFixed(2);
    console.log(`${met(ratio) ? 'met' : 'MISSED'}: ${what} ${shown}, target ${target} at ${bound}`);
  }
  return ratios.every(met);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
