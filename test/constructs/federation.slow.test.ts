import { describe, expect, test } from 'vitest';
import { MOST_FUNCTIONS, MOST_REPLICAS } from '../../lib/config/extreme-checks';
import { type CloudFormationTemplate, synthesise } from '../cdk-context';
import { all, EMPTY, one, openings, permissions, required, textOf } from './single-stack';

const FUNCTIONS = JSON.stringify({
  users: { class: 'db.r7g.large', storageGiB: 50, maxStorageGiB: 500, replicas: 2 },
  'mail-out': {},
  catalogue: null,
  forum: null,
});
const CONTEXT = { 'data.functions': FUNCTIONS };
const stacks = synthesise('dev', 6, CONTEXT);
const expanded = synthesise('dev', 6, { ...CONTEXT, from: 5 });
const before = synthesise('dev', 5, CONTEXT);
const template = required(stacks['dev-federation']);
const writers = writersOf(template);

function writersOf(of: CloudFormationTemplate) {
  return all(of, 'AWS::RDS::DBInstance').filter(({ properties }) => 'DBName' in properties);
}

describe('a database for each function', () => {
  test('has its own name and size', () => {
    expect(
      Object.fromEntries(
        writers.map(({ properties: { DBName, DBInstanceClass, AllocatedStorage, MaxAllocatedStorage } }) => [
          DBName,
          [DBInstanceClass, AllocatedStorage, MaxAllocatedStorage],
        ]),
      ),
    ).toEqual({ users: ['db.r7g.large', '50', 500], mail_out: ['db.t4g.medium', '20', 200] });
  });

  test('is as hard as the single one was', () => {
    const single = required(writersOf(required(before['dev-data']))[0]);
    const OWN = ['DBName', 'DBInstanceClass', 'AllocatedStorage', 'MaxAllocatedStorage'];
    const settings = ({ properties, resource }: typeof single) => ({
      policies: [resource.DeletionPolicy, resource['UpdateReplacePolicy']],
      ...Object.fromEntries(
        Object.entries(properties).filter(([name, value]) => !OWN.includes(name) && !textOf(value).includes('{')),
      ),
    });
    for (const writer of writers) expect(settings(writer)).toEqual(settings(single));
    expect(single.properties).toMatchObject({ MultiAZ: true, StorageEncrypted: true, DeletionProtection: true });
  });

  test('has credentials and a network of its own', () => {
    for (const of of ['MasterUserPassword', 'VPCSecurityGroups', 'DBParameterGroupName']) {
      expect(new Set(writers.map(({ properties }) => textOf(properties[of]))).size).toBe(writers.length);
    }
    const secrets = all(template, 'AWS::SecretsManager::Secret');
    expect(secrets).toHaveLength(writers.length);
    for (const { resource } of secrets) expect(resource.DeletionPolicy).toBe('Retain');
    expect(textOf(template)).not.toContain('ManageMasterUserPassword');
  });

  test('is ready to be replicated from, and to feed the warehouse unless there is none', () => {
    for (const { properties } of all(template, 'AWS::RDS::DBParameterGroup')) {
      expect(properties['Parameters']).toMatchObject({
        'rds.logical_replication': '1',
        'rds.replica_identity_full': '1',
        'rds.force_ssl': '1',
      });
      expect(Number(properties['Parameters'].max_replication_slots)).toBeGreaterThanOrEqual(20);
      expect(Number(properties['Parameters'].max_wal_senders)).toBeGreaterThanOrEqual(20);
      expect(Number(properties['Parameters'].wal_sender_timeout)).toBeGreaterThanOrEqual(20_000);
    }
    const without = synthesise('dev', 6, { ...CONTEXT, 'data.warehouse.enabled': false });
    expect(without).not.toHaveProperty('dev-warehouse');
    expect(textOf(without['dev-federation'])).not.toContain('replica_identity_full');
  });

  test('has its replicas behind a name of its own, in one zone that the single one has not taken', () => {
    const zone = one(template, 'AWS::Route53::HostedZone').properties['Name'];
    expect(zone).not.toBe(one(required(expanded['dev-data']), 'AWS::Route53::HostedZone').properties['Name']);
    const records = all(template, 'AWS::Route53::RecordSet').map(({ properties }) => properties['Name']);
    expect(records).toEqual(['mail-out', 'users', 'users'].map((name) => `reader.${name}.${zone}`));
  });

  test('is found by nodes below its own name', () => {
    const published = all(template, 'AWS::SSM::Parameter').map(({ properties }) => String(properties['Name']));
    const names = ['endpoint', 'name', 'port', 'reader-endpoint', 'secret'];
    expect(published.sort()).toEqual(
      ['mail-out', 'users'].flatMap((of) => names.map((name) => `/beamstalk/dev/database/${of}/${name}`)),
    );
  });

  test.each(['dev-app', 'dev-workers'])('is open to the nodes of %s, from their side', (stack) => {
    const nodes = required(stacks[stack]);
    const doors = all(nodes, 'AWS::EC2::SecurityGroupIngress').filter(({ properties }) =>
      textOf(properties['GroupId']).includes('dev-federation'),
    );
    expect(doors.map(({ properties }) => properties['FromPort'])).toEqual(
      // A port of another stack is a reference to it, or the number itself.
      doors.map(({ properties }) => properties['ToPort']),
    );
    expect(doors).toHaveLength(writers.length);
    const readable = permissions(nodes).filter(({ Action }) =>
      [Action].flat().includes('secretsmanager:GetSecretValue'),
    );
    expect(textOf(readable).match(/dev-logins/g)).toHaveLength(writers.length);
    expect(textOf(readable)).not.toContain('dev-federation');
  });
});

describe('while a climb expands', () => {
  const open = openings(required(expanded['dev-federation']));

  test('rows can go there and back, and nowhere else', () => {
    expect(open).toHaveLength(2 * writers.length);
    const outward = all(required(expanded['dev-federation']), 'AWS::EC2::SecurityGroupEgress');
    expect(outward).toHaveLength(2 * writers.length);
    for (const { properties } of outward) expect(properties).toMatchObject({ FromPort: 5432, ToPort: 5432 });
    // The groups themselves go on letting nothing out.
    for (const { properties } of all(required(expanded['dev-federation']), 'AWS::EC2::SecurityGroup')) {
      expect(properties['SecurityGroupEgress']).toEqual([expect.objectContaining({ CidrIp: '255.255.255.255/32' })]);
    }
  });

  test('the single database is as it was', () => {
    const kept = Object.entries(required(before['dev-data']).Resources);
    for (const [id, resource] of kept) expect(expanded['dev-data']?.Resources[id]).toEqual(resource);
  });

  test('contracting takes the way out and leaves the databases as they are', () => {
    expect(openings(template)).toEqual([]);
    for (const { id, resource } of writers) expect(expanded['dev-federation']?.Resources[id]).toEqual(resource);
  });
});

describe('contracting', () => {
  const was = required(expanded['dev-data']).Resources;
  const gone = Object.keys(was).filter((id) => stacks['dev-data']?.Resources[id] === undefined);

  test('retires the single database, its replicas and its parameters', () => {
    expect(gone.filter((id) => was[id]?.Type === 'AWS::RDS::DBInstance')).toHaveLength(2);
    const left = all(stacks['dev-data'] ?? EMPTY, 'AWS::SSM::Parameter').map(({ properties }) => properties['Name']);
    expect(left.filter((name) => String(name).includes('/database/'))).toEqual([]);
  });

  test('keeps what the retired instance cannot live without', () => {
    const [instance] = gone.filter((id) => 'DBName' in (was[id]?.Properties ?? {}));
    const uses = Object.keys(was).filter((id) => textOf(was[required(instance)]?.Properties).includes(`"${id}"`));
    expect(uses).toHaveLength(5);
    for (const id of [required(instance), ...uses]) expect([id, was[id]?.DeletionPolicy]).toEqual([id, 'Retain']);
  });
});

/**
 * What a template may have.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (2026-11-20)
 */
const LIMITS = { resources: 500, outputs: 200, references: 60, bytes: 1_000_000 };

test('the most functions and replicas fit into 80 % of a template', () => {
  const [most, rest] = [Math.floor(MOST_REPLICAS / MOST_FUNCTIONS), MOST_REPLICAS % MOST_FUNCTIONS];
  const functions = Object.fromEntries(
    Array.from({ length: MOST_FUNCTIONS }, (_, at) => [
      `a-function-with-a-long-name-${String(at).padStart(2, '0')}`,
      { replicas: most + (at < rest ? 1 : 0) },
    ]),
  );
  const context = { from: 5, 'data.functions': { users: null, catalogue: null, forum: null, ...functions } };
  for (const [name, full] of Object.entries(synthesise('prod', 6, context))) {
    const text = JSON.stringify(full, null, 1);
    const counts = {
      resources: Object.keys(full.Resources ?? {}).length,
      outputs: Object.keys(full['Outputs'] ?? {}).length,
      references: (text.match(/\{\{resolve:/g) ?? []).length,
      bytes: text.length,
    };
    for (const [what, count] of Object.entries(counts)) {
      const limit = LIMITS[what as keyof typeof counts];
      expect(count, `${what} of ${name}`).toBeLessThanOrEqual(0.8 * limit);
    }
  }
});
