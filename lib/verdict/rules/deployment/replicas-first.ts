import { keyOf, type Place, producersOf, referencesIn } from '../../../template/references';
import type { TemplateResource, Templates } from '../../../template/template';
import type { ResourceChange } from '../../changes/comparison';
import { compareVersions, isMajorUpgrade } from '../../changes/engine-version';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

const SOURCE =
  'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html#USER_UpgradeDBInstance.PostgreSQL.Minor';

export const REPLICAS_FIRST: Check = {
  rules: [
    {
      id: 'replicas-first',
      severity: 'needs-migration',
      summary: 'The minor version of a database is raised above that of its read replicas.',
      why: 'RDS refuses it, and CloudFormation updates the source before what refers to it: the deployment fails.',
      source: SOURCE,
    },
  ],
  find: ({ before, after, changes }) =>
    [...changes.values()].flatMap((change) => raisedAboveReplicas(change, before, after)),
};

/** By which property a replica names its source: an instance, or a cluster. */
const SOURCES: Readonly<Record<string, string>> = {
  'AWS::RDS::DBInstance': 'SourceDBInstanceIdentifier',
  'AWS::RDS::DBCluster': 'SourceDBClusterIdentifier',
};

function raisedAboveReplicas(
  { stack, id, type, was, is }: ResourceChange,
  before: Templates,
  after: Templates,
): Finding[] {
  const by = SOURCES[type];
  const [old, now] = [was, is].map(versionOf);
  if (by === undefined || is === undefined || compareVersions(now, old) <= 0) return [];
  // A major version takes the replicas along.
  if (isMajorUpgrade({ before: old, after: now, is })) return [];
  const older = replicasOf({ stack, id }, by, before).filter(
    ([place, replica]) =>
      after[place.stack]?.Resources[place.id] !== undefined && compareVersions(now, versionOf(replica) ?? old) > 0,
  );
  if (older.length === 0) return [];
  const names = older.map(([place]) => place.id);
  return [
    {
      severity: 'needs-migration',
      rule: 'replicas-first',
      stack,
      id,
      message: `goes from version ${String(old)} to ${String(now)} before its read replicas (${names.join(', ')}), which RDS refuses`,
      remedy: `two deployments: first the replicas alone (database.replicaEngineVersion=${String(now)}, database.engineVersion as it is), then database.engineVersion=${String(now)}`,
      source: SOURCE,
    },
  ];
}

const versionOf = (resource: TemplateResource | undefined): unknown => resource?.Properties?.['EngineVersion'];

function replicasOf(source: Place, by: string, templates: Templates): [Place, TemplateResource][] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, resource]): [Place, TemplateResource][] => {
      if (resource.Type !== 'AWS::RDS::DBInstance') return [];
      // By its name, or by an ARN that holds it.
      const leads = referencesIn(resource.Properties?.[by]).some((reference) =>
        (reference.kind === 'resource'
          ? [{ stack, id: reference.id }]
          : (producersOf(reference, templates) ?? [])
        ).some((place) => keyOf(place) === keyOf(source)),
      );
      return leads ? [[{ stack, id }, resource]] : [];
    }),
  );
}
