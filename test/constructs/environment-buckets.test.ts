import { describe, expect, test } from 'vitest';
import { EnvironmentBuckets } from '../../lib/constructs/storage/environment-buckets';
import { all, architecture, one, type Statement, singleStack, templateOf, textOf } from './single-stack';

function template({ userFiles, edge }: { userFiles: boolean; edge: boolean }) {
  const stack = singleStack();
  const plan = { ...architecture(0).storage, userFiles };
  new EnvironmentBuckets(stack, 'Buckets', { environment: 'dev', plan, edge });
  return templateOf(stack);
}

const whole = template({ userFiles: true, edge: true });

/** Who, besides users of the account with their own permissions, may do what with a bucket. */
function allowed(bucket: string, from = whole): Statement[] {
  const { properties } = one(from, 'AWS::S3::BucketPolicy', `Buckets${bucket}Bucket`);
  return (properties['PolicyDocument'].Statement as Statement[]).filter(({ Effect }) => Effect === 'Allow');
}

const names = (from: typeof whole): string[] =>
  all(from, 'AWS::S3::Bucket').map(({ id }) => id.replace(/^Buckets(\w+?)Bucket.*$/, '$1'));

test.each([
  ['phase 0: logs, backups and releases', { userFiles: false, edge: false }, ['Backups', 'Logs', 'Releases']],
  [
    'phase 1: and what users bring',
    { userFiles: true, edge: false },
    ['Assets', 'Backups', 'Logs', 'Releases', 'Uploads'],
  ],
  [
    'phase 2: and logs of CloudFront',
    { userFiles: true, edge: true },
    ['Assets', 'Backups', 'EdgeLogs', 'Logs', 'Releases', 'Uploads'],
  ],
])('%s', (_phase, props, expected) => {
  expect(names(template(props))).toEqual(expected);
});

describe('who may write and read', () => {
  test('only log services write to the logs, each below a prefix of its own', () => {
    const writers = allowed('Logs').map(({ Action, Principal, Resource }) => ({
      Action,
      service: (Principal as { Service: string }).Service,
      where: textOf(Resource),
    }));
    expect(writers.map(({ Action }) => Action)).toEqual(writers.map(() => 's3:PutObject'));
    expect(new Set(writers.map(({ service }) => service))).toEqual(
      new Set(['logdelivery.elasticloadbalancing.amazonaws.com', 'logging.s3.amazonaws.com']),
    );
    for (const { service, where } of writers) {
      expect(where).toContain(service.startsWith('logdelivery') ? '/elb/AWSLogs/' : '/s3/');
    }
  });

  test('S3 writes logs only for the own buckets of the own account', () => {
    const writers = allowed('Logs').filter(({ Principal }) => textOf(Principal).includes('logging.s3'));
    expect(writers).toHaveLength(5);
    for (const { Condition } of writers) {
      expect(Condition).toMatchObject({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
      expect(textOf(Condition?.['ArnLike'])).toMatch(/aws:SourceArn.*Fn::GetAtt/);
    }
  });

  test('load balancers write for the own account only', () => {
    const [statement] = allowed('Logs').filter(({ Principal }) => textOf(Principal).includes('logdelivery'));
    expect(textOf(statement?.Resource)).toMatch(/\/elb\/AWSLogs\/",\{"Ref":"AWS::AccountId"\},"\/\*"/);
  });

  test('CloudFront reads assets, for distributions of the own account, and cannot write them', () => {
    const [statement, ...more] = allowed('Assets');
    expect(more).toEqual([]);
    expect(statement).toMatchObject({ Action: 's3:GetObject', Principal: { Service: 'cloudfront.amazonaws.com' } });
    expect(textOf(statement?.Condition)).toMatch(/aws:SourceArn.*cloudfront::.*AWS::AccountId.*distribution\/\*/);
  });

  test('nobody reads assets from outside before there is a CDN', () => {
    expect(allowed('Assets', template({ userFiles: true, edge: false }))).toEqual([]);
  });

  test.each(['Uploads', 'Backups', 'EdgeLogs'])('nobody from outside reaches %s', (bucket) => {
    expect(allowed(bucket)).toEqual([]);
  });

  test('only the log bucket of CloudFront has access control lists', () => {
    const preferred = all(whole, 'AWS::S3::Bucket').filter(({ properties }) =>
      textOf(properties['OwnershipControls']).includes('BucketOwnerPreferred'),
    );
    expect(preferred.map(({ id }) => id)).toEqual([expect.stringMatching(/^BucketsEdgeLogs/)]);
  });
});

test('dumps age, and nothing else in the bucket of backups does', () => {
  const { properties } = one(whole, 'AWS::S3::Bucket', 'BucketsBackups');
  const expiring = (properties['LifecycleConfiguration'].Rules as Record<string, unknown>[]).filter(
    (rule) => rule['ExpirationInDays'] !== undefined,
  );
  expect(expiring).toEqual([expect.objectContaining({ Prefix: 'postgresql/', ExpirationInDays: 30 })]);
});

test('nodes learn the names of the buckets they use', () => {
  const published = all(whole, 'AWS::SSM::Parameter').map(({ properties }) => properties['Name'] as string);
  expect(published.sort()).toEqual([
    '/beamstalk/dev/delivery/releases-bucket',
    '/beamstalk/dev/storage/assets-bucket',
    '/beamstalk/dev/storage/backups-bucket',
    '/beamstalk/dev/storage/uploads-bucket',
  ]);
});
