import type { TemplateResource } from '../../template/template';
import { isTree, listInside, numberOf } from '../../template/values';
import { ASSUMED, DAYS } from '../assumptions';
import type { Asked, Item, Part } from '../item';
import type { Found, StoreLoad, Survey } from '../survey';

const used = (what: string, price: string, quantity: number): Item => ({
  ...{ what, price, quantity, tier: 'data', kind: 'usage' },
});

/** Days for which AWS keeps automated backups where a template says nothing. */
const STANDARD_DAYS = 1;

/** Sizes of the data that the automated backups of so many days hold: all once, and what changed on each further day. */
function sizesOf(days: number): number {
  return days < 1 ? 0 : 1 + (days - 1) * ASSUMED.changePerDay;
}

function retention({ Properties = {} }: TemplateResource): number {
  return numberOf(Properties['BackupRetentionPeriod']) ?? STANDARD_DAYS;
}

/** GB that a database of RDS has allocated by the time that it holds its rows, and those of its rows that fit. */
export function storageOf(
  properties: Readonly<Record<string, unknown>>,
  rows: number,
): { readonly allocated: number; readonly most: number; readonly grown: number; readonly held: number } | undefined {
  const allocated = numberOf(properties['AllocatedStorage']);
  if (allocated === undefined) return undefined;
  const most = numberOf(properties['MaxAllocatedStorage']) ?? allocated;
  const held = Math.min(rows, Math.max(most, allocated));
  return { allocated, most, grown: Math.max(0, held - allocated), held };
}

/**
 * Automated backups and snapshots of RDS share what is free, which is as large as all storage that is allocated in the region;
 * that of replicas is not counted here.
 * Source: https://aws.amazon.com/blogs/database/demystifying-amazon-rds-backup-storage-costs/ (2026-11-30)
 */
function relational(survey: Survey): { readonly automated: number; readonly free: number } {
  const { gb } = survey.load('relational');
  let [automated, free] = [0, 0];
  for (const { resource } of survey.stores('relational')) {
    const storage = storageOf(resource.Properties ?? {}, gb);
    if (storage === undefined) continue;
    automated += storage.held * sizesOf(retention(resource));
    free += storage.allocated + storage.grown;
  }
  return { automated, free };
}

/** Automated backups of all databases of RDS, as far as they are not free. */
export function automatedOfDatabases(survey: Survey): Item[] {
  const { automated, free } = relational(survey);
  return automated <= free ? [] : [used('automated backups beyond the free size', 'backup.rds', automated - free)];
}

/**
 * Automated backups of a cluster whose volume grows by itself. As much as the volume holds is free, and so is a retention of
 * one day.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-storage-backup.html (2026-11-30)
 */
export function automatedOfCluster(resource: TemplateResource, { gb }: StoreLoad, price: string): Item[] {
  const beyond = gb * Math.max(0, sizesOf(retention(resource)) - 1);
  return beyond === 0 ? [] : [used('automated backups beyond the free size', price, beyond)];
}

/** Snapshots of a plan, which is taken to back up every database and table of its templates. */
export function backups({ resource, survey }: Asked): Part[] {
  const rules = listInside(resource, 'BackupPlan', 'BackupPlanRule');
  const plans = survey.of('AWS::Backup::BackupPlan').length;
  const copies = rules.reduce((sum, rule) => sum + incremental(rule), 0);
  const { automated, free } = relational(survey);
  const rows = survey.stores('relational').reduce((sum, { resource: { Properties = {} } }) => {
    return sum + (storageOf(Properties, survey.load('relational').gb)?.held ?? 0);
  }, 0);
  const ofDatabases = Math.max(0, rows * copies - Math.max(0, free - automated) / plans);
  const ofTables = survey.load('tables').gb * survey.stores('tables').length * copies;
  return [
    used('backups of databases', 'backup.rds', ofDatabases),
    used('backups of Aurora', 'backup.aurora', snapshotsOfClusters(survey, rules)),
    used('backups of tables', 'backup.dynamodb', ofTables),
    ...(rules.some((rule) => rule['CopyActions'] !== undefined)
      ? [{ unknown: 'copies to another region are billed at its prices' }]
      : []),
  ];
}

/** Snapshots of a rule: how many, and how many days apart. */
function snapshotsOf(rule: Readonly<Record<string, unknown>>): { readonly days: number; readonly apart: number } {
  const lifecycle = rule['Lifecycle'];
  const days = (isTree(lifecycle) ? numberOf(lifecycle['DeleteAfterDays']) : undefined) ?? 365;
  return { days, apart: isMonthly(rule) ? DAYS : 1 };
}

function isMonthly(rule: Readonly<Record<string, unknown>>): boolean {
  return /^cron\(\S+ \S+ 1 /.test(String(rule['ScheduleExpression']));
}

/** Size of all snapshots of a rule, in sizes of the data: they hold it once, and what changed for each further one. */
function incremental(rule: Readonly<Record<string, unknown>>): number {
  const { days, apart } = snapshotsOf(rule);
  const further = Math.max(0, days / apart - 1) * Math.min(1, apart * ASSUMED.changePerDay);
  // The monthly snapshots stand on the daily ones, which hold the data once.
  return isMonthly(rule) ? further : 1 + further;
}

/**
 * Snapshots of Aurora are free while the automated backups reach as far back; an older one is billed as large as the volume.
 * Source: https://docs.aws.amazon.com/neptune/latest/userguide/backup-restore-overview-metrics.html, of the storage that both
 * have (2026-11-30)
 */
function snapshotsOfClusters(survey: Survey, rules: readonly Readonly<Record<string, unknown>>[]): number {
  const { gb } = survey.load('aurora');
  const older = ({ resource }: Found): number =>
    rules.map(snapshotsOf).reduce((sum, { days, apart }) => sum + Math.max(0, days - retention(resource)) / apart, 0);
  return survey.stores('aurora').reduce((sum, cluster) => sum + gb * older(cluster), 0);
}
