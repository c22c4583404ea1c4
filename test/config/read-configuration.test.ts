import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../lib/config/configuration';
import { DEFAULTS } from '../../lib/config/defaults';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { environmentsIn } from '../../lib/config/environment-file';
import { ENVIRONMENTS } from '../variants';
import { folderWith, read } from './configuration-folder';

describe('precedence', () => {
  test('an empty file gives the defaults', () => {
    // The release is for the CPU of the box.
    const release = { ...DEFAULTS.release, architecture: 'amd64' };
    expect(read({})).toEqual({ ...DEFAULTS, release, environment: 'test' });
  });

  test('the file overrides the defaults, key by key', () => {
    const { app, web } = read({ app: { port: 5000 } });
    expect(app).toEqual({ ...DEFAULTS.app, port: 5000 });
    expect(web).toEqual(DEFAULTS.web);
  });

  test('context overrides the file, key by key', () => {
    const { app } = read({ app: { port: 5000, minNodes: 3 } }, { 'app.port': '6000' });
    expect(app).toEqual({ ...DEFAULTS.app, port: 6000, minNodes: 3 });
  });

  test('a list replaces the list below, it does not grow it', () => {
    const { network } = read(
      { network: { interfaceEndpoints: ['ssm', 'logs'] } },
      { 'network.interfaceEndpoints': 'sqs' },
    );
    expect(network.interfaceEndpoints).toEqual(['sqs']);
  });

  test('reading leaves the defaults as they were', () => {
    const before = structuredClone(DEFAULTS);
    read(
      { app: { port: 5000 }, network: { interfaceEndpoints: ['ssm'] } },
      { 'domain.name': 'a.example.com', ...ZONE },
    );
    expect(DEFAULTS).toEqual(before);
  });
});

const ZONE = {
  'domain.hostedZoneId': 'Z0123456789',
  'domain.hostedZoneName': 'example.com',
  'domain.email': 'o@e.org',
};

describe('the command line only knows text', () => {
  test.each([
    ['a number', { phase: '2' }, { phase: 2 }],
    ['a number by its dotted path', { 'database.backupDays': '14' }, { database: { backupDays: 14 } }],
    ['one of several numbers', { logDays: '90' }, { logDays: 90 }],
    ['true', { 'database.multiAz': 'true' }, { database: { multiAz: true } }],
    ['false', { 'web.enabled': 'false' }, { web: { enabled: false } }],
    ['text', { 'app.instanceType': 'c7i.4xlarge' }, { app: { instanceType: 'c7i.4xlarge' } }],
    ['digits where text belongs', { 'database.engineVersion': '17.9' }, { database: { engineVersion: '17.9' } }],
    ['a list of one', { 'box.sshFrom': '203.0.113.0/24' }, { box: { sshFrom: ['203.0.113.0/24'] } }],
    [
      'a list by comma',
      { 'box.sshFrom': '203.0.113.0/24,198.51.100.7/32' },
      { box: { sshFrom: ['203.0.113.0/24', '198.51.100.7/32'] } },
    ],
    [
      'a list as JSON',
      { 'network.interfaceEndpoints': '["ssm","sqs"]' },
      { network: { interfaceEndpoints: ['ssm', 'sqs'] } },
    ],
    ['an empty list', { 'box.sshFrom': '' }, { box: { sshFrom: [] } }],
    ['an optional list', { 'network.availabilityZones': ZONES }, { network: { availabilityZones: ZONES.split(',') } }],
    ['an optional text', { 'database.replicaClass': 'db.t4g.large' }, { database: { replicaClass: 'db.t4g.large' } }],
    ['a branch as JSON', { app: '{"minNodes": 3, "port": 5000}' }, { app: { minNodes: 3, port: 5000, maxNodes: 4 } }],
    ['a branch and a key of it', { web: '{"minNodes":3}', 'web.maxNodes': '7' }, { web: { minNodes: 3, maxNodes: 7 } }],
  ])('%s', (_kind, context, expected) => {
    expect(read({}, context)).toMatchObject(expected);
  });

  test('values that have their type already, as in cdk.json, keep it', () => {
    const context = { phase: 2, 'web.enabled': false, 'box.sshFrom': ['203.0.113.0/24'] };
    expect(read({}, context)).toMatchObject({
      phase: 2,
      web: { enabled: false },
      box: { sshFrom: ['203.0.113.0/24'] },
    });
  });
});

const ZONES = 'us-east-1a,us-east-1b,us-east-1d';

describe('context that is not ours', () => {
  test.each([
    '@aws-cdk/core:newStyleStackSynthesis',
    'aws:cdk:enable-path-metadata',
    'availability-zones:account=123456789012:region=us-east-1',
    'hosted-zone:account=1:domainName=example.com:region=us-east-1',
    'cdk-migrate',
    'aws-cdk:enableDiffNoFail',
    'acknowledged-issue-numbers',
    'cli-telemetry',
  ])('%s is ignored', (key) => {
    expect(read({}, { [key]: 'anything' })).toEqual(read({}));
  });
});

describe('the phase that a climb comes from', () => {
  test.each([
    ['0', 0],
    ['1', 1],
    [1, 1],
  ])('from=%j', (from, expected) => {
    expect(read({}, { phase: '2', from }).from).toBe(expected);
  });

  test('is not there unless somebody says so', () => {
    expect(read({}, { phase: '2' })).not.toHaveProperty('from');
  });
});

describe('the environment', () => {
  test('is dev when nobody names one', () => {
    expect(readConfiguration({ context: {}, directory: CONFIGURATION_DIRECTORY }).environment).toBe('dev');
  });

  test('is each file of the folder but the schema', () => {
    expect(environmentsIn(CONFIGURATION_DIRECTORY)).toEqual([...ENVIRONMENTS].sort());
  });

  test('is not a file whose name cannot begin the name of a stack', () => {
    const directory = folderWith({});
    expect(environmentsIn(directory)).toEqual(['test']);
    expect(environmentsIn(`${directory}/..`)).not.toContain('configuration');
  });
});
