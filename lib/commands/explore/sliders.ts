import type { Traffic } from '../../config/traffic-settings';

/** A figure of the traffic that the page lets one move. */
export interface Slider {
  readonly key: keyof Traffic;
  readonly label: string;
  /** Word behind the figure: `a month`, `%`. */
  readonly unit: string;
  /** Values that it stops at, ascending. */
  readonly stops: readonly number[];
}

/** Steps within a power of ten: about a third more each time. */
const STEPS = [1, 1.5, 2, 3, 5, 7];

/** Nothing, and whole numbers that grow by powers up to the greatest. */
function powers(least: number, greatest: number): number[] {
  const stops = [0];
  for (let power = 1; power <= greatest; power *= 10) {
    stops.push(...STEPS.map((step) => step * power).filter((value) => value >= least && value <= greatest));
  }
  return stops.filter(Number.isInteger);
}

function range(least: number, greatest: number, step: number): number[] {
  return Array.from({ length: Math.round((greatest - least) / step) + 1 }, (_, at) => least + at * step);
}

/** The figures that decide most, each up to what the ladder of phases is built for and beyond, within the schema's bounds. */
const SLIDERS: readonly Slider[] = [
  { key: 'users', label: 'Registered users', unit: '', stops: powers(1000, 1e9) },
  { key: 'connections', label: 'Open connections at the peak', unit: '', stops: powers(100, 1e7) },
  { key: 'requestsPerMonth', label: 'HTTP requests', unit: 'a month', stops: powers(100_000, 1e12) },
  { key: 'readsPerMonth', label: 'Reads of stored data', unit: 'a month', stops: powers(100_000, 1e12) },
  { key: 'writesPerMonth', label: 'Writes of stored data', unit: 'a month', stops: powers(10_000, 1e11) },
  { key: 'jobsPerMonth', label: 'Jobs', unit: 'a month', stops: powers(10_000, 1e10) },
  { key: 'payloadBytes', label: 'Average response', unit: 'bytes', stops: powers(100, 1e7) },
  { key: 'cdnHitPercent', label: 'Requests that CloudFront answers', unit: '%', stops: range(0, 100, 5) },
  { key: 'cacheHitPercent', label: 'Reads that the cache answers', unit: '%', stops: range(0, 100, 5) },
  { key: 'peakFactor', label: 'Busiest minute over the average', unit: 'times', stops: range(1, 20, 0.5) },
  { key: 'growthPercentPerMonth', label: 'Growth', unit: '% a month', stops: range(0, 50, 1) },
];

/** The sliders of a page, each with a stop at what the environment expects. */
export function slidersFor(traffic: Traffic): Slider[] {
  return SLIDERS.map((slider) => ({
    ...slider,
    stops: [...new Set([...slider.stops, traffic[slider.key]])].sort((a, b) => a - b),
  }));
}

/** A figure with its unit: `10,000 a month`. */
export function inWords(slider: Pick<Slider, 'unit'>, value: number): string {
  const figure = value.toLocaleString('en-US');
  if (slider.unit === '') return figure;
  return `${figure} ${slider.unit}`;
}
