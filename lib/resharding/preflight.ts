import type { Finding } from '../move/finding';
import { readInventory } from '../move/inventory';
import type { Move } from '../move/move';
import { namesOf } from '../move/names';
import type { Context, PreflightCheck } from '../move/preflight/check';
import { CAPACITY_CHECKS } from '../move/preflight/checks/capacity';
import { RIGHTS_CHECKS } from '../move/preflight/checks/rights';
import { SLOT_SIZE_CHECKS } from '../move/preflight/checks/slot-size';
import { STATEMENT_LOG_CHECKS } from '../move/preflight/checks/statement-logs';
import { TABLE_CHECKS } from '../move/preflight/checks/tables';
import { TRANSACTION_CHECKS } from '../move/preflight/checks/transactions';
import { VERSION_CHECKS } from '../move/preflight/checks/versions';
import { findingsOf, inSessions } from '../move/preflight/preflight';
import { relationsThatMove } from '../move/relations';
import { fencesFound } from './checks/fences';
import { keyChecks } from './checks/keys';
import { referenceChecks } from './checks/references';
import { schemaChecks } from './checks/schemas';
import { tablesFound } from './checks/tables';
import { keyedTables } from './moving-rows';
import type { Portion, Resharding } from './resharding';

/** Finds what speaks against moving the rows of a portion. Nothing is changed. */
export function preflight(resharding: Resharding, portion: Portion): Promise<readonly Finding[]> {
  const { source, target } = portion;
  return inSessions(source, (from) =>
    inSessions(target, async (to) => {
      // A table, or a column, that is not there can be asked nothing more.
      const missing = await tablesFound(resharding, portion, { source: from.owner, target: to.owner });
      if (missing.length > 0) return missing;
      const keyed = keyedTables(resharding.tables);
      const { tables } = await relationsThatMove(from.owner, keyed);
      const context: Context = {
        ...{ move: asMove(resharding, portion), names: namesOf(portion.id), source: from, target: to },
        ...{ inventory: await readInventory(from.owner, keyed), tables: tables.map(({ oid }) => oid) },
        ...{ named: true, begun: false },
      };
      return [
        ...(await fencesFound(portion, { source: from.owner, target: to.owner })),
        ...(await findingsOf(SHARED_CHECKS, context)),
        ...(await findingsOf(schemaChecks(keyed), context)),
        ...(await findingsOf(keyChecks(keyed), context)),
        ...(await findingsOf(referenceChecks(keyed), context)),
      ];
    }),
  );
}

/** Checks that hold for whole tables as well. The schema is there on both sides, so no program makes it. */
const SHARED_CHECKS: readonly PreflightCheck[] = [
  ...[RIGHTS_CHECKS, VERSION_CHECKS, CAPACITY_CHECKS, SLOT_SIZE_CHECKS, TABLE_CHECKS].flat(),
  ...[STATEMENT_LOG_CHECKS, TRANSACTION_CHECKS].flat(),
].filter(({ id }) => !['programs', 'storage', 'slot-unbounded'].includes(id));

function asMove({ tables, limits, accepted, report }: Resharding, { id, source, target }: Portion): Move {
  return {
    ...{ id, source, target, accepted, report, tables: keyedTables(tables) },
    limits: { ...limits, sequenceGap: 0, tablesAtOnce: 0 },
    programs: { pgDump: 'none', pgRestore: 'none' },
    announce: () => Promise.reject(new Error('the map says where to write')),
  };
}
