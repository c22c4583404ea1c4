import { isDeepStrictEqual } from 'node:util';
import { placeOf } from '../../../template/references';
import { rendered } from '../../../template/render-value';
import { isReplica } from '../../../template/stateful';
import { replicasOf } from '../../../template/table-replicas';
import type { TemplateResource } from '../../../template/template';
import { flagOf, inside, isTree, listInside, type Tree } from '../../../template/values';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';

export const NOT_INHERITED: Check = {
  rules: [
    {
      id: 'not-inherited',
      severity: 'note',
      summary: 'A setting comes to a source of which its copies do not inherit it.',
      why: 'A copy that takes over, or is restored, then lacks what the source has.',
      source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.Create.html',
    },
  ],
  find: (step) => [...readReplicas(step), ...tableReplicas(step), ...backupCopies(step)],
};

/**
 * Properties that a read replica takes from its source when it is made, and not again, or never. Its class, storage and
 * engine are among them; so are the limits and logs that are set to see trouble coming.
 */
const OF_A_REPLICA = [
  'AllowMajorVersionUpgrade',
  'CACertificateIdentifier',
  'CopyTagsToSnapshot',
  'DatabaseInsightsMode',
  'EnableCloudwatchLogsExports',
  'EnableIAMDatabaseAuthentication',
  'EnablePerformanceInsights',
  'MaxAllocatedStorage',
  'MonitoringInterval',
  'PerformanceInsightsRetentionPeriod',
  'StorageType',
] as const;

/** Settings that come to a source, or change there, and stay as they are on its read replicas. */
function readReplicas({ changes, before, after }: Step): Finding[] {
  return Object.entries(after).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, replica]): Finding[] => {
      const old = before[stack]?.Resources[id];
      if (!isReplica(replica) || old === undefined) return [];
      const source = placeOf(replica.Properties?.['SourceDBInstanceIdentifier'], stack, after);
      const change = source && changes.get(`${source.stack}/${source.id}`);
      if (change?.was === undefined || change.is === undefined) return [];
      const [was, is] = [change.was.Properties ?? {}, change.is.Properties ?? {}];
      const left = OF_A_REPLICA.filter(
        (name) =>
          is[name] !== undefined &&
          !isDeepStrictEqual(was[name], is[name]) &&
          isDeepStrictEqual(old.Properties?.[name], replica.Properties?.[name]) &&
          !isDeepStrictEqual(replica.Properties?.[name], is[name]),
      );
      if (left.length === 0) return [];
      const message = `${left.join(', ')} of ${change.id} changes, and this replica of it does not follow`;
      return [{ ...NOTE, stack, id, message }];
    }),
  );
}

const NOTE = {
  severity: 'note',
  rule: 'not-inherited',
  remedy: 'set it on the copy as well',
} as const;

/** Protections that each replica of a global table has of its own. */
const OF_A_TABLE: readonly (readonly [what: string, has: (replica: TemplateResource) => boolean])[] = [
  [
    'point-in-time recovery',
    (replica) => flagOf(inside(replica, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled')),
  ],
  ['deletion protection', (replica) => flagOf(inside(replica, 'DeletionProtectionEnabled'))],
  ['a resource policy', (replica) => inside(replica, 'ResourcePolicy') !== undefined],
  ['tags', (replica) => listInside(replica, 'Tags').length > 0],
];

/** New replicas of a global table that lack what another has. */
function tableReplicas({ changes }: Step): Finding[] {
  return [...changes.values()].flatMap(({ stack, id, was, is }): Finding[] => {
    if (is === undefined) return [];
    const [had, has] = [was === undefined ? new Map<string, TemplateResource>() : replicasOf(was), replicasOf(is)];
    return [...has].flatMap(([region, replica]): Finding[] => {
      if (had.has(region)) return [];
      const others = [...has].filter(([other]) => other !== region).map(([, one]) => one);
      const lacks = OF_A_TABLE.filter(([, test]) => others.some(test) && !test(replica)).map(([what]) => what);
      if (lacks.length === 0) return [];
      return [
        { ...NOTE, stack, id, message: `its new replica in ${region} has no ${lacks.join(', ')}, unlike another` },
      ];
    });
  });
}

/** Copies of backups that are kept for ever, while what they are copies of has a term. */
function backupCopies({ changes }: Step): Finding[] {
  const endless = (resource: TemplateResource | undefined): string[] =>
    resource === undefined
      ? []
      : listInside(resource, 'BackupPlan', 'BackupPlanRule')
          .filter(({ Lifecycle }) => isTree(Lifecycle) && Lifecycle['DeleteAfterDays'] !== undefined)
          .filter(({ CopyActions }) => (Array.isArray(CopyActions) ? CopyActions : []).some(hasNoTerm))
          .map(({ RuleName }) => rendered(RuleName));
  return [...changes.values()].flatMap(({ stack, id, type, was, is }): Finding[] => {
    if (type !== 'AWS::Backup::BackupPlan') return [];
    const known = endless(was);
    const names = endless(is).filter((name) => !known.includes(name));
    if (names.length === 0) return [];
    const message = `the copies of ${names.join(', ')} are kept, and paid for, without end: they do not inherit the term of their rule`;
    return [{ ...NOTE, stack, id, message }];
  });
}

function hasNoTerm(action: unknown): boolean {
  const lifecycle = isTree(action) ? (action['Lifecycle'] as Tree | undefined) : undefined;
  return lifecycle?.['DeleteAfterDays'] === undefined;
}
