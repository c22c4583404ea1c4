import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type PreflightProps, preflight } from '../../lib/commands/preflight';
import type { Report } from '../../lib/commands/preflight/report';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { QUOTA_IDS, quotaOf } from '../../lib/facts/quotas';
import { type StandInAccount, StandInForAws } from '../peers/stand-in-for-aws';
import { WITH_DOMAIN } from '../variants';

const base = {
  environment: 'prod',
  side: { kind: 'phase', phase: 2 },
  settings: {},
  format: 'json',
  directory: CONFIGURATION_DIRECTORY,
  cdkJson: CDK_JSON,
} as const satisfies PreflightProps;

const ZONES = [
  { name: 'us-east-1a', id: 'use1-az1' },
  { name: 'us-east-1b', id: 'use1-az2' },
  { name: 'us-east-1c', id: 'use1-az4' },
  { name: 'us-east-1d', id: 'use1-az3' },
];

/** An account in which everything is there: each quota at its default, but for vCPUs. */
const READY: StandInAccount = {
  quotas: { 'L-1216C47A': 64 },
  defaults: Object.fromEntries(
    QUOTA_IDS.flatMap((id) => {
      const { code, standard } = quotaOf(id);
      return code === undefined ? [] : [[code, standard]];
    }),
  ),
  resources: {},
  zones: ZONES,
  bootstrap: { 'us-east-1': 30 },
  hostedZones: { Z0123456789ABCDEFGHIJ: { name: 'example.com' } },
  roles: ['AWSServiceRoleForAutoScaling'],
};

let aws: StandInForAws;
beforeAll(async () => {
  aws = await StandInForAws.start(READY);
});
afterAll(() => aws.stop());
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
});
afterEach(() => vi.unstubAllEnvs());

async function against(
  account: StandInAccount,
  props: Partial<PreflightProps> = {},
): Promise<Report & { exitCode: number }> {
  aws.become(account);
  const { output, exitCode } = await preflight({ ...base, ...props });
  return { ...(JSON.parse(output) as Report), exitCode };
}

const row = ({ quotas }: Report, quota: string) => quotas.find((one) => one.quota === quota);
const check = ({ checks }: Report, what: string) => checks.find((one) => one.what.startsWith(what));

describe('an account that has everything', () => {
  test('is ready', async () => {
    const report = await against(READY, { settings: WITH_DOMAIN });
    expect([...report.quotas, ...report.checks].filter(({ met }) => met !== 'ok')).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(row(report, 'vcpus')).toMatchObject({ rest: 18, peak: 24, allowed: 64, allowedBy: 'account', othersUse: 0 });
    expect(check(report, 'service-linked roles')?.note).toContain('AWSServiceRoleForElasticLoadBalancing');
  });

  test('and the table says so', async () => {
    aws.become(READY);
    const { output, exitCode } = await preflight({ ...base, format: 'text' });
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^prod at phase 2: what the account must have\n/);
    expect(output).toMatch(/vCPUs of On-Demand Standard instances +us-east-1 +18 +24 +0 +64 +ok\n/);
    expect(output).toMatch(/\nAll is there\.\n$/);
  });
});

describe('too little', () => {
  test('of vCPUs, others counted and the own ones not', async () => {
    const instances = [
      { type: 'c7i.2xlarge' },
      { type: 'c7i.4xlarge', environment: 'prod' },
      { type: 'm5.large', environment: 'staging' },
      { type: 'c7i.8xlarge', spot: true as const },
      { type: 'p5.48xlarge' },
    ];
    const report = await against({ ...READY, quotas: { 'L-1216C47A': 32 }, instances });
    // 8 by the catalogue, and 4 cores of 2 threads of a type that is not in it.
    expect(row(report, 'vcpus')).toMatchObject({ othersUse: 16, allowed: 32, met: 'too little' });
    expect(row(report, 'vcpus')?.note).toBe(
      'ask for more: aws service-quotas request-service-quota-increase --region us-east-1 --service-code ec2 --quota-code L-1216C47A --desired-value 40',
    );
    expect(report.exitCode).toBe(1);
  });

  test('of Elastic IP addresses, over more than one page', async () => {
    const report = await against({ ...READY, resources: { 'AWS::EC2::EIP': ['a', 'b', 'c'] } });
    expect(row(report, 'elastic-ips')).toMatchObject({ peak: 3, othersUse: 3, allowed: 5, met: 'too little' });
  });

  test('of load balancers, each kind by itself', async () => {
    const arn = (kind: string, index: number) =>
      `arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/${kind}/x/${index}`;
    const all = Array.from({ length: 49 }, (_, index) => arn('app', index));
    const resources = { 'AWS::ElasticLoadBalancingV2::LoadBalancer': [...all, arn('net', 1)] };
    const report = await against({ ...READY, resources });
    expect(row(report, 'application-load-balancers')).toMatchObject({ peak: 2, othersUse: 49, met: 'too little' });
  });

  test('an expansion needs an address more', async () => {
    const report = await against(READY, { side: { kind: 'phase', phase: 2, from: 1 } });
    expect(row(report, 'elastic-ips')).toMatchObject({ peak: 4, allowed: 5, met: 'ok' });
    expect(row(report, 'vcpus')).toMatchObject({ rest: 22, peak: 28 });
  });
});

describe('missing', () => {
  test.each<[string, StandInAccount, string, string]>([
    [
      'the bootstrap stack',
      { ...READY, bootstrap: {} },
      'bootstrap stack of the CDK in us-east-1',
      'npx cdk bootstrap',
    ],
    [
      'a new enough one',
      { ...READY, bootstrap: { 'us-east-1': 5 } },
      'bootstrap stack',
      'version 5, and 6 is asked for',
    ],
    ['a zone', { ...READY, zones: ZONES.slice(0, 2) }, 'three zones', 'us-east-1c is not among them'],
    [
      'a zone that works',
      {
        ...READY,
        zones: ZONES.map((zone) => ({ ...zone, state: zone.name === 'us-east-1c' ? 'impaired' : 'available' })),
      },
      'three zones',
      'us-east-1c is not among them',
    ],
    [
      'a zone that CloudFront reaches',
      { ...READY, zones: [{ name: 'us-east-1a', id: 'use1-az3' }, ...ZONES.slice(1)] },
      'three zones',
      'CloudFront reaches no load balancer in us-east-1a',
    ],
    [
      'an instance type in one zone',
      { ...READY, notOffered: { 'c7i.xlarge': ['us-east-1b'] } },
      'instance type c7i.xlarge',
      'not offered in us-east-1b',
    ],
    [
      'the hosted zone',
      { ...READY, hostedZones: {} },
      'hosted zone Z0123456789ABCDEFGHIJ',
      'the account has none of that id',
    ],
    [
      'the hosted zone of that name',
      { ...READY, hostedZones: { Z0123456789ABCDEFGHIJ: { name: 'example.org' } } },
      'hosted zone',
      'it is the zone of example.org',
    ],
    [
      'a public one',
      { ...READY, hostedZones: { Z0123456789ABCDEFGHIJ: { name: 'example.com', private: true } } },
      'hosted zone',
      'it is private',
    ],
  ])('%s', async (_what, account, what, note) => {
    const report = await against(account, { settings: WITH_DOMAIN });
    expect(check(report, what)?.note).toContain(note);
    expect(['missing', 'too little']).toContain(check(report, what)?.met);
    expect(report.exitCode).toBe(1);
  });

  test('in the region of CloudFront too, for an environment elsewhere', async () => {
    const zones = ['a', 'b', 'c'].map((letter) => ({ name: `eu-west-1${letter}`, id: `euw1-az-${letter}` }));
    const settings = { region: 'eu-west-1', 'network.availabilityZones': 'eu-west-1a,eu-west-1b,eu-west-1c' };
    const report = await against({ ...READY, zones, bootstrap: { 'eu-west-1': 30 } }, { settings });
    expect(check(report, 'bootstrap stack of the CDK in eu-west-1')?.met).toBe('ok');
    expect(check(report, 'bootstrap stack of the CDK in us-east-1')?.met).toBe('missing');
    expect(row(report, 'vcpus')?.region).toBe('eu-west-1');
    expect(row(report, 'distributions')?.region).toBe('us-east-1');
    expect(aws.asked).toContain('GetServiceQuota eu-west-1');
  });

  test('a secret and a connection that the configuration names', async () => {
    const connection = 'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef';
    const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:app-AbCdEf';
    const settings = {
      'delivery.source': 'git',
      'delivery.connectionArn': connection,
      'delivery.repository': 'example/app',
      'release.environmentSecret': secret,
    };
    const side = { kind: 'phase', phase: 4 } as const;
    const pending = await against(
      { ...READY, properties: { [connection]: { ConnectionStatus: 'PENDING' } } },
      { settings, side },
    );
    expect(check(pending, 'delivery.connectionArn')).toMatchObject({
      met: 'missing',
      note: expect.stringContaining('PENDING'),
    });
    expect(check(pending, 'release.environmentSecret')).toMatchObject({ met: 'missing' });
    const there = { [connection]: { ConnectionStatus: 'AVAILABLE' }, [secret]: {} };
    const ready = await against({ ...READY, properties: there }, { settings, side });
    expect(check(ready, 'delivery.connectionArn')?.met).toBe('ok');
    expect(check(ready, 'release.environmentSecret')?.met).toBe('ok');
  });
});

describe('what AWS does not say is unknown, and not ready', () => {
  test.each([
    ['GetServiceQuota', 'AccessDeniedException', 'vcpus'],
    ['ListResources', 'AccessDeniedException', 'elastic-ips'],
    ['DescribeInstances', 'UnauthorizedOperation', 'vcpus'],
  ])('%s: %s', async (operation, code, quota) => {
    const report = await against({ ...READY, refused: { [operation]: code } });
    expect(row(report, quota)).toMatchObject({
      met: 'unknown',
      note: expect.stringContaining(`AWS does not say: ${code}`),
    });
    expect(report.exitCode).toBe(1);
  });

  test.each(['DescribeAvailabilityZones', 'DescribeInstanceTypeOfferings', 'GetRole', 'GetHostedZone'])(
    '%s',
    async (operation) => {
      const report = await against({ ...READY, refused: { [operation]: 'AccessDenied' } }, { settings: WITH_DOMAIN });
      expect(report.checks.filter(({ met }) => met === 'unknown')).toHaveLength(1);
      expect(report.exitCode).toBe(1);
    },
  );

  test('too little stays too little', async () => {
    const refused = { DescribeInstances: 'UnauthorizedOperation' };
    expect(row(await against({ ...READY, quotas: { 'L-1216C47A': 5 }, refused }), 'vcpus')?.met).toBe('too little');
  });
});

describe('nobody to ask', () => {
  test('without credentials: what is needed is said all the same', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_SESSION_TOKEN'])
      vi.stubEnv(name, '');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
    aws.become(READY);
    const { output, complaint, exitCode } = await preflight({ ...base, format: 'text' });
    expect(exitCode).toBe(1);
    expect(complaint).toBe('no AWS credentials were found; set AWS_PROFILE, or as every AWS tool finds them');
    expect(output).toMatch(/vCPUs of On-Demand Standard instances +us-east-1 +18 +24 +- +5 by default +unknown\n/);
    expect(output).toContain('Nothing was compared with an account');
    expect(aws.asked).toEqual([]);
  });

  test('with credentials that are no longer good', async () => {
    aws.become({ ...READY, refused: { GetServiceQuota: 'ExpiredTokenException' } });
    const { complaint, exitCode } = await preflight(base);
    expect(complaint).toContain('AWS does not take these credentials (ExpiredTokenException');
    expect(exitCode).toBe(1);
  });

  test('with no way to AWS', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    const { complaint, exitCode } = await preflight(base);
    expect(complaint).toContain('AWS cannot be reached (ECONNREFUSED');
    expect(exitCode).toBe(1);
  });
});

describe('bad input', () => {
  test.each([
    [
      { settings: { 'app.port': '1' } },
      'app.port: received 1; allowed: an integer from 1024 to 32767; set it in --set app.port=...',
    ],
    [{ side: { kind: 'phase', phase: 9 } as const }, 'phase: received 9;'],
    [{ side: { kind: 'phase', phase: 9 } as const }, 'set it in PHASE, such as 2'],
    [{ environment: 'nope' }, 'env: received "nope"; allowed: one of dev, prod, staging'],
  ])('%j', async (props, message) => {
    await expect(preflight({ ...base, ...props })).rejects.toThrow(message);
  });
});
