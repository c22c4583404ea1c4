import { DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache';
import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import type { Architecture } from '../../../lib/architecture/architecture';
import type { Gap } from '../gaps';
import { keyOf } from '../identity';
import { type Check, type Observation, resourcesOf } from '../observation';
import { configuredTables } from './configured-tables';
import { isReplica } from './database';

/** What nodes read at boot: exactly the expected names, with the live values of what they point at. */
export const checkParameters: Check = async (seen, evidence, aws) => {
  const { environment, region } = seen.architecture;
  const { ssm } = aws(region);
  const root = `/beamstalk/${environment}/`;
  const values = new Map<string, string>();
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: root, Recursive: true })) {
    for (const { Name = '', Value = '' } of page.Parameters ?? []) {
      const name = Name.slice(root.length);
      // Records of the climb are the mover's and the gate's, and so is where data are; the volume's id stays when its template
      // lets go of it.
      const told = name.startsWith('climb/') || /^database\/(.+\/)?source$/.test(name);
      const left = told || (name === 'box/volume' && !seen.architecture.localDatabase);
      if (!left) values.set(name, Value);
    }
  }
  evidence.equal('names of the parameters', [...values.keys()].sort(), namesOf(seen.architecture).sort());

  const cacheEndpoints = await cacheEndpointsOf(seen, aws(region).elastiCache);
  const expected: readonly (readonly [name: string, values: readonly unknown[], gap?: Gap])[] = [
    ['release/uri', [seen.architecture.node.releaseUri]],
    ['box/address', liveValues(seen, 'AWS::EC2::EIP', 'AllocationId', 'Box')],
    ['box/volume', resourcesOf(seen, 'AWS::EC2::Volume').map(({ physicalId }) => physicalId)],
    ...(['Assets', 'Backups', 'Uploads'] as const).map(
      (name) =>
        [
          `storage/${name.toLowerCase()}-bucket`,
          resourcesOf(seen, 'AWS::S3::Bucket', `Buckets${name}`).map(({ physicalId }) => physicalId),
        ] as const,
    ),
    [
      'delivery/releases-bucket',
      resourcesOf(seen, 'AWS::S3::Bucket', 'BucketsReleases').map(({ physicalId }) => physicalId),
    ],
    ['database/endpoint', writerEndpoints(seen).map(({ Address }) => Address)],
    ['database/port', writerEndpoints(seen).map(({ Port }) => String(Port))],
    ['database/name', [(seen.architecture.database ?? seen.architecture.localDatabase)?.name]],
    ['database/reader-endpoint', readerNames(seen)],
    ...tablesOf(seen),
    ['database/application-secret', logins(seen)],
    ['cache/endpoint', cacheEndpoints.map(({ primary }) => primary)],
    ['cache/reader-endpoint', cacheEndpoints.map(({ reader }) => reader), 'cache reader endpoint'],
    ['cache/secret', liveValues(seen, 'AWS::SecretsManager::Secret', 'ARN', 'Cache')],
    ['app/environment-secret', [seen.architecture.node.releaseSecretArn]],
    ['app/cookie-secret', liveValues(seen, 'AWS::SecretsManager::Secret', 'ARN', 'Cookie')],
    [
      'cluster/function',
      resourcesOf(seen, 'AWS::Lambda::Function', 'ClusterHandler').map(({ physicalId }) => physicalId),
    ],
    ['ingress/domain', [seen.architecture.domain?.name]],
    ['ingress/email', [seen.architecture.domain?.email]],
    ['ingress/app-endpoint', liveValues(seen, 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'DNSName', 'TiersApp')],
    ['edge/cdn-domain', liveValues(seen, 'AWS::CloudFront::Distribution', 'domain')],
  ];
  for (const [name, live, gap] of expected) {
    if (values.has(name)) evidence.equal(`parameter ${name}`, [values.get(name)], live, gap);
  }
};

function namesOf(architecture: Architecture): string[] {
  const { node, box, localDatabase, storage, database, cache, app, web, domain, edge, cluster } = architecture;
  const { async, functions = [], sharding, tables = [], readModels = [], mover } = architecture;
  const topic = (name: string, present: unknown, ...keys: string[]): string[] =>
    present === undefined || present === false ? [] : keys.map((key) => `${name}/${key}`);
  return [
    ...topic('release', true, 'uri'),
    ...topic('box', box, 'address'),
    ...topic('box', localDatabase, 'volume'),
    ...topic('storage', true, 'backups-bucket'),
    ...topic('storage', storage.userFiles, 'assets-bucket', 'uploads-bucket'),
    ...topic('database', database ?? localDatabase, 'name'),
    ...topic('database', database, 'endpoint', 'port', 'secret', 'application-secret'),
    ...topic('database', database?.readers, 'reader-endpoint'),
    ...topic('cache', cache, 'endpoint', 'reader-endpoint', 'port', 'secret'),
    ...topic('app', app, 'cookie-secret'),
    ...topic('app', node.releaseSecretArn, 'environment-secret'),
    ...topic('cluster', cluster, 'function'),
    ...topic('ingress', domain, 'domain', 'email'),
    ...topic('ingress', app, 'app-endpoint'),
    ...topic('edge', edge, 'cdn-domain'),
    ...topic('app', node.sentrySecretArn, 'sentry-secret'),
    ...topic('delivery', true, 'releases-bucket'),
    ...topic('delivery', app, 'target-groups'),
    ...topic('logs', box, 'box'),
    ...topic('logs', app, 'app'),
    ...topic('logs', web, 'web'),
    ...topic('logs', async?.workers.fleet, 'worker'),
    ...topic('logs', mover, 'mover'),
    ...topic('mover', mover && localDatabase, 'box-secret'),
    ...topic('queues', async, ...(async?.queues ?? []).map(({ name }) => name)),
    ...topic('pressure', async, 'shed'),
    ...functions.flatMap((plan) => topic(`database/${plan.function}`, true, ...FUNCTION_KEYS)),
    ...topic('shards', sharding, ...(sharding ? SHARD_KEYS[sharding.engine] : [])),
    ...topic('tables', true, ...[...tables, ...readModels].map(({ name }) => name)),
  ];
}

const FUNCTION_KEYS = ['name', 'endpoint', 'port', 'secret', 'application-secret', 'reader-endpoint'] as const;

const SHARD_KEYS = {
  clusters: ['engine', 'map-table', 'user'],
  limitless: ['engine', 'endpoint', 'port', 'database', 'secret', 'application-secret'],
  dsql: ['engine', 'endpoint', 'database'],
} as const;

function liveValues(seen: Observation, type: string, property: string, part?: string): unknown[] {
  return resourcesOf(seen, type, part).map((resource) => seen.live.get(keyOf(resource))?.[property]);
}

function writerEndpoints(seen: Observation): { readonly Address?: string; readonly Port?: number }[] {
  return resourcesOf(seen, 'AWS::RDS::DBInstance')
    .filter((resource) => !isReplica(resource) && resource.stack.endsWith('-data'))
    .map((resource) => (seen.live.get(keyOf(resource))?.['Endpoint'] ?? {}) as { Address?: string; Port?: number });
}

/** ARNs of the secret that a release logs in to the single database with. */
function logins(seen: Observation): unknown[] {
  return resourcesOf(seen, 'AWS::SecretsManager::Secret', 'Database')
    .filter(({ stack }) => stack.endsWith('-logins'))
    .map((resource) => seen.live.get(keyOf(resource))?.['ARN']);
}

/** The tables of the configuration, by the names under which nodes find them. */
function tablesOf(seen: Observation): (readonly [string, readonly unknown[]])[] {
  return configuredTables(seen.architecture).map(({ plan: { name }, begins }) => {
    const found = resourcesOf(seen, 'AWS::DynamoDB::GlobalTable').filter(({ logicalId }) =>
      logicalId.startsWith(begins),
    );
    return [`tables/${name}`, found.map(({ physicalId }) => physicalId)];
  });
}

/** The one name that all replicas answer to, as the records of the private zone have it. */
function readerNames(seen: Observation): unknown[] {
  const records = resourcesOf(seen, 'AWS::Route53::RecordSet', 'Readers').filter(
    (record) => seen.live.has(keyOf(record)) && record.stack.endsWith('-data'),
  );
  return [...new Set(records.map(({ definition }) => String(definition.Properties?.['Name']).replace(/\.$/, '')))];
}

async function cacheEndpointsOf(
  seen: Observation,
  client: ReturnType<Parameters<Check>[2]>['elastiCache'],
): Promise<{ readonly primary?: string | undefined; readonly reader?: string | undefined }[]> {
  const [group] = resourcesOf(seen, 'AWS::ElastiCache::ReplicationGroup');
  if (group === undefined) return [];
  const answer = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: group.physicalId }));
  return (answer.ReplicationGroups?.[0]?.NodeGroups ?? []).map(({ PrimaryEndpoint, ReaderEndpoint }) => ({
    primary: PrimaryEndpoint?.Address,
    reader: ReaderEndpoint?.Address,
  }));
}
