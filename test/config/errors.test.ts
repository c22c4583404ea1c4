import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { architectureOf } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { ConfigurationError } from '../../lib/config/configuration-error';
import { complaint, folderWith, read } from './configuration-folder';

/** The one problem of a context over an empty file. */
function problem(context: Readonly<Record<string, unknown>>, content: unknown = {}): string {
  const [head, line, ...rest] = complaint(content, context);
  expect(head).toBe('1 error in the configuration of environment test');
  expect(rest).toEqual([]);
  return line ?? '';
}

const DOMAIN = {
  'domain.name': 'app.example.com',
  'domain.hostedZoneId': 'Z0123456789ABCDEFGHIJ',
  'domain.hostedZoneName': 'example.com',
  'domain.email': 'ops@example.com',
} as const;

function domainWithout(key: keyof typeof DOMAIN): Record<string, string> {
  const { [key]: _, ...rest } = DOMAIN;
  return rest;
}

describe('a message', () => {
  test('has one line for each problem: key, what was received, what is allowed, where to set it', () => {
    expect(complaint({ app: { port: 80 } }, { 'app.minNodes': 'many' })).toEqual([
      '2 errors in the configuration of environment test',
      '  app.minNodes: received "many"; allowed: an integer from 1 to 500; set it in --context app.minNodes=...',
      '  app.port: received 80; allowed: an integer from 1024 to 32767; set it in config/test.json',
    ]);
  });

  test('brings all the errors of a file together and names the file with each', () => {
    const lines = complaint({ databse: { class: 'x' }, app: { instanceType: 'c7i.5xlarge' }, logDays: 29 });
    expect(lines[0]).toMatch(/^3 errors in /);
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual(['app.instanceType', 'databse', 'logDays']);
    expect(lines.slice(1).filter((line) => !line.endsWith('; set it in config/test.json'))).toEqual([]);
  });

  test('brings rules over several keys together with wrong values', () => {
    const lines = complaint({ logDays: 29, app: { minNodes: 9, maxNodes: 2 } });
    expect(lines.slice(1)).toEqual([
      expect.stringContaining('app.maxNodes: received 2; allowed: at least app.minNodes, which is 9;'),
      expect.stringContaining('logDays: received 29;'),
    ]);
  });

  test('says nothing of a rule whose keys are not well-formed by themselves', () => {
    expect(problem({ 'app.minNodes': 'x', 'app.maxNodes': '1' })).toContain('app.minNodes: received "x"');
  });

  test('names the flag for a value from the command line, also where the file sets the same key', () => {
    expect(problem({ 'app.port': '1' }, { app: { port: 2 } })).toContain('set it in --context app.port=...');
  });

  test('names the flag that set the whole branch', () => {
    expect(problem({ app: '{"port":1}' })).toContain('app.port: received 1; ');
    expect(problem({ app: '{"port":1}' })).toContain('set it in --context app=...');
  });
});

describe('unknown keys', () => {
  test.each([
    ['databse.class', 'databse: allowed: one of region, phase,', '(did you mean database?)'],
    ['app.instancetype', 'app.instancetype: allowed: one of instanceType,', '(did you mean app.instanceType?)'],
    ['phse', 'phse: allowed:', '(did you mean phase?)'],
    ['enviroment', 'enviroment: allowed:', '; set it in --context enviroment=...'],
    ['network.cdir', 'network.cdir: allowed: one of cidr,', '(did you mean network.cidr?)'],
  ])('%s in context', (key, ...parts) => {
    const line = problem({ [key]: 'x' });
    for (const part of parts) expect(line).toContain(part);
  });

  test('in a file', () => {
    const line = problem({}, { cache: { replica: 2 } });
    expect(line).toContain(
      'cache.replica: allowed: one of class, replicas, snapshotDays (did you mean cache.replicas?)',
    );
    expect(line).toContain('set it in config/test.json');
  });

  test('unlike any that there is: no guess', () => {
    expect(problem({ zzzzzzzz: 'x' })).not.toContain('did you mean');
  });

  test.each([
    ['__proto__.x', '__proto__'],
    ['__proto__', '__proto__'],
    ['constructor.x', 'constructor'],
    ['constructor', 'constructor'],
    ['toString', 'toString'],
    ['app.__proto__.port', 'app.__proto__'],
    ['app.constructor', 'app.constructor'],
    ['app.hasOwnProperty', 'app.hasOwnProperty'],
    ['', ''],
    ['app.', 'app.'],
  ])('%j, which every object seems to have, in context', (key, reported) => {
    const context = Object.fromEntries([[key, '1']]);
    expect(problem(context)).toContain(`  ${reported}: allowed: one of `);
  });

  test.each(['{"__proto__": {"phase": 3}}', '{"app": {"__proto__": {"port": 5}}}', '{"constructor": {}}'])(
    '%s in a file',
    (content) => {
      expect(problem({}, content)).toMatch(/^ {2}(app\.)?(__proto__|constructor): allowed: one of /);
    },
  );

  test('do not reach other objects', () => {
    complaint('{"__proto__": {"polluted": true}}', {
      '__proto__.polluted': '1',
      'constructor.prototype.polluted': '1',
    });
    expect('polluted' in {}).toBe(false);
  });
});

describe('wrong types and values', () => {
  test.each([
    ['phase', 'three', 'an integer from 0 to 6'],
    ['phase', '2.5', 'an integer from 0 to 6'],
    ['phase', '7', 'an integer from 0 to 6'],
    ['phase', '-1', 'an integer from 0 to 6'],
    ['phase', '', 'an integer from 0 to 6'],
    ['web.enabled', 'yes', 'true or false'],
    ['ingress', 'tcp', 'one of http, sockets'],
    ['ingress', 'socket', 'one of http, sockets (did you mean sockets?)'],
    ['app', '3', 'an object'],
    ['box.sshFrom', '0.0.0.0/0', 'none wider than /8'],
    ['box.sshFrom', 'everyone', 'a list of CIDRs'],
    ['box.sshFrom', '[203.0.113.0/24]', 'a list of CIDRs'],
    ['network.interfaceEndpoints', 's3', 'one of autoscaling,'],
    ['network.interfaceEndpoints', 'ssm,ssm', 'a list that names each service once'],
    ['network.availabilityZones', 'us-east-1a,us-east-1b', 'a list of three zone names'],
    ['network.availabilityZones', 'us-east-1a,us-east-1b,us-east-1a', 'three different zones of the region us-east-1'],
    ['network.availabilityZones', 'eu-west-1a,eu-west-1b,eu-west-1c', 'three different zones of the region us-east-1'],
    ['region', 'Ireland', 'a region name such as eu-west-1'],
    ['release.uri', 'https://example.com/a.tar.gz', 'none, or an s3://bucket/key.tar.gz'],
    ['app.healthPath', 'health', 'a path that begins with /'],
    ['app.healthPath', "/$(id)'", 'a path that begins with /'],
    ['database.name', "app'; drop", 'a PostgreSQL identifier in lower case'],
    ['database.class', 't4g.medium', 'an RDS instance class such as db.t4g.medium'],
    ['database.engineVersion', '17', 'with its minor, such as 17.9'],
    ['database.engineVersion', '15.4', 'a PostgreSQL version from 16 to 18'],
    ['cache.class', 'db.t4g.small', 'an ElastiCache node type such as cache.t4g.small'],
    ['logDays', '31', 'one of 1, 3, 5, 7, 14, 30,'],
    ['app.tlsPort', '4000', 'a port other than app.port, which is 4000'],
  ])('%s=%s', (key, value, allowed) => {
    const line = problem({ [key]: value });
    expect(line).toMatch(new RegExp(`^ {2}${key}: received `));
    expect(line).toContain(`; allowed: `);
    expect(line).toContain(allowed);
    expect(line).toContain(`; set it in --context ${key}=...`);
  });

  test.each([
    [{ phase: '3' }, 'phase: received "3"'],
    [{ web: { enabled: 'true' } }, 'web.enabled: received "true"'],
    [{ box: { sshFrom: '203.0.113.0/24' } }, 'box.sshFrom: received "203.0.113.0/24"'],
    [{ app: { port: null } }, 'app.port: received null'],
    [{ app: [] }, 'app: received []'],
  ])('a file is taken at its word: %j', (content, expected) => {
    expect(problem({}, content)).toContain(expected);
  });
});

describe('instance types', () => {
  test('an unknown one names its family', () => {
    const line = problem({ 'app.instanceType': 'c7i.5xlarge' });
    expect(line).toContain('app.instanceType: received "c7i.5xlarge"; allowed: an instance type of ');
    expect(line).toMatch(/of that family: .*c7i\.4xlarge, c7i\.8xlarge/);
    expect(line).not.toMatch(/m7i|t3\./);
  });

  test('of an unknown family gets the nearest one', () => {
    expect(problem({ 'box.instanceType': 'c77i.xlarge' })).toContain('(did you mean c7i.xlarge?)');
  });

  test.each(['box', 'app'])('Graviton for %s with an amd64 release', (fleet) => {
    expect(problem({ [`${fleet}.instanceType`]: 'c7g.xlarge' })).toContain(
      `${fleet}.instanceType: received "c7g.xlarge"; allowed: an amd64 instance type, because release.architecture is amd64 and c7g.xlarge is arm64`,
    );
  });

  test('an arm64 release on x86, both fleets at once', () => {
    const [head, ...lines] = complaint({}, { 'release.architecture': 'arm64' });
    expect(head).toMatch(/^2 errors/);
    expect(lines.map((line) => line.trim().split(':')[0])).toEqual(['app.instanceType', 'box.instanceType']);
  });

  test('Graviton with an arm64 release is fine, and the reverse proxy may be of the other kind', () => {
    const context = {
      'release.architecture': 'arm64',
      'app.instanceType': 'c7g.xlarge',
      'box.instanceType': 't4g.small',
    };
    expect(read({}, context).web.instanceType).toBe('t3.small');
  });
});

describe('phases that are not built yet', () => {
  test.each(['4', '5', '6'])('%s is a phase, but cannot be built', (phase) => {
    const configuration = read({}, { phase });
    expect(() => architectureOf(configuration)).toThrow(ConfigurationError);
    expect(() => architectureOf(configuration)).toThrow(
      `1 error in the configuration of environment test\n  phase: received ${phase}; allowed: a phase from 0 to 3; phase ${phase} is not built yet; set it in --context phase=...`,
    );
  });
});

describe('a climb', () => {
  test.each(['2', '3', '-1', 'two', '1.5', '', 1.5])('to phase 2 does not come from %j', (from) => {
    expect(problem({ phase: '2', from })).toBe(
      `  from: received ${JSON.stringify(from)}; allowed: an integer from 0 to 1, below phase; set it in --context from=...`,
    );
  });

  test('to phase 0 comes from nowhere', () => {
    expect(problem({ from: '0' })).toContain('from: received "0"; allowed: nothing: phase 0 has no phase below it');
  });
});

describe('forcing a climb', () => {
  test('takes the climb as the gate names it', () => {
    expect(read({}, { phase: '2', force: '3-2' }).force).toBe('3-2');
    expect(read({}, { phase: '2' })).not.toHaveProperty('force');
  });

  test.each(['true', 'yes', '3', '3-7', '3->2', true])('does not take %j', (force) => {
    expect(problem({ force })).toContain(`  force: received ${JSON.stringify(force)}; allowed: the exact climb`);
  });
});

describe('address ranges', () => {
  test.each([
    ['10.0.0.0/28', 'no room for nine subnets'],
    ['10.0.0.0/22', 'too small by one bit'],
    ['10.0.0.0/15', 'larger than a VPC may be'],
    ['8.8.0.0/16', 'not private'],
    ['172.32.0.0/16', 'just behind the private range'],
    ['192.169.0.0/16', 'just behind the private range'],
    ['10.0.0.1/16', 'bits behind the prefix'],
    ['10.0.0.0/16 ', 'a blank'],
    ['10.0.256.0/24', 'not an address'],
    ['10.0.0.0', 'no prefix'],
    ['fd00::/16', 'IPv6'],
  ])('%s is refused: %s', (cidr) => {
    expect(problem({ 'network.cidr': cidr })).toContain(
      `network.cidr: received ${JSON.stringify(cidr)}; allowed: a private IPv4 CIDR from /16 to /21 with no bits behind its prefix;`,
    );
  });

  test.each(['10.255.0.0/16', '172.16.0.0/16', '172.31.248.0/21', '192.168.0.0/17', '100.64.0.0/20'])(
    '%s is fine',
    (cidr) => {
      expect(read({}, { 'network.cidr': cidr }).network.cidr).toBe(cidr);
    },
  );
});

describe('a domain', () => {
  test('is whole or not there', () => {
    expect(read({}, DOMAIN).domain).toEqual({
      name: 'app.example.com',
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      hostedZoneName: 'example.com',
      email: 'ops@example.com',
    });
    expect(read({}).domain).toEqual({});
  });

  test.each([
    ['domain.hostedZoneId', 'the id of the hosted zone that holds app.example.com'],
    ['domain.hostedZoneName', 'the name of the hosted zone, of which app.example.com is part'],
    ['domain.email', 'an e-mail address for the certificate authority'],
    ['domain.name', 'the public name, because other keys of domain are set'],
  ] as const)('without %s', (key, allowed) => {
    expect(problem(domainWithout(key))).toContain(`${key}: allowed: ${allowed}`);
  });

  test('alone says everything that it lacks', () => {
    const lines = complaint({}, { 'domain.name': 'app.example.com' });
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual([
      'domain.email',
      'domain.hostedZoneId',
      'domain.hostedZoneName',
    ]);
  });

  test.each(['example.org', 'ple.com', 'other.example.com'])('in a zone %s that does not hold it', (zone) => {
    expect(problem({ ...DOMAIN, 'domain.hostedZoneName': zone })).toContain(
      `domain.hostedZoneName: received "${zone}"; allowed: the name of the hosted zone, of which app.example.com is part`,
    );
  });

  test('may be the zone itself', () => {
    expect(read({}, { ...DOMAIN, 'domain.name': 'example.com' }).domain.name).toBe('example.com');
  });

  test.each([
    ['domain.name', 'App.Example.com'],
    ['domain.hostedZoneId', '/hostedzone/Z123'],
    ['domain.email', "o'ops@example.com"],
  ])('%s=%s is not well-formed', (key, value) => {
    expect(problem({ ...DOMAIN, [key]: value })).toContain(`${key}: received ${JSON.stringify(value)}`);
  });
});

describe('bounds that belong together', () => {
  test.each(['app', 'web'])('more least than most nodes: %s', (fleet) => {
    expect(problem({ [`${fleet}.minNodes`]: '5' })).toContain(
      `${fleet}.maxNodes: received 4; allowed: at least ${fleet}.minNodes, which is 5; set it in config/test.json`,
    );
  });

  test('a fleet of a fixed size is fine', () => {
    expect(read({}, { 'app.minNodes': '4' }).app).toMatchObject({ minNodes: 4, maxNodes: 4 });
  });

  test('storage grows by at least a tenth, as RDS wants', () => {
    expect(problem({ 'database.storageGiB': '100', 'database.maxStorageGiB': '109' })).toContain(
      'database.maxStorageGiB: received 109; allowed: at least 110, a tenth more than database.storageGiB',
    );
    expect(read({}, { 'database.storageGiB': '100', 'database.maxStorageGiB': '110' }).database.maxStorageGiB).toBe(
      110,
    );
  });

  test.each([
    ['database.storageGiB', '19'],
    ['database.maxStorageGiB', '65537'],
    ['database.backupDays', '6'],
    ['database.backupDays', '36'],
    ['database.replicas', '16'],
    ['box.dataVolumeGiB', '7'],
    ['box.dataVolumeGiB', '16385'],
    ['cache.replicas', '0'],
    ['cache.replicas', '6'],
    ['cache.snapshotDays', '36'],
    ['edge.requestsPer5Minutes', '9'],
    ['network.natGateways', '4'],
    ['storage.uploadsInfrequentAccessDays', '29'],
  ])('%s=%s is out of bounds', (key, value) => {
    expect(problem({ [key]: value })).toMatch(
      new RegExp(`${key}: received ${value}; allowed: an integer from \\d+ to \\d+;`),
    );
  });
});

describe('files', () => {
  test.each([
    ['{"app": ', 'JSON ('],
    ['', 'JSON ('],
    ['phase: 3', 'JSON ('],
    ['3', 'a JSON object'],
    ['true', 'a JSON object'],
    ['null', 'a JSON object'],
    ['[1]', 'a JSON object'],
  ])('%j is no configuration', (content, allowed) => {
    const lines = complaint(content);
    expect(lines[0]).toBe('1 error in config/test.json');
    expect(lines.slice(1)).toEqual([expect.stringContaining(`  (file): allowed: ${allowed}`)]);
    expect(lines[1]).toContain('; set it in config/test.json');
  });

  test('one that cannot be read says why', () => {
    const directory = folderWith({});
    rmSync(join(directory, 'test.json'));
    mkdirSync(join(directory, 'test.json'));
    expect(() => readConfiguration({ context: { env: 'test' }, directory })).toThrow(
      /^1 error in config\/test\.json\n {2}\(file\): .*EISDIR/,
    );
  });

  test('in a folder that is not there: run elsewhere than in the project', () => {
    const directory = join(folderWith({}), 'config');
    expect(() => readConfiguration({ context: {}, directory })).toThrow(ConfigurationError);
    expect(() => readConfiguration({ context: {}, directory })).toThrow(`received "${directory}"; allowed: a folder`);
  });

  test.each(['nope', '', '../test', 'schema', 'Test', 5])('env=%j lists the environments that there are', (env) => {
    expect(complaint({}, { env })).toEqual([
      '1 error in the choice of environment',
      `  env: received ${JSON.stringify(env)}; allowed: one of test; set it in --context env=...`,
    ]);
  });
});
