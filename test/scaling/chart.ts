import type { Minute } from './play';

const WIDTH = 80;
const LABELS = 8;
const HEIGHT = 7;
const COLUMNS = WIDTH - LABELS;

interface Curve {
  readonly title: string;
  readonly of: (minute: Minute) => number;
  readonly text: (value: number) => string;
}

const CURVES: readonly Curve[] = [
  { title: 'requests per second', of: ({ arrived }) => arrived, text: (value) => value.toFixed(0) },
  { title: 'nodes that serve', of: ({ serving }) => serving, text: (value) => value.toFixed(0) },
  {
    title: 'p99 wait in milliseconds',
    of: ({ p99 }) => p99 * 1000,
    text: (value) => value.toFixed(value < 10 ? 1 : 0),
  },
];

/** A day as text, 80 columns wide: requests, nodes and wait, the greatest value of each column's minutes. */
export function chart(played: readonly Minute[]): string {
  return CURVES.flatMap((curve) => [curve.title, ...rowsOf(curve, played), hours(played), '']).join('\n');
}

function rowsOf({ of, text }: Curve, played: readonly Minute[]): string[] {
  const columns = Array.from({ length: COLUMNS }, (_, column) => {
    const [from, to] = [column, column + 1].map((edge) => Math.floor((edge * played.length) / COLUMNS));
    return Math.max(...played.slice(from, to).map(of));
  });
  const greatest = Math.max(...columns, Number.MIN_VALUE);
  return Array.from({ length: HEIGHT }, (_, row) => {
    const level = (HEIGHT - row - 1) / HEIGHT;
    const label = row === 0 ? text(greatest) : row === HEIGHT - 1 ? '0' : '';
    const bars = columns.map((value) => (value / greatest > level ? '#' : ' ')).join('');
    return `${label.padStart(LABELS - 2)} |${bars}`.trimEnd();
  });
}

function hours(played: readonly Minute[]): string {
  const line = Array.from({ length: COLUMNS }, () => '-');
  for (let hour = 0; hour * 60 < played.length; hour += 3) {
    const at = Math.round((hour * 60 * COLUMNS) / played.length);
    for (const [index, sign] of [...`${hour}h`].entries()) line[at + index] = sign;
  }
  return `${'+'.padStart(LABELS)}${line.join('')}`.slice(0, WIDTH);
}
