import { RemovalPolicy } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { OperationsPlan } from '../../architecture/automation';
import { acknowledge } from '../../policies/acknowledge';
import { PrivateBucket } from '../storage/private-bucket';

/** Days for which the trail is kept in its bucket: long enough to look into what is found out late. Assumed. */
const TRAIL_DAYS = 400;

export interface TrailProps {
  readonly environment: string;
  readonly plan: NonNullable<OperationsPlan['trail']>;
  /** Days for which the events stay in the log group, where filters and questions find them. */
  readonly logDays: number;
}

/**
 * Record of all API calls in the account, in every region, with digests by which a changed or missing file is noticed. Encrypted
 * with the key of S3, not one of our own: integrity comes from the digests, who may read is said by the bucket and the
 * roles, and a key of our own would be one more thing that can be lost with what it encrypts.
 *
 * For an organization the stack has to stand in its management account, or in the one that was delegated.
 */
export class Trail extends Construct {
  /** The same events, where filters look at them. */
  readonly log: logs.LogGroup;

  constructor(scope: Construct, id: string, { environment, plan, logDays }: TrailProps) {
    super(scope, id);
    const { bucket } = new PrivateBucket(this, 'Events', { noncurrentDays: 30, expireDays: TRAIL_DAYS });
    acknowledge(
      bucket,
      'AwsSolutions-S1',
      'Who reads this bucket is in the trail itself; a log of it elsewhere would bind the bucket for logs to this stack.',
    );
    this.log = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    const trail = new cloudtrail.Trail(this, 'Trail', {
      // Only another name replaces a trail; an organization's must be known before its bucket's policy.
      trailName: `${environment}-beamstalk`,
      bucket,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      managementEvents: cloudtrail.ReadWriteType.ALL,
      enableFileValidation: true,
      sendToCloudWatchLogs: true,
      cloudWatchLogGroup: this.log,
      ...(plan.kind === 'organization' && { isOrganizationTrail: true, orgId: plan.organizationId }),
    });
    // A selector of its own: what it says of reading and writing goes for all that it selects.
    trail.addS3EventSelector([{ bucket }], {
      includeManagementEvents: false,
      // Writing is what CloudTrail itself does here.
      readWriteType: cloudtrail.ReadWriteType.READ_ONLY,
    });
  }
}
