import { describe, expect, test } from 'vitest';
import { PrivateBucket, type PrivateBucketProps } from '../../lib/constructs/storage/private-bucket';
import { all, one, type Statement, singleStack, templateOf, textOf } from './single-stack';

function buckets(props: Partial<PrivateBucketProps> = {}) {
  const stack = singleStack();
  const { bucket: accessLogs } = new PrivateBucket(stack, 'Logs', { noncurrentDays: 1, expireDays: 90 });
  new PrivateBucket(stack, 'Files', { noncurrentDays: 30, accessLogs, ...props });
  const template = templateOf(stack);
  return {
    template,
    files: one(template, 'AWS::S3::Bucket', 'Files'),
    logs: one(template, 'AWS::S3::Bucket', 'Logs'),
    policy: (prefix: string): Statement[] =>
      one(template, 'AWS::S3::BucketPolicy', prefix).properties['PolicyDocument'].Statement as Statement[],
  };
}

const { template, files, logs, policy } = buckets();

describe.each(all(template, 'AWS::S3::Bucket'))('every bucket: $id', ({ id, resource, properties }) => {
  test('is closed to the public in all four ways', () => {
    expect(properties['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  test('refuses everything that does not come by TLS 1.2 or newer', () => {
    const denied = policy(id.replace(/Bucket.*/, '')).filter(({ Effect }) => Effect === 'Deny');
    expect(denied.map(({ Condition }) => Condition)).toEqual(
      expect.arrayContaining([
        { Bool: { 'aws:SecureTransport': 'false' } },
        { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      ]),
    );
    for (const { Action, Principal, Resource } of denied) {
      expect([Action, Principal]).toEqual(['s3:*', { AWS: '*' }]);
      expect(Resource).toEqual([
        { 'Fn::GetAtt': [id, 'Arn'] },
        { 'Fn::Join': ['', [{ 'Fn::GetAtt': [id, 'Arn'] }, '/*']] },
      ]);
    }
  });

  test('is encrypted, versioned, and kept whatever happens to its stack', () => {
    expect(textOf(properties['BucketEncryption'])).toContain('SSEAlgorithm');
    expect(properties['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('has no name of its own, which would stand in the way of a new one', () => {
    expect(properties).not.toHaveProperty('BucketName');
  });
});

test('who reads and writes is logged, by a folder for each bucket', () => {
  expect(files.properties['LoggingConfiguration']).toEqual({
    DestinationBucketName: { Ref: logs.id },
    LogFilePrefix: 's3/Files/',
  });
  expect(logs.properties).not.toHaveProperty('LoggingConfiguration');
});

test('access control lists are off, unless a log delivery needs them', () => {
  expect(files.properties['OwnershipControls']).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
  expect(files.properties).not.toHaveProperty('AccessControl');
});

describe('lifecycle', () => {
  const rule = (props: Partial<PrivateBucketProps>) =>
    buckets(props).files.properties['LifecycleConfiguration'].Rules[0] as Record<string, unknown>;

  test('what was overwritten or deleted can be brought back for a while', () => {
    expect(rule({ noncurrentDays: 12 })['NoncurrentVersionExpiration']).toEqual({ NoncurrentDays: 12 });
  });

  test('nothing current expires unless asked to', () => {
    expect(rule({})).not.toHaveProperty('ExpirationInDays');
    expect(rule({ expireDays: 7 })).toMatchObject({ ExpirationInDays: 7 });
  });

  test('objects move to a cheaper class only when asked to', () => {
    expect(rule({})).not.toHaveProperty('Transitions');
    expect(rule({ infrequentAccessDays: 90 })['Transitions']).toEqual([
      { StorageClass: 'STANDARD_IA', TransitionInDays: 90 },
    ]);
  });

  test('uploads that never end are cleared away', () => {
    expect(rule({})).toMatchObject({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' });
  });
});
