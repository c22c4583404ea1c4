import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { NodePlan } from '../../architecture/architecture';
import { allow } from '../../policies/allow';
import type { Valkey } from '../cache/valkey';
import type { ApplicationLogin } from '../database/application-login';
import type { FunctionDatabase } from '../database/federation';
import type { Postgres } from '../database/postgres';
import type { DocumentStore } from '../no-sql/document-store';
import type { GraphStore } from '../no-sql/graph-store';
import type { WideColumnStore } from '../no-sql/wide-column-store';
import type { ShardedStore } from '../sharding/sharded-store';
import type { EnvironmentBuckets } from '../storage/environment-buckets';
import type { NodeFleet } from './node-fleet';

/** Stores of the data stack that nodes use. */
export interface DataOffer {
  readonly buckets: EnvironmentBuckets;
  readonly database?: Postgres;
  readonly cache?: Valkey;
}

/** Stores of the other families. */
export interface NoSqlOffer {
  readonly documents?: DocumentStore;
  readonly wideColumns?: WideColumnStore;
  readonly graph?: GraphStore;
}

/** Opens the way from a fleet to the data it works on. Asked for by the fleet's side, so that data knows no fleet. */
export function letUseData(fleet: NodeFleet, { buckets, database, cache }: DataOffer): void {
  if (database) {
    fleet.connections.allowToDefaultPort(database, 'Nodes to the database');
  }
  if (cache) {
    fleet.connections.allowToDefaultPort(cache, 'Nodes to the cache');
    letReadSecret(fleet, cache.secret.secretArn);
  }
  for (const bucket of [buckets.assets, buckets.uploads]) {
    if (bucket) letReadAndWrite(fleet, bucket);
  }
}

/** Opens the way from a fleet to the database of each function. */
export function letUseFunctions(fleet: NodeFleet, databases: readonly FunctionDatabase[] = []): void {
  for (const { plan, database } of databases) {
    fleet.connections.allowToDefaultPort(database, `Nodes to the database of ${plan.function}`);
  }
}

/**
 * Lets a fleet log in to databases as the application. The secrets of their administrators are for no node: who serves
 * users and is taken over must not be able to make roles, or to read what another application has there.
 */
export function letLogIn(fleet: NodeFleet, logins: readonly ApplicationLogin[] = []): void {
  for (const { secretArn } of logins) letReadSecret(fleet, secretArn);
}

/** Opens the way from a fleet to the rows that are spread by key. */
export function letUseShards(fleet: NodeFleet, store: ShardedStore | undefined): void {
  if (store === undefined) return;
  fleet.connections.allowToDefaultPort(store, 'Nodes to the sharded rows');
  store.letUse(fleet.role);
}

/** Opens the way from a fleet to what there is of the other families of stores. */
export function letUseNoSql(fleet: NodeFleet, { documents, wideColumns, graph }: NoSqlOffer = {}): void {
  if (documents) {
    fleet.connections.allowToDefaultPort(documents, 'Nodes to the documents');
    letReadSecret(fleet, documents.secretArn);
  }
  if (wideColumns) {
    fleet.connections.allowToDefaultPort(wideColumns, 'Nodes to the wide columns');
    wideColumns.letUse(fleet.role);
  }
  if (graph) {
    fleet.connections.allowToDefaultPort(graph, 'Nodes to the graph');
    graph.letUse(fleet.role);
  }
}

/** Contents that a box keeps in the bucket for backups. */
export interface KeptBackups {
  /** True when it has a database to dump. */
  readonly dumps: boolean;
  /** The name for which it has a certificate. */
  readonly domain?: string | undefined;
}

/**
 * A box brings its dumps and its certificate, and reads the certificate alone: what a dump holds of former days is
 * nothing that it needs. It deletes nothing, and what it overwrites stays as a version of the object.
 */
export function letKeepBackups(fleet: NodeFleet, { buckets }: DataOffer, { dumps, domain }: KeptBackups): void {
  const bucket = buckets.backups;
  const certificate = domain === undefined ? [] : [bucket.arnForObjects(`tls/${domain}.tar.gz`)];
  const written = [...(dumps ? [bucket.arnForObjects('postgresql/*')] : []), ...certificate];
  if (written.length > 0) {
    allow(fleet.role, {
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: written,
      ...(dumps && { wildcardsBecause: 'Every dump has a name of its own; where dumps lie is named.' }),
    });
  }
  if (certificate.length > 0) allow(fleet.role, { actions: ['s3:GetObject'], resources: certificate });
}

/**
 * The release may lie in any bucket that the configuration names; only that object and its checksum are opened, and
 * the secret with its variables.
 */
export function letRunRelease(fleet: NodeFleet, { releaseUri, releaseSecretArn, sentrySecretArn }: NodePlan): void {
  for (const secretArn of [releaseSecretArn, sentrySecretArn]) {
    if (secretArn !== undefined) letReadSecret(fleet, secretArn);
  }
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(releaseUri);
  if (match === null) return;
  const object = Arn.format(
    {
      service: 's3',
      region: '',
      account: '',
      resource: `${match[1]}/${match[2]}`,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    },
    Stack.of(fleet),
  );
  allow(fleet.role, { actions: ['s3:GetObject'], resources: [object, `${object}.sha256`] });
}

function letReadAndWrite(fleet: NodeFleet, bucket: s3.IBucket): void {
  allow(fleet.role, {
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket', 's3:AbortMultipartUpload'],
    resources: [bucket.bucketArn, bucket.arnForObjects('*')],
    wildcardsBecause: 'Which objects there are is the business of the system; the bucket is named.',
  });
}

/** Lets the nodes of a fleet read one secret. */
export function letReadSecret(fleet: NodeFleet, secretArn: string): void {
  allow(fleet.role, { actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] });
}
