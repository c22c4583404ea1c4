import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';

export interface PrivateBucketProps {
  /** Days for which overwritten and deleted objects can be brought back. */
  readonly noncurrentDays: number;
  /** Days after which current objects expire; left out, they stay. */
  readonly expireDays?: number;
  /** Days after which current objects move to the Infrequent Access class; left out, they stay in Standard. */
  readonly infrequentAccessDays?: number;
  /** Bucket for the access logs of S3; left out only by the bucket that receives these logs. */
  readonly accessLogs?: s3.IBucket;
  /** Access control lists stay off except where the log delivery of CloudFront needs them. */
  readonly objectOwnership?: s3.ObjectOwnership;
}

/** A bucket that nobody can make public: TLS only, encrypted, versioned, kept when its stack goes. */
export class PrivateBucket extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      objectOwnership: props.objectOwnership ?? s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      ...(props.accessLogs && { serverAccessLogsBucket: props.accessLogs, serverAccessLogsPrefix: `s3/${id}/` }),
      lifecycleRules: [
        {
          id: 'housekeeping',
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          noncurrentVersionExpiration: Duration.days(props.noncurrentDays),
          ...(props.expireDays === undefined
            ? { expiredObjectDeleteMarker: true }
            : { expiration: Duration.days(props.expireDays) }),
          ...(props.infrequentAccessDays !== undefined && {
            transitions: [
              {
                storageClass: s3.StorageClass.INFREQUENT_ACCESS,
                transitionAfter: Duration.days(props.infrequentAccessDays),
              },
            ],
          }),
        },
      ],
    });
    if (props.accessLogs === undefined) {
      acknowledge(
        this.bucket,
        'AwsSolutions-S1',
        'This bucket receives the access logs; logging it to itself never ends.',
      );
    }
  }

  allow(statement: iam.PolicyStatement): void {
    this.bucket.addToResourcePolicy(statement);
  }
}
