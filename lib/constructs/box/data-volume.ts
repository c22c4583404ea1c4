import { RemovalPolicy, Size, Stack, Tags } from 'aws-cdk-lib';
import * as dlm from 'aws-cdk-lib/aws-dlm';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { LocalDatabasePlan } from '../../architecture/architecture';
import { acknowledge } from '../../policies/acknowledge';
import { PublishedParameters } from '../parameters/published-parameters';

/** Tag by which a box knows its volume, and by which it alone may attach it. */
export const BOX_VOLUME_TAG = 'beamstalk:box-volume';

export interface DataVolumeProps {
  readonly environment: string;
  readonly plan: LocalDatabasePlan;
  /** The zone of the box: a volume can only be attached in its own. */
  readonly availabilityZone: string;
}

/** The volume that holds the box's database: encrypted, kept whatever happens to the stack, snapshotted every day. */
export class DataVolume extends Construct {
  constructor(scope: Construct, id: string, { environment, plan, availabilityZone }: DataVolumeProps) {
    super(scope, id);
    const volume = new ec2.Volume(this, 'Volume', {
      availabilityZone,
      size: Size.gibibytes(plan.volumeGiB),
      volumeType: ec2.EbsDeviceVolumeType.GP3,
      encrypted: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(volume).add(BOX_VOLUME_TAG, environment);

    const role = new iam.Role(this, 'SnapshotRole', {
      // For the lifecycle policies of this account alone.
      assumedBy: new iam.ServicePrincipal('dlm.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSDataLifecycleManagerServiceRole')],
    });
    acknowledge(
      role,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole]',
      'The policy that AWS writes for its own snapshot service.',
    );
    new dlm.CfnLifecyclePolicy(this, 'Snapshots', {
      description: `Daily snapshots of the data volume of ${environment}`,
      executionRoleArn: role.roleArn,
      state: 'ENABLED',
      policyDetails: {
        policyType: 'EBS_SNAPSHOT_MANAGEMENT',
        resourceTypes: ['VOLUME'],
        targetTags: [{ key: BOX_VOLUME_TAG, value: environment }],
        schedules: [
          {
            name: 'daily',
            createRule: { interval: 24, intervalUnit: 'HOURS', times: ['02:00'] },
            retainRule: { count: plan.snapshotDays },
            copyTags: true,
          },
        ],
      },
    });
    // A box that comes back because a contraction failed looks for its volume, which is still there.
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'box',
      values: { volume: volume.volumeId },
      keep: true,
    });
  }
}
