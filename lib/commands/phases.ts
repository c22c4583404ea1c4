import { PHASES } from '../architecture/phases';
import { type SynthesisProps, synthesise } from '../synthesis';
import { inWordsOfFlags } from './in-words-of-flags';

/**
 * Builds, synthesises and validates every phase of an environment, and says what each adds.
 *
 * @returns A table with a line per phase.
 */
export function phases({ context, ...place }: SynthesisProps): string {
  const rows = PHASES.map(({ number, name, adds }) => {
    const { templates } = inWordsOfFlags(() => synthesise({ context: { ...context, phase: number }, ...place }));
    const stacks = Object.values(templates);
    const resources = stacks.reduce((sum, { Resources }) => sum + Object.keys(Resources).length, 0);
    return [String(number), name, String(stacks.length), String(resources), adds];
  });
  return table(['phase', 'name', 'stacks', 'resources', 'adds'], rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [heads, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          /^\d+$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
    .concat('\n');
}
