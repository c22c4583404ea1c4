import { referencesIn } from '../../../template/references';
import { isUnknown } from '../../../template/stateful';
import type { TemplateResource, Templates } from '../../../template/template';
import { isLiteral } from '../../../template/values';
import type { ResourceChange } from '../../changes/comparison';
import { isMajorUpgrade } from '../../changes/engine-version';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const REJECTED_BY_AWS: Check = {
  rules: [
    {
      id: 'rejected-by-aws',
      severity: 'refused',
      summary: 'A property changes in a way that the service or CloudFormation refuses.',
      why: 'The deployment fails half-way and rolls back.',
    },
    {
      id: 'parameter-family',
      severity: 'refused',
      summary: 'An engine version and the family of its parameter group do not match.',
      why: 'The service refuses parameters of another family.',
      source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html',
    },
    {
      id: 'major-upgrade',
      severity: 'needs-migration',
      summary: 'A database goes to another major version.',
      why: 'There is no way back but a restore from a backup.',
      source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html',
    },
  ],
  find: ({ changes, after }) => [...refusals(changes, after), ...majorUpgrades(changes)],
};

/** Changes that CloudFormation or the service would not carry out, which would leave a deployment half done. */
export function refusals(changes: ReadonlyMap<string, ResourceChange>, after: Templates): Finding[] {
  return [...changes.values()].flatMap((change) => [...byProperty(change), ...byFamily(change, after)]);
}

function byProperty({ stack, id, type, effects }: ResourceChange): Finding[] {
  return effects
    .filter(({ effect }) => effect === 'refused')
    .map(({ property, why, source }): Finding => {
      const place = { severity: 'refused', stack, id } as const;
      if (isUnknown(type)) {
        const message = `${property} changes, and what ${type} does then to what it holds, only its provider knows`;
        return {
          ...place,
          rule: 'not-understood',
          message,
          remedy: 'read what its provider does, and make a change set',
        };
      }
      return {
        ...place,
        rule: 'rejected-by-aws',
        message: `${property} cannot change: ${why ?? 'AWS refuses it'}`,
        remedy: 'leave it as it is, or build a new one beside it under another id',
        ...(source && { source }),
      };
    });
}

/** Parameter group that must belong to the family of its engine. */
interface Family {
  readonly engine: string;
  /** Property of the engine that names its group of parameters. */
  readonly by: string;
  readonly group: string;
  /** Property of the group that names its family. */
  readonly family: string;
  /** Prefix of its families, when the type has no property `Engine`. */
  readonly named?: string;
  readonly source: string;
}

const FAMILIES: readonly Family[] = [
  {
    engine: 'AWS::RDS::DBInstance',
    by: 'DBParameterGroupName',
    group: 'AWS::RDS::DBParameterGroup',
    family: 'Family',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html',
  },
  {
    engine: 'AWS::RDS::DBCluster',
    by: 'DBClusterParameterGroupName',
    group: 'AWS::RDS::DBClusterParameterGroup',
    family: 'Family',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_WorkingWithParamGroups.html',
  },
  {
    engine: 'AWS::ElastiCache::ReplicationGroup',
    by: 'CacheParameterGroupName',
    group: 'AWS::ElastiCache::ParameterGroup',
    family: 'CacheParameterGroupFamily',
    source: 'https://github.com/aws-samples/dify-self-hosted-on-aws/issues/24',
  },
  {
    engine: 'AWS::Neptune::DBCluster',
    by: 'DBClusterParameterGroupName',
    group: 'AWS::Neptune::DBClusterParameterGroup',
    family: 'Family',
    named: 'neptune',
    source: 'https://docs.aws.amazon.com/neptune/latest/userguide/cfn-engine-update.html',
  },
];

/** An engine takes parameters of its own family only. */
function byFamily({ stack, id, type, is }: ResourceChange, after: Templates): Finding[] {
  const resources = after[stack]?.Resources ?? {};
  const rule = FAMILIES.find(({ engine, group }) => type === engine || type === group);
  if (rule === undefined || is === undefined) return [];
  const users =
    type === rule.group ? Object.entries(resources).filter(([, one]) => uses(one, rule, id)) : [[id, is] as const];
  return users.flatMap(([user, engine]) => {
    const [reference] = referencesIn(engine.Properties?.[rule.by]);
    const group = reference?.kind === 'resource' ? resources[reference.id] : undefined;
    const family = group?.Properties?.[rule.family];
    const { Engine = rule.named, EngineVersion } = engine.Properties ?? {};
    if (typeof family !== 'string' || typeof Engine !== 'string' || !isLiteral(EngineVersion)) return [];
    if (fits(family, Engine, String(EngineVersion))) return [];
    return [
      {
        severity: 'refused' as const,
        rule: 'parameter-family',
        stack,
        id: user,
        message: `${Engine} ${String(EngineVersion)} does not take parameters of the family ${family}`,
        remedy: 'change the engine version and the family of its parameters together',
        source: rule.source,
      },
    ];
  });
}

function uses(resource: TemplateResource, { engine, by }: Family, group: string): boolean {
  return (
    resource.Type === engine &&
    referencesIn(resource.Properties?.[by]).some((reference) => reference.kind === 'resource' && reference.id === group)
  );
}

function fits(family: string, engine: string, version: string): boolean {
  if (!family.startsWith(engine)) return false;
  const wanted = family.slice(engine.length).replace(/\.x$/, '');
  return version === wanted || version.startsWith(`${wanted}.`);
}

const VERSIONS: ReadonlySet<string> = new Set(['EngineVersion', 'ElasticsearchVersion']);

/** A major version of a database: it works, but there is no way back except from a backup. */
export function majorUpgrades(changes: ReadonlyMap<string, ResourceChange>): Finding[] {
  return [...changes.values()].flatMap(({ stack, id, type, effects, was, is }) => {
    if (is === undefined || !/^AWS::(RDS|Neptune|OpenSearchService|Elasticsearch)::/.test(type)) return [];
    const version = effects.find(({ property, effect }) => VERSIONS.has(property) && effect === 'restarts');
    const [before, after] = [was, is].map((one) => one?.Properties?.[version?.property ?? '']);
    if (version === undefined || !isMajorUpgrade({ before, after, is })) return [];
    return [
      {
        severity: 'needs-migration' as const,
        rule: 'major-upgrade',
        stack,
        id,
        message: `from version ${String(before)} to ${String(after)} there is no way back but a backup`,
        remedy: 'rehearse it on a copy restored from a snapshot, take a snapshot, then upgrade in a quiet hour',
        source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html',
      },
    ];
  });
}
