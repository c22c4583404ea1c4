import { keyOf, type Place, placeOf } from '../../../template/references';
import { isKept } from '../../../template/stateful';
import type { TemplateResource, Templates } from '../../../template/template';
import { nameOf } from '../../../template/type-names';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const CLUSTER_WITHOUT_INSTANCES: Check = {
  rules: [
    {
      id: 'cluster-without-instances',
      severity: 'refused',
      summary: 'The last instance of a database cluster is removed.',
      why: "The data stay in the cluster's volume and nothing can read them.",
    },
  ],
  find: ({ before, after }) => unserved(before, after),
};

/** Instances that answer for a cluster, in which the data lies. */
const INSTANCES: ReadonlySet<string> = new Set([
  'AWS::DocDB::DBInstance',
  'AWS::Neptune::DBInstance',
  'AWS::RDS::DBInstance',
]);

/** Clusters that stay while the last of their instances goes: all is there, and nobody can read it. */
export function unserved(before: Templates, after: Templates): Finding[] {
  const still = new Set(instancesIn(after).map(({ cluster }) => keyOf(cluster)));
  const lost = new Map(instancesIn(before).map((one) => [keyOf(one.cluster), one]));
  return [...lost.values()].flatMap(({ cluster, instance }): Finding[] => {
    const { stack, id } = cluster;
    const resource = after[stack]?.Resources[id];
    if (resource === undefined || still.has(keyOf(cluster))) return [];
    return [
      {
        severity: 'refused',
        rule: 'cluster-without-instances',
        stack,
        id,
        message: `no instance is left to this ${nameOf(resource)}: ${
          isKept(instance)
            ? 'the last one stays in the account, and no deployment reaches it any more'
            : 'nobody is answered'
        }`,
        remedy: 'leave it one instance; to end the cluster, remove it from the configuration as a whole',
      },
    ];
  });
}

interface InstanceOfCluster {
  readonly cluster: Place;
  readonly instance: TemplateResource;
}

function instancesIn(templates: Templates): InstanceOfCluster[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.values(Resources).flatMap((instance) => {
      if (!INSTANCES.has(instance.Type)) return [];
      const cluster = placeOf(instance.Properties?.['DBClusterIdentifier'], stack, templates);
      return cluster === undefined ? [] : [{ cluster, instance }];
    }),
  );
}
