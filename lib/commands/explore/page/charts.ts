import { axisX, axisY, barY, gridY, lineY, type Markish, plot, ruleY, text } from '@observablehq/plot';
import { wholeDollars } from '../../cost/money';
import type { PhaseCost } from '../model';

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Point {
  readonly month: number;
  readonly value: number;
}

type Drawing = SVGSVGElement | HTMLElement;

const LEAST_WIDTH = 280;
/** Colours of page.css, which differ between light and dark. */
const COLOURS = 8;

/** Bars of every phase; what does not carry the traffic says so above its bar. */
export function phasesChart(phases: readonly PhaseCost[], chosen: number, width: number): Drawing {
  const rows = phases.flatMap(({ number, fixed, usage }) => [
    { number, usd: fixed, colour: 'var(--fixed)' },
    { number, usd: usage, colour: 'var(--usage)' },
  ]);
  const most = Math.max(...phases.map(({ fixed, usage }) => fixed + usage));
  const totals = phases.map(({ number, fixed, usage, carries }) => {
    const total = fixed + usage;
    return { number, total, mark: carries ? '' : '✗', words: short(total) };
  });
  return named(
    plot({
      ...frame(width, 240),
      marginTop: 34,
      x: {
        type: 'band',
        label: null,
        tickFormat: (number: number) => (number === chosen ? `▲ ${number}` : `${number}`),
      },
      y: { label: null, tickFormat: short, domain: [0, most || 1], ticks: 4 },
      marks: [
        gridY({ ticks: 4, stroke: 'var(--line)', strokeOpacity: 1 }),
        barY(rows, {
          x: 'number',
          y: 'usd',
          fill: (row: (typeof rows)[number]) => row.colour,
          fillOpacity: (row: (typeof rows)[number]) => (row.number === chosen ? 1 : 0.55),
        }),
        text(totals, { x: 'number', y: 'total', text: 'words', dy: -5, lineAnchor: 'bottom', fill: 'currentColor' }),
        text(totals, { x: 'number', y: 'total', text: 'mark', dy: -18, lineAnchor: 'bottom', fill: 'var(--bad)' }),
        ruleY([0], { stroke: 'currentColor' }),
      ],
      color: { type: 'identity' },
      opacity: { type: 'identity' },
    }),
    `Bill of each phase. ${totals.map(({ number, words, mark }) => `Phase ${number}: ${words}${mark === '' ? '' : ', does not carry it'}`).join('. ')}.`,
  );
}

/** Lines of what is taken of each tier over the months; above the line it has given way. */
export function tiersChart(series: readonly Series[], width: number): Drawing {
  const top = Math.min(2, Math.max(1.1, ...series.flatMap(({ points }) => points.map(({ value }) => value))));
  const clipped = series.map(({ name, points }) => ({ name, points: points.filter(({ value }) => value <= top) }));
  const labels = spread(
    clipped.map(({ name, points }) => ({ name, at: points.at(-1)?.value ?? top })),
    top / 13,
  );
  const lines = clipped.flatMap(({ points }, index): Markish[] => [
    lineY(points, { x: 'month', y: 'value', stroke: colour(index), strokeWidth: 2 }),
  ]);
  const names = labels.map(({ name, at, index }) =>
    text([{ at }], { x: last(clipped[index]), y: 'at', text: () => name, fill: colour(index), ...BESIDE }),
  );
  const words = series.map(({ name, points }) => `${name}: ${percent(points[0])} now, ${percent(points.at(-1))}`);
  return named(
    plot({
      ...frame(width, 260),
      marginRight: 110,
      x: { label: 'months from now', domain: [0, lastMonth(series)] },
      y: { label: null, domain: [0, top], tickFormat: (share: number) => `${Math.round(share * 100)} %`, ticks: 5 },
      marks: [
        gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
        ruleY([1], { stroke: 'var(--bad)', strokeDasharray: '5 3' }),
        ...lines,
        ...names,
        axisX({ ticks: 6 }),
        axisY({ ticks: 5, tickFormat: (share: number) => `${Math.round(share * 100)} %` }),
      ],
    }),
    `Taken of the tightest ceiling of each tier over ${lastMonth(series)} months. ${words.join('. ')} at the end.`,
  );
}

/** The bill over the months. */
export function billsChart(points: readonly Point[], width: number): Drawing {
  const most = Math.max(1, ...points.map(({ value }) => value));
  return named(
    plot({
      ...frame(width, 180),
      x: { label: 'months from now' },
      y: { label: null, domain: [0, most], tickFormat: short, ticks: 4 },
      marks: [
        gridY({ ticks: 4, stroke: 'var(--line)', strokeOpacity: 1 }),
        lineY(points, { x: 'month', y: 'value', stroke: 'var(--fixed)', strokeWidth: 2 }),
        ruleY([0], { stroke: 'currentColor' }),
        axisX({ ticks: 6 }),
        axisY({ ticks: 4, tickFormat: short }),
      ],
    }),
    `Bill over the months: ${short(points[0]?.value ?? 0)} now, ${short(points.at(-1)?.value ?? 0)} at the end.`,
  );
}

const BESIDE = { textAnchor: 'start', dx: 6 } as const;

function frame(width: number, height: number) {
  const style = { background: 'transparent', color: 'inherit', fontSize: '12px', overflow: 'visible' };
  return { width: Math.max(LEAST_WIDTH, width), height, style, marginLeft: 48 };
}

/** A drawing that tells a screen reader what it shows, as a whole: Plot names its parts, which ARIA does not allow of groups. */
function named(drawing: Drawing, words: string): Drawing {
  for (const part of drawing.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  drawing.setAttribute('role', 'img');
  drawing.setAttribute('aria-label', words);
  return drawing;
}

function colour(index: number): string {
  return `var(--c${(index % COLOURS) + 1})`;
}

/** Labels at least so far apart, from the lowest upwards. */
function spread(labels: readonly { name: string; at: number }[], gap: number) {
  let lowest = Number.NEGATIVE_INFINITY;
  return labels
    .map((label, index) => ({ ...label, index }))
    .sort((a, b) => a.at - b.at)
    .map((label) => {
      lowest = Math.max(label.at, lowest + gap);
      return { ...label, at: lowest };
    });
}

function last(series: Series | undefined): number {
  return series?.points.at(-1)?.month ?? 0;
}

function lastMonth(series: readonly Series[]): number {
  return Math.max(1, ...series.map(last));
}

function percent(point: Point | undefined): string {
  return `${Math.round((point?.value ?? 0) * 100)} %`;
}

/** `$1.2k`: money where there is little room. */
function short(usd: number): string {
  if (usd < 1000) return wholeDollars(usd);
  const [figure, unit] = usd < 1e6 ? [usd / 1000, 'k'] : [usd / 1e6, 'M'];
  return `$${figure < 10 ? figure.toFixed(1) : Math.round(figure).toLocaleString('en-US')}${unit}`;
}
