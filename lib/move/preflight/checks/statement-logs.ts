import { namesIn, onBothSides, type PreflightCheck } from '../check';

/** Settings by which a server logs statements with the values that they are given. */
const LOGS = `select name || ' is ' || setting as what from pg_catalog.pg_settings
  where name = 'log_statement' and setting = 'all' or name in ('log_min_duration_statement', 'log_min_duration_sample') and setting = '0'
  order by 1`;

export const STATEMENT_LOG_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'statement-logs',
    level: 'accept',
    find: (context) => onBothSides(context, ({ administrator }) => namesIn(administrator, LOGS)),
    what: (names) => `the log of all statements would hold the password by which the other side reads: ${names}`,
    remedy: 'log less until the move has started, or see that few may read the log',
  },
];
