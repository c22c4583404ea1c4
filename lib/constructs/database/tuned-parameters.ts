/**
 * Parameters of PostgreSQL on RDS. Sizes are formulas over the instance's memory (`DBInstanceClassMemory`, bytes), so
 * that a larger class is tuned without another parameter group.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ParamValuesRef.html (2026-11-20)
 *
 * @param slowQueryMs Queries that take longer are logged, milliseconds.
 */
export function tunedParameters(slowQueryMs: number): Record<string, string> {
  return {
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track': 'all',
    'rds.force_ssl': '1',
    // A climb into or out of this database replicates logically; turning it on later would take a restart.
    'rds.logical_replication': '1',
    // Three quarters of memory, in pages of 8 KiB: what the kernel and PostgreSQL cache together.
    effective_cache_size: '{DBInstanceClassMemory/10922}',
    // A sixteenth of memory, in KiB, at most 2 GiB: vacuum and index builds.
    maintenance_work_mem: 'LEAST({DBInstanceClassMemory/16384},2097152)',
    // gp3 reads any page about as fast as the next one.
    random_page_cost: '1.1',
    effective_io_concurrency: '200',
    checkpoint_timeout: '900',
    log_min_duration_statement: String(slowQueryMs),
    log_lock_waits: '1',
    log_temp_files: '10240',
    log_autovacuum_min_duration: '10000',
    track_io_timing: '1',
    // A node that dies in a transaction must not hold locks for long, milliseconds.
    idle_in_transaction_session_timeout: '60000',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
  };
}
