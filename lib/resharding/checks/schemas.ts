import { readInventory } from '../../move/inventory';
import type { Context, PreflightCheck } from '../../move/preflight/check';
import type { ShardedTable } from '../resharding';

/** Tables of the list that are not the same on both sides, found one by one. */
async function different({ source, target }: Context, keyed: readonly ShardedTable[]): Promise<string[]> {
  const found: string[] = [];
  for (const { schema, name } of keyed) {
    const [from, to] = [
      await readInventory(source.owner, [{ schema, name }]),
      await readInventory(target.owner, [{ schema, name }]),
    ];
    if (from.fingerprint !== to.fingerprint) found.push(`${schema}.${name}`);
  }
  return found;
}

export function schemaChecks(keyed: readonly ShardedTable[]): readonly PreflightCheck[] {
  return [
    {
      id: 'schemas-differ',
      level: 'refuse',
      find: (context) => different(context, keyed),
      what: (names, { move }) =>
        `${move.source.title} and ${move.target.title} have other columns, keys or types in ${names}`,
      remedy: 'run the same migrations on every cluster',
    },
  ];
}
