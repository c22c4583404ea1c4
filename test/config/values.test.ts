import { describe, expect, test } from 'vitest';
import { complaint, problem, read } from './configuration-folder';

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
    ['box.sshFrom', '[203.0.113.0/24]', 'a list of CIDRs'],
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
    ['logDays', '31', 'one of 30, 14, 7, 5 (nearest 4 of 22)'],
    ['app.tlsPort', '4000', 'a port other than app.port, which is 4000'],
  ])('%s=%s', (key, value, allowed) => {
    const line = problem({ [key]: value });
    expect(line).toMatch(new RegExp(`^ {2}${key}: received `));
    expect(line).toContain(`; allowed: `);
    expect(line).toContain(allowed);
    expect(line).toContain(`; set it in --context ${key}=...`);
  });

  test.each([
    ['box.sshFrom', '0.0.0.0/0', 0, 'a CIDR such as 203.0.113.0/24, not wider than /8;'],
    ['box.sshFrom', '198.51.100.0/24,everyone', 1, 'a CIDR such as'],
    ['network.interfaceEndpoints', 'ssm,s3', 1, 'one of sqs,'],
    ['network.interfaceEndpoints', 'ssm,sqs,ssm', 2, ', each once;'],
    ['alerts.emails', 'a@b.cd,nobody', 1, 'an e-mail address;'],
    ['alerts.emails', 'a@b.cd,a@b.cd', 1, 'a list of e-mail addresses, each once;'],
    ['pressure.lowPriorityPaths', '/batch/,batch', 1, 'a path longer than /, such as /batch/;'],
  ])('%s=%s: the entry that is wrong', (key, value, index, allowed) => {
    const line = problem({ [key]: value });
    const entry = JSON.stringify(value.split(',')[index]);
    expect(line).toContain(`  ${key}.${index}: received ${entry}; allowed: `);
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

  test.each([
    ['box', '0'],
    ['app', '2'],
  ])('Graviton for %s with an amd64 release', (fleet, phase) => {
    expect(problem({ [`${fleet}.instanceType`]: 'c7g.xlarge', 'release.architecture': 'amd64', phase })).toContain(
      `${fleet}.instanceType: received "c7g.xlarge"; allowed: an amd64 instance type, because release.architecture is amd64 and c7g.xlarge is arm64`,
    );
  });

  test('an arm64 release on x86, both fleets at once while both are there', () => {
    const [head, ...lines] = complaint({}, { 'release.architecture': 'arm64', phase: '2', from: '1' });
    expect(head).toMatch(/^2 errors/);
    expect(lines.map((line) => line.trim().split(':')[0])).toEqual(['app.instanceType', 'box.instanceType']);
  });

  test.each([
    ['t4g.small', 'arm64'],
    ['t3.small', 'amd64'],
  ])('of the box alone, %s, say that the release is for %s', (picked, architecture) => {
    expect(read({ box: { instanceType: picked } }, { phase: '0' }).release.architecture).toBe(architecture);
  });

  test('of the fleet say it once the box has gone', () => {
    const content = { box: { instanceType: 't3.small' }, app: { instanceType: 'c7g.large' } };
    expect(read(content, { phase: '2' }).release.architecture).toBe('arm64');
    expect(read(content, { phase: '1' }).release.architecture).toBe('amd64');
  });

  test('of another CPU than the box are told while both are there, each once', () => {
    const [head, ...lines] = complaint({ box: { instanceType: 't4g.small' } }, { phase: '2', from: '1' });
    expect(head).toMatch(/^1 error/);
    expect(lines[0]?.trim()).toMatch(
      /^app\.instanceType: received "t3\.medium", the default; allowed: an arm64 instance type, because release\.architecture is left out, box\.instanceType is t4g\.small and t3\.medium is amd64/,
    );
  });

  test('Graviton with an arm64 release is fine, and the reverse proxy may be of the other kind', () => {
    const context = {
      'release.architecture': 'arm64',
      'app.instanceType': 'c7g.xlarge',
      phase: '2',
    };
    expect(read({}, context).web.instanceType).toBe('t3.small');
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

describe('bounds that belong together', () => {
  test.each(['app', 'web'])('more least than most nodes: %s', (fleet) => {
    expect(problem({ [`${fleet}.minNodes`]: '5' })).toContain(
      `${fleet}.maxNodes: received 4, the default; allowed: at least ${fleet}.minNodes, which is 5; set it in config/test.json or by --context ${fleet}.maxNodes=...`,
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
