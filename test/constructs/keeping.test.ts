import { BackupResource } from 'aws-cdk-lib/aws-backup';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { Backups } from '../../lib/constructs/keeping/backups';
import { Spending } from '../../lib/constructs/keeping/spending';
import { Trail } from '../../lib/constructs/keeping/trail';
import { TrailWatch } from '../../lib/constructs/keeping/trail-watch';
import { synthesise } from '../cdk-context';
import { all, architecture, EMPTY, one, required, singleStack, templateOf, textOf } from './single-stack';

type Context = Readonly<Record<string, string>>;

/** What is kept, alone in a stack: a synthesis of everything takes a second. */
function operations(context: Context = {}) {
  const { operations: plan, logDays } = architecture(4, { 'operations.trail': 'account', ...context });
  const { trail, budgetUSD } = required(plan);
  const stack = singleStack();
  const topic = new Topic(stack, 'Topic');
  if (trail) {
    const { log } = new Trail(stack, 'Trail', { environment: 'prod', plan: trail, logDays });
    new TrailWatch(stack, 'Account', { environment: 'prod', log });
  }
  const resources = [BackupResource.fromArn('arn:aws:s3:::uploads')];
  new Backups(stack, 'Backups', { environment: 'prod', plan: required(plan), resources, tags: [], topic });
  new Spending(stack, 'Spending', { environment: 'prod', limit: budgetUSD, topic });
  return templateOf(stack);
}

const template = operations();
/** In the whole, with all that is off by default. */
const whole = synthesise('prod', 4, {
  'operations.copyRegion': 'eu-central-1',
  'operations.vaultLock': 'governance',
  'operations.restoreTests': 'true',
});
const kept = whole['prod-operations'] ?? EMPTY;

describe('the trail', () => {
  const trail = one(template, 'AWS::CloudTrail::Trail').properties;

  test('sees every region, and shows when a file of it was changed', () => {
    expect(trail).toMatchObject({
      IsMultiRegionTrail: true,
      IncludeGlobalServiceEvents: true,
      EnableLogFileValidation: true,
      IsLogging: true,
    });
  });

  test('records all that is done to the account, and who reads its own bucket', () => {
    expect(trail['EventSelectors']).toEqual([
      { IncludeManagementEvents: true, ReadWriteType: 'All' },
      expect.objectContaining({ IncludeManagementEvents: false, ReadWriteType: 'ReadOnly' }),
    ]);
  });

  test('is kept in a bucket of its own, which is private and outlives its stack', () => {
    const bucket = one(template, 'AWS::S3::Bucket', 'Trail');
    expect(trail['S3BucketName']).toEqual({ Ref: bucket.id });
    expect(bucket.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(bucket.properties['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
  });

  test('of an organization may be written for all its accounts, and for no other organization', () => {
    const of = operations({ 'operations.trail': 'organization', 'operations.organizationId': 'o-a1b2c3d4e5' });
    expect(one(of, 'AWS::CloudTrail::Trail').properties['IsOrganizationTrail']).toBe(true);
    expect(textOf(one(of, 'AWS::S3::BucketPolicy', 'Trail').properties)).toContain('AWSLogs/o-a1b2c3d4e5/*');
    expect(textOf(one(template, 'AWS::S3::BucketPolicy', 'Trail').properties)).not.toContain('o-a1b2c3d4e5');
  });

  test('may be left to who has one already', () => {
    const none = operations({ 'operations.trail': 'none' });
    expect(all(none, 'AWS::CloudTrail::Trail')).toEqual([]);
    expect(all(none, 'AWS::Logs::MetricFilter')).toEqual([]);
  });

  test('is looked at: each filter writes the very metric that an alarm reads', () => {
    const written = all(template, 'AWS::Logs::MetricFilter').map(({ properties }) => {
      const { MetricNamespace, MetricName } = properties['MetricTransformations'][0];
      return `${MetricNamespace} ${MetricName}`;
    });
    const read = all(template, 'AWS::CloudWatch::Alarm').flatMap(({ properties: { Namespace, MetricName } }) =>
      String(Namespace).endsWith('/trail') ? [`${Namespace} ${MetricName}`] : [],
    );
    expect(written.length).toBeGreaterThan(2);
    expect(written.sort()).toEqual(read.sort());
  });
});

describe('backups', () => {
  const LOCK = 'LockConfiguration';
  const vault = one(template, 'AWS::Backup::BackupVault');

  test('lie in a vault that outlives its stack, under a key that does too', () => {
    const key = one(template, 'AWS::KMS::Key', 'Backups');
    expect(vault.properties['EncryptionKeyArn']).toEqual({ 'Fn::GetAtt': [key.id, 'Arn'] });
    expect(key.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    // Its name is fixed: what a failed creation leaves behind would stand in the way of the next.
    expect(vault.resource).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('can be locked: so that it can be taken off, or so that it cannot after three days', () => {
    const lock = (vaultLock: string) =>
      one(operations({ 'operations.vaultLock': vaultLock }), 'AWS::Backup::BackupVault').properties[LOCK];
    expect(lock('none')).toBeUndefined();
    expect(lock('governance')).toEqual({ MinRetentionDays: 7 });
    expect(lock('compliance')).toEqual({ MinRetentionDays: 7, ChangeableForDays: 3 });
  });

  test('are made by day and by month, and kept as long as configured', () => {
    const context = { 'operations.backupDays': '20', 'operations.backupMonths': '3' };
    const { BackupPlanRule } = one(operations(context), 'AWS::Backup::BackupPlan').properties['BackupPlan'];
    const kept = BackupPlanRule.map(({ RuleName, Lifecycle }: { RuleName: string; Lifecycle: object }) => [
      RuleName,
      Lifecycle,
    ]);
    expect(kept).toEqual([
      ['daily', { DeleteAfterDays: 20 }],
      ['monthly', { DeleteAfterDays: 93 }],
    ]);
  });

  test('are of the database and of what users brought, not of replicas', () => {
    const { Resources } = one(kept, 'AWS::Backup::BackupSelection', 'BackupsPlanSelection').properties[
      'BackupSelection'
    ];
    const text = textOf(Resources);
    expect(Resources).toHaveLength(2);
    expect(text).toContain('DatabaseInstance');
    expect(text).toContain('Uploads');
    expect(text).not.toContain('Replica');
    const tagged = one(kept, 'AWS::Backup::BackupSelection', 'BackupsPlanTagged').properties['BackupSelection'];
    expect(tagged.ListOfTags).toMatchObject([{ ConditionKey: 'beamstalk:box-volume', ConditionValue: 'prod' }]);
  });

  test.each([
    ['dsql', 'DsqlCluster'],
    ['clusters', 'ClustersMapTable'],
  ])('are, where rows are sharded by %s, of what makes none of its own', (engine, id) => {
    const template = synthesise('dev', 6, { 'data.sharding.engine': engine })['dev-operations'] ?? EMPTY;
    const { properties } = one(template, 'AWS::Backup::BackupSelection', 'BackupsPlanSelection');
    expect(textOf(properties['BackupSelection'].Resources)).toContain(id);
  });

  test('are copied to a vault of our own in another region, with the same lock', () => {
    const copy = one(whole['prod-backup-copy'] ?? EMPTY, 'AWS::Backup::BackupVault');
    expect(copy.properties[LOCK]).toEqual({ MinRetentionDays: 7 });
    expect(copy.resource).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    const plan = one(kept, 'AWS::Backup::BackupPlan').properties['BackupPlan'];
    for (const { CopyActions } of plan.BackupPlanRule) {
      expect(CopyActions).toHaveLength(1);
      expect(CopyActions[0].DestinationBackupVaultArn['Fn::GetStackOutput']).toMatchObject({
        StackName: 'prod-backup-copy',
        Region: 'eu-central-1',
      });
    }
  });

  test('that fail are told of', () => {
    const patterns = all(template, 'AWS::Events::Rule').map(({ properties }) => properties['EventPattern']);
    for (const job of ['Backup', 'Copy', 'Restore']) {
      expect(patterns).toContainEqual(expect.objectContaining({ 'detail-type': [`${job} Job State Change`] }));
    }
  });

  test('are restored once a month where the configuration says so, into the network of the database', () => {
    const { properties } = one(kept, 'AWS::Backup::RestoreTestingSelection');
    expect(properties).toMatchObject({ ProtectedResourceType: 'RDS' });
    expect(textOf(properties['ProtectedResourceArns'])).toContain('DatabaseInstance');
    expect(textOf(properties['RestoreMetadataOverrides'])).toContain('SubnetGroup');
    const dev = synthesise('dev', 4)['dev-operations'] ?? EMPTY;
    expect(all(dev, 'AWS::Backup::RestoreTestingPlan')).toEqual([]);
  });
});

test('the budget calls before it is spent: for what was spent, and for what is forecast', () => {
  const budget = one(operations({ 'operations.budgetUSD': '1234' }), 'AWS::Budgets::Budget').properties;
  expect(budget['Budget']['BudgetLimit']).toEqual({ Amount: 1234, Unit: 'USD' });
  const kinds = budget['NotificationsWithSubscribers'].map(
    ({ Notification }: { Notification: { NotificationType: string } }) => Notification.NotificationType,
  );
  expect(new Set(kinds)).toEqual(new Set(['ACTUAL', 'FORECASTED']));
  // Until somebody activates the tag for billing, a budget over it would see nothing and call nobody.
  expect(budget['Budget']).not.toHaveProperty('CostFilters');
});
