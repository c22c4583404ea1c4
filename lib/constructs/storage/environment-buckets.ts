import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { StoragePlan } from '../../architecture/architecture';
import { PublishedParameters } from '../parameters/published-parameters';
import { PrivateBucket } from './private-bucket';
import { WRITTEN_ONCE } from './release-prefixes';

/** Prefix under which load balancers write their access logs. */
export const LOAD_BALANCER_LOGS = 'elb';

export interface EnvironmentBucketsProps {
  readonly environment: string;
  readonly plan: StoragePlan;
  /** True when CloudFront delivers assets and writes logs. */
  readonly edge: boolean;
}

/** The buckets of an environment; each says who but its users may write or read. */
export class EnvironmentBuckets extends Construct {
  /** Access logs of the other buckets and of load balancers. */
  readonly logs: s3.Bucket;
  /** Dumps of the box's database, certificates of the box. */
  readonly backups: s3.Bucket;
  /** Assets that every user may read, through CloudFront. */
  readonly assets?: s3.Bucket;
  /** Uploads of users. */
  readonly uploads?: s3.Bucket;
  /** Sources, releases and what carries them to the nodes, each under a prefix of its own (`RELEASE_PREFIXES`). */
  readonly releases: s3.Bucket;
  /** CloudFront's own log, which needs access control lists. */
  readonly edgeLogs?: s3.Bucket;

  constructor(scope: Construct, id: string, { environment, plan, edge }: EnvironmentBucketsProps) {
    super(scope, id);
    const { noncurrentDays, logDays } = plan;
    this.logs = new PrivateBucket(this, 'Logs', { noncurrentDays: 1, expireDays: logDays }).bucket;
    letLoadBalancersWrite(this.logs);
    const kept = { noncurrentDays, accessLogs: this.logs };

    this.backups = new PrivateBucket(this, 'Backups', kept).bucket;
    // Dumps age; certificates, in the same bucket, are renewed and stay.
    this.backups.addLifecycleRule({
      id: 'dumps',
      prefix: 'postgresql/',
      expiration: Duration.days(plan.backupDays),
    });
    const values: Record<string, string> = { 'backups-bucket': this.backups.bucketName };

    if (plan.userFiles) {
      this.assets = new PrivateBucket(this, 'Assets', kept).bucket;
      this.uploads = new PrivateBucket(this, 'Uploads', {
        ...kept,
        infrequentAccessDays: plan.uploadsInfrequentAccessDays,
      }).bucket;
      if (plan.uploadEvents === true) tellEventBridge(this.uploads);
      values['assets-bucket'] = this.assets.bucketName;
      values['uploads-bucket'] = this.uploads.bucketName;
    }
    this.releases = new PrivateBucket(this, 'Releases', kept).bucket;
    if (plan.sourceEvents === true) tellEventBridge(this.releases);
    keepWhatIsWritten(this.releases);
    if (edge) {
      if (this.assets !== undefined) letCloudFrontRead(this.assets);
      this.edgeLogs = new PrivateBucket(this, 'EdgeLogs', {
        noncurrentDays: 1,
        expireDays: logDays,
        accessLogs: this.logs,
        objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      }).bucket;
    }
    new PublishedParameters(this, 'Published', { environment, topic: 'storage', values });
    // For those who release: no node reads it, and none has to boot for it.
    new PublishedParameters(this, 'ForReleasing', {
      environment,
      topic: 'delivery',
      values: { 'releases-bucket': this.releases.bucketName },
    });
  }
}

/**
 * Has S3 tell EventBridge of each new object. A property of the bucket itself, which changes in place; the construct
 * library would add a function that writes all notifications of the bucket from outside of its resource.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html (2026-11-21)
 */
function tellEventBridge(bucket: s3.Bucket): void {
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
}

/**
 * Refuses, to everybody, to write an object where there may be one already: only a request that asks S3 to look first
 * (`If-None-Match: *`) is heard. The parts of a multipart upload cannot ask, and its end must.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html (2026-11-29)
 */
function keepWhatIsWritten(bucket: s3.Bucket): void {
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: WRITTEN_ONCE.map((prefix) => bucket.arnForObjects(`${prefix}/*`)),
      conditions: {
        Null: { 's3:if-none-match': 'true' },
        Bool: { 's3:ObjectCreationOperation': 'true' },
      },
    }),
  );
}

/** Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html */
function letLoadBalancersWrite(bucket: s3.Bucket): void {
  const { account } = Stack.of(bucket);
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`${LOAD_BALANCER_LOGS}/AWSLogs/${account}/*`)],
    }),
  );
}

/** For every distribution of the account: naming the one would turn the dependency of stacks around. */
function letCloudFrontRead(bucket: s3.Bucket): void {
  const { account, partition } = Stack.of(bucket);
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects('*')],
      conditions: { StringLike: { 'aws:SourceArn': `arn:${partition}:cloudfront::${account}:distribution/*` } },
    }),
  );
}
