import type { Client } from 'pg';
import type { Finding } from '../../move/finding';
import { fenceSchema } from '../fences';
import type { Portion } from '../resharding';

/** Clusters without a fence: nothing would keep two of them from writing one row. */
export async function fencesFound(
  { source, target, from, to }: Portion,
  owners: { readonly source: Client; readonly target: Client },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [{ title }, owner, cluster] of [
    [source, owners.source, from],
    [target, owners.target, to],
  ] as const) {
    if ((await fenceSchema(owner)) !== undefined) continue;
    findings.push({
      id: 'no-fence',
      level: 'refuse',
      what: `${title} has no fence of its owner's`,
      remedy: `run there, as the owner of the tables, what \`shards fence ${cluster}\` prints`,
    });
  }
  return findings;
}
