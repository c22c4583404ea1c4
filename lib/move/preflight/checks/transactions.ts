import { namesIn, onBothSides, type PreflightCheck } from '../check';

export const TRANSACTION_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'prepared-transactions',
    level: 'refuse',
    find: (context) =>
      onBothSides(context, ({ administrator }) =>
        namesIn(
          administrator,
          `select gid || ' (' || database || ')' as what from pg_catalog.pg_prepared_xacts order by prepared`,
        ),
      ),
    what: (names) => `a slot waits until transactions that are prepared have ended: ${names}`,
    remedy: 'commit prepared or rollback prepared',
  },
  {
    id: 'long-transactions',
    level: 'note',
    find: ({ source }) =>
      namesIn(
        source.administrator,
        `select a.usename || ' (pid ' || a.pid || ', ' || extract(epoch from now() - a.xact_start)::int || ' s, ' || a.state || ')' as what
          from pg_catalog.pg_stat_activity a where a.backend_type = 'client backend' and a.application_name <> 'beamstalk-move' and a.xact_start < now() - interval '5 s'
          order by a.xact_start`,
      ),
    what: (names) => `transactions are open that the copy waits for, and a switch gives up for: ${names}`,
    remedy: 'end them, should they still be there',
  },
];
