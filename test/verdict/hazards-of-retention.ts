import type { Hazard } from './hazard';
import type { Planted } from './planted';

const UPLOADS = 'BucketsUploadsBucket5';
const housekeeping = (after: Planted) => after.find('data', UPLOADS).Properties['LifecycleConfiguration'].Rules[0];
const database = (properties: object) => (after: Planted) =>
  after.set('data', 'DatabaseInstanceAA', properties as Record<string, unknown>);

const table = (TimeToLiveSpecification?: object) => (both: Planted) =>
  both.add('data', 'Table', {
    Type: 'AWS::DynamoDB::Table',
    Properties: { ...(TimeToLiveSpecification && { TimeToLiveSpecification }) },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
const store = (Type: string, Properties: object) => (both: Planted) =>
  both.add('data', 'Store', { Type, Properties, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
const plan = (...names: string[]) => ({
  BackupPlan: {
    BackupPlanName: 'daily',
    BackupPlanRule: names.map((RuleName) => ({ RuleName, TargetBackupVault: 'v', Lifecycle: { DeleteAfterDays: 35 } })),
  },
});

const copiedTo = (Region: string) => ({
  BackupPlan: {
    BackupPlanRule: [
      {
        RuleName: 'daily',
        CopyActions: [
          {
            DestinationBackupVaultArn: {
              'Fn::GetStackOutput': { StackName: 'prod-backup-copy', Region, OutputName: 'Vault' },
            },
          },
        ],
      },
    ],
  },
});

/** Terms and copies: what deletes by itself, and what is no longer copied. */
export const RETENTION: readonly Hazard[] = [
  // Buckets that delete by themselves
  {
    name: 'bucket: old versions for a shorter time',
    plant: (after) => {
      housekeeping(after).NoncurrentVersionExpiration.NoncurrentDays = 1;
    },
    rule: 'data-expires',
    verdict: 'needs-migration',
  },
  {
    name: 'bucket: objects expire',
    plant: (after) => {
      housekeeping(after).ExpirationInDays = 30;
    },
    rule: 'data-expires',
  },
  {
    name: 'bucket: objects under a prefix expire',
    plant: (after) =>
      void after
        .find('data', UPLOADS)
        .Properties['LifecycleConfiguration'].Rules.push({ Prefix: 'a/', ExpirationInDays: 1, Status: 'Enabled' }),
    rule: 'data-expires',
  },
  {
    name: 'bucket: objects expire on a date',
    plant: (after) => {
      housekeeping(after).ExpirationDate = '2027-01-01T00:00:00Z';
    },
    rule: 'data-expires',
  },
  {
    name: 'bucket: a rule that expires is enabled',
    given: (both) =>
      void both
        .find('data', UPLOADS)
        .Properties['LifecycleConfiguration'].Rules.push({ ExpirationInDays: 1, Status: 'Disabled' }),
    plant: (after) => {
      after.find('data', UPLOADS).Properties['LifecycleConfiguration'].Rules[1].Status = 'Enabled';
    },
    rule: 'data-expires',
  },
  {
    name: 'bucket: dumps for a shorter time',
    plant: (after) => {
      after.find('data', 'BucketsBackupsBucket2').Properties['LifecycleConfiguration'].Rules[1].ExpirationInDays = 1;
    },
    rule: 'data-expires',
    verdict: 'needs-migration',
  },
  {
    name: 'bucket: emptied when it goes',
    plant: (after) => after.add('data', 'Emptier', { Type: 'Custom::S3AutoDeleteObjects' }),
    rule: 'auto-delete',
  },
  {
    name: 'bucket: emptied in the place of another',
    given: (both) =>
      both.add('data', 'Emptier', { Type: 'Custom::S3AutoDeleteObjects', Properties: { BucketName: 'a' } }),
    plant: (after) => after.set('data', 'Emptier', { BucketName: 'b' }),
    rule: 'auto-delete',
  },
  {
    name: 'images: deleted with their repository',
    given: store('AWS::ECR::Repository', { EmptyOnDelete: false }),
    plant: (after) => after.set('data', 'Store', { EmptyOnDelete: true }),
    rule: 'auto-delete',
    change: ['Store', 'updates'],
  },
  {
    name: 'images: a new repository that is deleted with them',
    plant: (after) =>
      after.add('data', 'Images', {
        Type: 'AWS::ECR::Repository',
        Properties: { EmptyOnDelete: 'true' },
        DeletionPolicy: 'Delete',
      }),
    rule: 'auto-delete',
  },

  // Copies
  {
    name: 'database: backups for a day',
    plant: database({ BackupRetentionPeriod: 1 }),
    rule: 'guard-weaker',
    verdict: 'needs-migration',
  },
  {
    name: 'database: backups go with it',
    plant: database({ DeleteAutomatedBackups: true }),
    rule: 'guard-dropped',
  },
  {
    name: 'backups: one rule of two gone',
    given: store('AWS::Backup::BackupPlan', plan('daily', 'monthly')),
    plant: (after) => after.set('data', 'Store', plan('daily')),
    rule: 'guard-dropped',
  },
  {
    name: 'backups: kept for a week instead of for ever',
    given: store('AWS::Backup::BackupPlan', { BackupPlan: { BackupPlanRule: [{ RuleName: 'daily' }] } }),
    plant: (after) =>
      after.set('data', 'Store', {
        BackupPlan: { BackupPlanRule: [{ RuleName: 'daily', Lifecycle: { DeleteAfterDays: 7 } }] },
      }),
    rule: 'guard-weaker',
  },
  {
    name: 'backups: plan gone',
    given: store('AWS::Backup::BackupPlan', plan('daily')),
    plant: (after) => after.remove('data', 'Store'),
    rule: 'protector-removed',
  },
  {
    name: 'backups: one thing left out',
    given: store('AWS::Backup::BackupSelection', {
      BackupSelection: { Resources: ['arn:aws:rds:*:*:db:*', 'arn:aws:dynamodb:*:*:table/*'] },
    }),
    plant: (after) => after.set('data', 'Store', { BackupSelection: { Resources: ['arn:aws:rds:*:*:db:*'] } }),
    rule: 'backup-selection-shrunk',
  },
  {
    name: 'backups: vault no longer locked',
    given: store('AWS::Backup::BackupVault', { LockConfiguration: { MinRetentionDays: 35 } }),
    plant: (after) => after.unset('data', 'Store', 'LockConfiguration'),
    rule: 'guard-dropped',
  },
  {
    name: 'backups: a vault that was locked for good is locked until somebody lifts it',
    given: store('AWS::Backup::BackupVault', { LockConfiguration: { MinRetentionDays: 7, ChangeableForDays: 3 } }),
    plant: (after) => after.set('data', 'Store', { LockConfiguration: { MinRetentionDays: 7 } }),
    rule: 'guard-dropped',
  },
  {
    name: 'backups: their copies in another region',
    given: store('AWS::Backup::BackupPlan', copiedTo('eu-west-2')),
    plant: (after) => after.set('data', 'Store', copiedTo('eu-west-1')),
    rule: 'stack-moved',
    change: ['Store', 'updates'],
  },
  {
    name: 'file system: no backups',
    given: store('AWS::EFS::FileSystem', { Encrypted: true, BackupPolicy: { Status: 'ENABLED' } }),
    plant: (after) => after.set('data', 'Store', { BackupPolicy: { Status: 'DISABLED' } }),
    rule: 'guard-dropped',
  },
  {
    name: 'trail: no longer writes',
    given: store('AWS::CloudTrail::Trail', { IsLogging: true }),
    plant: (after) => after.set('data', 'Store', { IsLogging: false }),
    rule: 'guard-dropped',
  },

  // Tables, queues and streams
  {
    name: 'table: items get a term',
    given: table(),
    plant: (after) =>
      after.set('data', 'Table', { TimeToLiveSpecification: { Enabled: true, AttributeName: 'createdAt' } }),
    rule: 'data-expires',
  },
  {
    name: 'table: another attribute is the term',
    given: table({ Enabled: true, AttributeName: 'expiresAt' }),
    plant: (after) =>
      after.set('data', 'Table', { TimeToLiveSpecification: { Enabled: true, AttributeName: 'createdAt' } }),
    rule: 'data-expires',
  },
  {
    name: 'queue: messages for a minute',
    given: store('AWS::SQS::Queue', {}),
    plant: (after) => after.set('data', 'Store', { MessageRetentionPeriod: 60 }),
    rule: 'data-expires',
    verdict: 'needs-migration',
  },
  {
    name: 'stream: records for a day',
    given: store('AWS::Kinesis::Stream', { RetentionPeriodHours: 168 }),
    plant: (after) => after.set('data', 'Store', { RetentionPeriodHours: 24 }),
    rule: 'data-expires',
    verdict: 'needs-migration',
  },
];

const SNAPSHOTS = 'BoxDataSnapshots';

/** The same for the data volume of the single server. */
export const RETENTION_OF_THE_BOX: readonly Hazard[] = [
  {
    name: 'volume: snapshots off',
    plant: (after) => after.set('data', SNAPSHOTS, { State: 'DISABLED' }),
    rule: 'guard-dropped',
  },
  {
    name: 'volume: no snapshots any more',
    plant: (after) => after.remove('data', SNAPSHOTS),
    rule: 'protector-removed',
  },
  {
    name: 'volume: few snapshots kept',
    plant: (after) => {
      after.find('data', SNAPSHOTS).Properties['PolicyDetails'].Schedules[0].RetainRule.Count = 1;
    },
    rule: 'guard-weaker',
    verdict: 'needs-migration',
  },
];
