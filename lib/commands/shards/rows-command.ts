import type { Command } from 'commander';
import { shardsOf, wholeNumber } from './arguments';
import type { RowsRequest } from './with-rows';

/** Adds what moves rows of logical shards, for a machine that knows no environment: the file says where the map is. */
export function addRowsCommands(shards: Command): void {
  shards
    .command('move')
    .description('move logical shards, and their rows, to another cluster')
    .argument('<shards>', 'such as 17, 17-40 or 1,5,17-40', shardsOf)
    .requiredOption('--to <cluster>', 'number of the cluster that gets them', wholeNumber)
    .requiredOption('--rows <file>', 'the file that describes clusters and tables')
    .option('--check', 'say what stands against it; changes nothing')
    .action((numbers: number[], { to, rows, check }: { to: number; rows: string; check?: true }) =>
      run({ action: 'move', shards: numbers, target: to, file: rows, checks: check === true }),
    );
  shards
    .command('abort')
    .description('leave logical shards where they are, and take away the rows that were copied')
    .argument('<shards>', 'such as 17, 17-40 or 1,5,17-40', shardsOf)
    .requiredOption('--rows <file>', 'the file that they were moved with')
    .action((numbers: number[], { rows }: { rows: string }) => run({ action: 'abort', shards: numbers, file: rows }));
}

async function run(request: RowsRequest): Promise<void> {
  const [{ runRows }, { mapOfFile }, { mapInTable }, { withRows }] = await Promise.all([
    import('./rows-run'),
    import('./rows-file'),
    import('./dynamo-table'),
    import('./with-rows'),
  ]);
  const { table, region } = mapOfFile(request.file);
  await runRows(async (report) => withRows(request, await mapInTable(table, region), report));
}
