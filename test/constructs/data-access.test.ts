import { Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { Valkey } from '../../lib/constructs/cache/valkey';
import { Cookie } from '../../lib/constructs/compute/cookie';
import { letKeepBackups, letRunRelease, letUseData } from '../../lib/constructs/compute/data-access';
import { Postgres } from '../../lib/constructs/database/postgres';
import { EnvironmentBuckets } from '../../lib/constructs/storage/environment-buckets';
import {
  all,
  allowing,
  appFleet,
  architecture,
  network,
  one,
  openings,
  permissions,
  required,
  singleStack,
  templateOf,
  textOf,
} from './single-stack';

/** A fleet in a stack of its own, beside the data that it works on, as in every environment. */
function stacks() {
  const data = singleStack();
  const app = new Stack(required(data.node.scope), 'app-stack', { env: { region: 'us-east-1' } });
  const { database, cache, storage } = architecture(3);
  const vpc = network(data);
  const buckets = new EnvironmentBuckets(data, 'Buckets', { environment: 'dev', plan: storage, edge: false });
  const offer = {
    buckets,
    database: new Postgres(data, 'Database', { environment: 'dev', plan: required(database), vpc }),
    cache: new Valkey(data, 'Cache', { environment: 'dev', plan: required(cache), vpc, logDays: 1 }),
  };
  return { data, app, offer, fleet: appFleet(app, vpc) };
}

describe('a fleet that uses data', () => {
  const { data, app, offer, fleet } = stacks();
  letUseData(fleet, offer);
  const template = templateOf(app);
  const statements = permissions(template);

  test('opens the database and the cache to itself, from its own stack', () => {
    expect(openings(template).map((rule) => rule.replace(/^NodesSecurityGroup\w+ -> .* /, 'nodes -> '))).toEqual([
      'nodes -> 5432',
      'nodes -> 6379',
    ]);
    expect(openings(templateOf(data))).toEqual([]);
  });

  test('reads the secret of the cache, and never that of the administrator of the database', () => {
    const [statement, ...more] = allowing(statements, 'secretsmanager:GetSecretValue');
    expect(more).toEqual([]);
    expect([statement?.Resource].flat()).toHaveLength(1);
    expect(textOf(statement?.Resource)).not.toContain('*');
  });

  test('works on assets and uploads, and not on backups and logs', () => {
    const [statement] = allowing(statements, 's3:PutObject');
    const resources = [statement?.Resource].flat().map(textOf);
    expect(resources).toHaveLength(4);
    for (const resource of resources) expect(resource).toMatch(/Buckets(Assets|Uploads)Bucket/);
  });

  test('cannot delete what was there before: versions are out of its reach', () => {
    const actions = statements.flatMap(({ Action }) => [Action].flat());
    expect(actions.filter((action) => /Version|BucketPolicy|Acl|DeleteBucket/.test(action))).toEqual([]);
  });
});

describe('a box', () => {
  const { app, offer, fleet } = stacks();
  letKeepBackups(fleet, offer, { dumps: true, domain: 'shop.example' });
  const statements = permissions(templateOf(app));
  /** The keys of the bucket for backups for which an action is allowed. */
  const keysFor = (action: string) =>
    allowing(statements, action)
      .flatMap(({ Resource }) => [Resource].flat().map(textOf))
      .filter((arn) => arn.includes('BucketsBackupsBucket'))
      .map((arn) => /\/([^/"]+\/[^"]*)"/.exec(arn)?.[1]);

  test('brings its dumps and its certificate to the bucket of backups, each under its own prefix', () => {
    expect(keysFor('s3:PutObject')).toEqual(['postgresql/*', 'tls/shop.example.tar.gz']);
  });

  test('reads its certificate and no dump', () => {
    expect(keysFor('s3:GetObject')).toEqual(['tls/shop.example.tar.gz']);
  });

  test('deletes nothing there, and sees no list of it', () => {
    for (const action of ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:ListBucket', 's3:PutBucketPolicy']) {
      expect(keysFor(action)).toEqual([]);
    }
  });

  test('without a database and a name has no way to that bucket', () => {
    const bare = stacks();
    letKeepBackups(bare.fleet, bare.offer, { dumps: false });
    expect(JSON.stringify(permissions(templateOf(bare.app)))).not.toContain('BucketsBackupsBucket');
  });
});

describe('a release', () => {
  const fetching = (uri: string): string[] => {
    const { app, fleet } = stacks();
    letRunRelease(fleet, { ...architecture(0).node, releaseUri: uri });
    return allowing(permissions(templateOf(app)), 's3:GetObject').flatMap(({ Resource }) =>
      [Resource].flat().map(textOf),
    );
  };

  test('is opened with its checksum, and nothing else of its bucket', () => {
    const opened = fetching('s3://releases.example/team/app-1.0.0.tar.gz').filter((arn) =>
      arn.includes('releases.example'),
    );
    expect(opened).toEqual([
      '"arn:aws:s3:::releases.example/team/app-1.0.0.tar.gz"',
      '"arn:aws:s3:::releases.example/team/app-1.0.0.tar.gz.sha256"',
    ]);
  });

  test('that there is none of opens nothing but the boot bundle', () => {
    expect(fetching('none')).toEqual([expect.stringMatching(/cdk-hnb659fds-assets.*\.zip/)]);
  });
});

test('the Erlang cookie is made up in the account, read by its fleet alone, and published by its name only', () => {
  const { app, fleet } = stacks();
  new Cookie(app, 'Cookie', { environment: 'dev', fleet });
  const template = templateOf(app);
  const { id, properties } = one(template, 'AWS::SecretsManager::Secret');
  expect(properties).toHaveProperty('GenerateSecretString');
  expect(properties).not.toHaveProperty('SecretString');
  expect(allowing(permissions(template), 'secretsmanager:GetSecretValue').map(({ Resource }) => Resource)).toEqual([
    { Ref: id },
  ]);
  expect(all(template, 'AWS::SSM::Parameter').map(({ properties: { Name, Value } }) => [Name, Value])).toEqual([
    ['/beamstalk/dev/app/cookie-secret', { Ref: id }],
  ]);
});
