import type { Resharding } from '../../resharding/resharding';
import type { MapTable } from '../../sharding/map-table';
import { findingsInWords, openOf } from '../move/text';
import { readRowsFile } from './rows-file';
import { status } from './status';

/** Request to move logical shards with their rows, or to take that back. */
export type RowsRequest = { readonly shards: readonly number[]; readonly file: string } & (
  | { readonly action: 'move'; readonly target: number; readonly checks: boolean }
  | { readonly action: 'abort' }
);

/** Outcome of a request: what to print, and whether it was done. */
export interface RowsOutcome {
  readonly output: string;
  readonly done: boolean;
}

/**
 * Moves logical shards with their rows.
 *
 * @param report Hears what goes on, a line each.
 * @throws ConfigurationError when the file is not sound. @throws MapError, and MoveError, that say what stands against it.
 */
export async function withRows(
  request: RowsRequest,
  map: MapTable,
  report: (line: string) => void,
): Promise<RowsOutcome> {
  const { tables, accepted, limits, clustersOf } = readRowsFile(request.file);
  const whole = await map.whole();
  const common = {
    map,
    shards: request.shards,
    tables,
    accepted,
    limits,
    clusters: clustersOf(whole.clusters),
    report,
  };
  if (request.action === 'abort') {
    const { abortShards } = await import('../../resharding/abort-shards');
    await abortShards(common);
    return { output: status(await map.whole()), done: true };
  }
  const { check, moveShards } = await import('../../resharding/move-shards');
  const resharding: Resharding = { ...common, target: request.target };
  if (request.checks) {
    const findings = await check(resharding);
    return { output: findingsInWords(findings, accepted), done: openOf(findings, accepted).length === 0 };
  }
  await moveShards(resharding);
  return { output: status(await map.whole()), done: true };
}
