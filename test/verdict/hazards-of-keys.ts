import type { Hazard } from './hazard';
import type { Planted } from './planted';

const database = (properties: object) => (after: Planted) =>
  after.set('data', 'DatabaseInstanceAA', properties as Record<string, unknown>);
const parameters = (values: object) => (after: Planted) =>
  void Object.assign(after.find('data', 'DatabaseParameters').Properties['Parameters'], values);

const ROOT = { 'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':root']] };
const keyPolicy = (...more: object[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'kms:*', Resource: '*' }, ...more],
});
const key = (both: Planted): void =>
  both.add('data', 'Key', {
    Type: 'AWS::KMS::Key',
    Properties: { Enabled: true, KeyPolicy: keyPolicy() },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
/** What can be read no more, or by everybody, or is not written after all; and where nodes look for it. */
export const KEYS: readonly Hazard[] = [
  // Keys, passwords, parameters
  {
    name: 'key: disabled',
    given: key,
    plant: (after) => after.set('data', 'Key', { Enabled: false }),
    rule: 'guard-dropped',
  },
  {
    name: 'key: gone after a week',
    given: key,
    plant: (after) => after.set('data', 'Key', { PendingWindowInDays: 7 }),
    rule: 'guard-weaker',
  },
  {
    name: 'key: nobody may decrypt',
    given: key,
    plant: (after) =>
      after.set('data', 'Key', {
        KeyPolicy: keyPolicy({ Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' }),
      }),
    rule: 'locked-out',
  },
  {
    name: 'key: the account may no longer use it',
    given: key,
    plant: (after) =>
      after.set('data', 'Key', {
        KeyPolicy: {
          Statement: [{ Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'kms:Describe*', Resource: '*' }],
        },
      }),
    rule: 'locked-out',
  },
  {
    name: 'bucket: nobody may read',
    plant: (after) =>
      void after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: '*',
      }),
    rule: 'locked-out',
  },
  {
    name: 'database: password in plain text',
    plant: database({ MasterUserPassword: 'correct horse' }),
    rule: 'plain-secret',
  },
  {
    name: 'database: password from a parameter that is shown',
    given: (both) => {
      both.stack('data').Parameters = { Password: { Type: 'String' } };
    },
    plant: database({ MasterUserPassword: { Ref: 'Password' } }),
    rule: 'plain-secret',
  },
  { name: 'database: fsync off', plant: parameters({ fsync: '0' }), rule: 'guard-dropped' },
  { name: 'database: no whole pages', plant: parameters({ full_page_writes: 'off' }), rule: 'guard-dropped' },
  { name: 'database: commits before disk', plant: parameters({ synchronous_commit: 'off' }), rule: 'guard-dropped' },

  // What nodes find their data by
  {
    name: 'published: buckets swapped',
    plant: (after) => {
      const [assets, uploads] = ['assets', 'uploads'].map((name) => after.find('data', `BucketsPublished${name}`));
      const value = assets?.Properties['Value'];
      Object.assign(assets?.Properties ?? {}, { Value: uploads?.Properties['Value'] });
      Object.assign(uploads?.Properties ?? {}, { Value: value });
    },
    rule: 'data-pointer-moved',
  },
  {
    name: 'published: another database',
    plant: (after) => after.set('data', 'DatabasePublishedendpoint', { Value: 'other.example.com' }),
    rule: 'data-pointer-moved',
  },
  {
    name: 'published: a replica as the database',
    plant: (after) =>
      after.set('data', 'DatabasePublishedendpoint', {
        Value: { 'Fn::GetAtt': [after.idOf('data', 'ReadersReplica16'), 'Endpoint.Address'] },
      }),
    rule: 'data-pointer-moved',
  },
  {
    name: 'published: the database under another name',
    plant: (after) => after.set('data', 'DatabasePublishedendpoint', { Name: '/beamstalk/prod/database/host' }),
    rule: 'data-pointer-moved',
  },
  {
    name: 'published: a name that no longer resolves',
    plant: (after) => {
      after.remove('data', 'ReadersName1');
      after.remove('data', 'ReadersName2');
    },
    rule: 'name-unresolved',
  },
];
