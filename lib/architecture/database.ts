/** An instance of RDS for PostgreSQL. */
export interface DatabasePlan {
  readonly name: string;
  readonly class: string;
  readonly engineVersion: string;
  readonly storageGiB: number;
  readonly maxStorageGiB: number;
  readonly multiAz: boolean;
  readonly backupDays: number;
  readonly insights: 'standard' | 'advanced';
  readonly slowQueryMs: number;
  /** Days after which the application's password changes; absent, it stays. */
  readonly passwordDays?: number;
  /** From phase 3: read replicas behind one name. */
  readonly readers?: ReadersPlan;
}

export interface ReadersPlan {
  readonly count: number;
  readonly class: string;
  /** Not older than the writer's: RDS refuses that. */
  readonly engineVersion: string;
}
