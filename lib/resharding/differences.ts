import { createHash } from 'node:crypto';
import type { Finding } from '../move/finding';
import { mustNotStandAgainst } from '../move/preflight/stand-against';
import { asOwner } from '../move/session';
import { compareRows } from '../move/verify';
import { takeSnapshot, withSessions } from './compare';
import type { MovingRows } from './moving-rows';
import { readReady, writeDifferences } from './record';
import type { Portion, Resharding } from './resharding';

/** Finding that rows of a portion differed when it was given over, as its record has it; none where they were equal. */
export async function differencesOf(portion: Portion): Promise<Finding[]> {
  const { source, target, shards } = portion;
  const differences = (await asOwner(target, (client) => readReady(client, portion)))?.differences ?? [];
  if (differences.length === 0) return [];
  const words = differences.join('; ');
  return [
    {
      // Accepting these accepts no others.
      id: `rows-differ-${createHash('sha256').update(words).digest('hex').slice(0, 8)}`,
      level: 'accept',
      what: `rows of the logical shards ${shards.join(',')} differed when ${target.title} got them from ${source.title}: ${words}`,
      remedy: `compare them with the old rows, which stay on ${source.title}, mend them on ${target.title}, and run the same again`,
    },
  ];
}

/**
 * Says no to the removal of old rows as long as those of the target differ from them. Nobody writes the old ones, so both sides can
 * be compared at any time; where users have written the new ones since, only the operator can tell what is missing.
 *
 * @throws MoveError when rows that differed have neither been mended nor accepted.
 */
export async function mustHaveCome(resharding: Resharding, portion: Portion, rows: MovingRows): Promise<void> {
  const findings = await differencesOf(portion);
  if (findings.length === 0) return;
  const equal = await withSessions(resharding, portion, async ({ before, after, looks }) => {
    await Promise.all([before, after].map((session) => takeSnapshot(session, resharding)));
    const found = await compareRows(rows.inventory, before, after, rows.conditionOf);
    if (found.equal) await writeDifferences(looks, portion, []);
    return found.equal;
  });
  if (equal) return resharding.report('rows that differed are equal now');
  const what = `old rows of the logical shards ${portion.shards.join(',')} stay on ${portion.source.title}, and users write on ${portion.target.title}`;
  mustNotStandAgainst(what, findings, resharding.accepted);
}
