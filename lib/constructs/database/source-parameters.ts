/**
 * Parameters of a database from which others replicate logically: the warehouse by zero-ETL, and functions that split
 * further. Those that take a restart are set from the first day.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/zero-etl.setting-up.html (2026-11-21)
 *
 * @param feedsWarehouse Whether whole rows go into the write-ahead log. Zero-ETL wants them; they make the log larger.
 */
export function sourceParameters(feedsWarehouse: boolean): Record<string, string> {
  return {
    // Zero-ETL asks for 20 of each; replicas and a migration take from the same number.
    max_replication_slots: '40',
    max_wal_senders: '40',
    session_replication_role: 'origin',
    // Zero-ETL asks for at least 20,000, milliseconds.
    wal_sender_timeout: '30000',
    ...(feedsWarehouse && { 'rds.replica_identity_full': '1' }),
  };
}
