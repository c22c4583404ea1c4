import { isDeepStrictEqual } from 'node:util';
import { rendered } from '../../../template/render-value';
import type { TemplateResource } from '../../../template/template';
import { flagOf, listInside, numberOf, property } from '../../../template/values';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';

export const ONE_UPDATE: Check = {
  rules: [
    {
      id: 'more-than-one-update',
      severity: 'refused',
      summary: 'A resource changes by more than its service carries out in one update.',
      why: 'The deployment fails half-way, and its rollback may ask for as much again.',
      source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html',
    },
  ],
  find,
};

/** Limit of a service on one update of one resource. */
interface Limit {
  readonly type: string | readonly string[];
  /** Describes the excess; undefined within the limit. */
  readonly beyond: (was: TemplateResource, is: TemplateResource) => string | undefined;
  readonly remedy: string;
  readonly source: string;
}

const CFN = 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference';
const ONE_BY_ONE = 'make the changes one by one, each with a deployment of its own';

/** Properties of which a cluster takes one at a time. Tags are no update of the cluster. */
const changedProperties = (was: TemplateResource, is: TemplateResource): string[] => {
  const names = new Set([...Object.keys(was.Properties ?? {}), ...Object.keys(is.Properties ?? {})]);
  return [...names].filter(
    (name) => name !== 'Tags' && !isDeepStrictEqual(was.Properties?.[name], is.Properties?.[name]),
  );
};

/**
 * Attributes that every user of a pool has.
 *
 * Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
const STANDARD_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['address', 'birthdate', 'email', 'family_name', 'gender', 'given_name', 'locale', 'middle_name', 'name'],
  ...['nickname', 'phone_number', 'picture', 'preferred_username', 'profile', 'sub', 'updated_at', 'website'],
  'zoneinfo',
]);

/** Entries of a list by their names: those that come, those that go, and those that stay and differ in what is fixed. */
function entries(list: string, name: string, ...fixed: readonly string[]) {
  return (was: TemplateResource, is: TemplateResource): string[] => {
    const [old, now] = [was, is].map(
      (resource) => new Map(listInside(resource, list).map((one) => [rendered(one[name]), one] as const)),
    ) as [Map<string, Record<string, unknown>>, Map<string, Record<string, unknown>>];
    const both = [...now].flatMap(([key, one]) => {
      const before = old.get(key);
      const remade = before !== undefined && fixed.some((part) => !isDeepStrictEqual(before[part], one[part]));
      return remade ? [`${key} is made anew`, `${key} goes`] : [];
    });
    const come = [...now.keys()].filter((key) => !old.has(key)).map((key) => `${key} comes`);
    const go = [...old.keys()].filter((key) => !now.has(key)).map((key) => `${key} goes`);
    return [...come, ...go, ...both];
  };
}

const indexes = entries('GlobalSecondaryIndexes', 'IndexName', 'KeySchema', 'Projection');
const replicas = entries('Replicas', 'Region');

const LIMITS: readonly Limit[] = [
  {
    type: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
    beyond: (was, is) => {
      const all = indexes(was, is);
      return all.length > 1 ? `DynamoDB makes or deletes one index per update: ${all.join(', ')}` : undefined;
    },
    remedy: `${ONE_BY_ONE}; an index with other keys gets another name`,
    source: 'https://github.com/aws/aws-cdk/issues/14920',
  },
  {
    type: 'AWS::DynamoDB::GlobalTable',
    beyond: (was, is) => {
      const all = replicas(was, is);
      return all.length > 1 ? `DynamoDB adds or removes one replica per update: ${all.join(', ')}` : undefined;
    },
    remedy: ONE_BY_ONE,
    source: `${CFN}/aws-resource-dynamodb-globaltable.html`,
  },
  {
    type: 'AWS::Kinesis::Stream',
    beyond: (was, is) => {
      const [before, after] = [was, is].map((one) => numberOf(property('ShardCount')(one)));
      if (before === undefined || after === undefined) return undefined;
      return after > 2 * before || after < before / 2
        ? `Kinesis takes twice the shards at most in one update, or half: ${before} to ${after}`
        : undefined;
    },
    remedy: 'go by doubling, or halving, with a deployment for each step',
    source: 'https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html',
  },
  {
    type: 'AWS::MSK::Cluster',
    beyond: (was, is) => {
      const all = changedProperties(was, is);
      return all.length > 1 ? `MSK takes one change of a cluster per update: ${all.join(', ')}` : undefined;
    },
    remedy: ONE_BY_ONE,
    source: 'https://github.com/aws/aws-cdk/issues/16765',
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    beyond: (was, is) => {
      const policy = is['UpdatePolicy'] as { readonly UseOnlineResharding?: unknown } | undefined;
      const all = changedProperties(was, is);
      const resharding = all.filter((name) => name === 'NumNodeGroups' || name === 'NodeGroupConfiguration');
      const others = all.filter((name) => name !== 'NumNodeGroups' && name !== 'NodeGroupConfiguration');
      if (!flagOf(policy?.UseOnlineResharding) || resharding.length === 0 || others.length === 0) return undefined;
      return `online resharding takes nothing else with it: ${others.join(', ')}`;
    },
    remedy: ONE_BY_ONE,
    source: `${CFN}/aws-attribute-updatepolicy.html`,
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    beyond: (was, is) => {
      const on = (one: TemplateResource) => flagOf(property('TransitEncryptionEnabled')(one));
      const mode = property('TransitEncryptionMode')(is);
      return !on(was) && on(is) && mode !== 'preferred'
        ? 'ElastiCache turns TLS on in two steps: preferred first, so that clients may change over, then required'
        : undefined;
    },
    remedy: 'deploy TransitEncryptionMode preferred, move the clients to TLS, then deploy required',
    source: 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html',
  },
  {
    type: 'AWS::EKS::Cluster',
    beyond: (was, is) => {
      const [before, after] = [was, is].map((one) => String(property('Version')(one) ?? '')) as [string, string];
      const [old, now] = [before, after].map((version) => Number(/^1\.(\d+)$/.exec(version)?.[1] ?? Number.NaN));
      if (old === undefined || now === undefined || Number.isNaN(old) || Number.isNaN(now)) return undefined;
      return now > old + 1 ? `EKS goes up one minor version per update: ${before} to ${after}` : undefined;
    },
    remedy: 'go up version by version, nodes after their cluster each time',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html',
  },
  {
    type: 'AWS::RDS::DBInstance',
    beyond: (was, is) => {
      const [before, after] = [was, is].map((one) => numberOf(property('AllocatedStorage')(one)));
      if (before === undefined || after === undefined || after <= before) return undefined;
      return after * 10 < before * 11 ? `RDS grows storage by a tenth at least: ${before} to ${after} GiB` : undefined;
    },
    remedy: 'grow it by a tenth or more, or leave it to RDS (MaxAllocatedStorage)',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html',
  },
  {
    type: 'AWS::Cognito::UserPool',
    beyond: (was, is) => {
      const [old, now] = [was, is].map(
        (one) => new Map(listInside(one, 'Schema').map((attribute) => [rendered(attribute['Name']), attribute])),
      );
      const fixed = [...(old ?? [])].filter(([name, attribute]) => !isDeepStrictEqual(now?.get(name), attribute));
      // A pool has all standard attributes from the start, and its users lack what is required later.
      const late = [...(now ?? [])].filter(
        ([name, { Required }]) => old?.has(name) === false && (STANDARD_ATTRIBUTES.has(name) || flagOf(Required)),
      );
      const names = [...fixed, ...late].map(([name]) => name);
      return names.length === 0
        ? undefined
        : `Cognito takes attributes of your own in addition that are not required, and changes or deletes none: ${names.join(', ')}`;
    },
    remedy: 'leave the attribute as it is, and add another one under another name',
    source: 'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-updating.html',
  },
];

/** The types of which a limit is known, for tests. */
export const LIMITED_TYPES: readonly string[] = [...new Set(LIMITS.flatMap(({ type }) => type))];

function find({ changes }: Step): Finding[] {
  return [...changes.values()].flatMap(({ stack, id, type, was, is, change }) => {
    if (was === undefined || is === undefined || change === 'replaces' || was.Type !== is.Type) return [];
    return LIMITS.filter((limit) => [limit.type].flat().includes(type)).flatMap(
      ({ beyond, remedy, source }): Finding[] => {
        const message = beyond(was, is);
        return message === undefined
          ? []
          : [{ severity: 'refused', rule: 'more-than-one-update', stack, id, message, remedy, source }];
      },
    );
  });
}
