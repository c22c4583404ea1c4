import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../lib/config/defaults';
import type { Traffic } from '../../lib/config/traffic-settings';
import { type Bill, billOf, isCovered } from '../../lib/cost/bill';
import { cheaper } from '../../lib/cost/cheaper';
import { whyFree } from '../../lib/cost/free';
import { PRICE_ROWS, priceBook } from '../../lib/cost/price-book';
import type { TemplateResource } from '../../lib/template/template';
import { synthesise } from '../cdk-context';
import { BOOK } from './book';
import { NO_TRAFFIC } from './traffic';

const one = (Type: string, Properties: Readonly<Record<string, unknown>> = {}): Bill =>
  bill({ One: { Type, Properties } });

const bill = (Resources: Readonly<Record<string, TemplateResource>>, traffic: Traffic = NO_TRAFFIC): Bill =>
  billOf({ stack: { Resources } }, traffic, BOOK);

describe('every type of a golden file is covered', () => {
  const folder = join(import.meta.dirname, '..', 'golden');
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const types = new Set(
    files.flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/^\w+: ((?:AWS|Custom)::\S+)$/gm)].map(
        ([, type = '']) => type,
      ),
    ),
  );

  test('and there are many', () => {
    expect(types.size).toBeGreaterThan(80);
  });

  test.each([...types].sort())('%s', (type) => {
    expect(isCovered(type)).toBe(true);
  });
});

test('a placement group costs nothing', () => {
  expect(whyFree('AWS::EC2::PlacementGroup')).toMatch(/^AWS charges nothing for it/);
});

describe('what has no price is listed, and not in the total', () => {
  test.each([
    ['AWS::Kendra::Index', {}, 'no price and no rule covers this type'],
    [
      'AWS::RDS::DBInstance',
      { Engine: 'mysql', DBInstanceClass: 'db.t4g.micro' },
      'there is no price for the engine mysql',
    ],
    [
      'AWS::RDS::DBInstance',
      { Engine: 'postgres', DBInstanceClass: { Ref: 'Class' } },
      'its class is known to CloudFormation only',
    ],
    ['AWS::EC2::Volume', { Size: 10, VolumeType: 'io2' }, 'there is no price for a volume of type io2'],
    [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      { Type: 'gateway' },
      'there is no price for a load balancer of type gateway',
    ],
    ['AWS::AutoScaling::AutoScalingGroup', { MinSize: '3' }, 'what it launches is not in the templates'],
    [
      'AWS::DocDB::DBInstance',
      { DBInstanceClass: 'db.t4g.medium' },
      'there is no price docdb.db.t4g.medium for us-east-1 (DocumentDB db.t4g.medium)',
    ],
    ['AWS::RDS::DBShardGroup', {}, 'no price of the capacity of Aurora Limitless was found'],
    [
      'AWS::EC2::Instance',
      { InstanceType: 'p5.48xlarge' },
      'there is no price ec2.p5.48xlarge for us-east-1 (1 p5.48xlarge)',
    ],
  ])('%s %j', (type, properties, why) => {
    const { notPriced } = one(type, properties);
    expect(notPriced).toContainEqual({ stack: 'stack', id: 'One', type, why });
  });

  test('a price that is missing is not counted as nothing', () => {
    const book = priceBook(
      'us-east-1',
      PRICE_ROWS.filter(({ id }) => id !== 'vpc.nat'),
    );
    const templates = { stack: { Resources: { Gateway: { Type: 'AWS::EC2::NatGateway' } } } };
    const found = book && billOf(templates, NO_TRAFFIC, book);
    expect(found?.notPriced).toHaveLength(1);
    expect(found?.total).toBe(0);
  });
});

describe('a fleet', () => {
  const group = (properties: Readonly<Record<string, unknown>>): Bill =>
    bill({
      Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 'c7i.large' } } },
      Fleet: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        Properties: { LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' } }, ...properties },
      },
    });
  const nodes = (found: Bill): string | undefined =>
    found.lines.find(({ price }) => price.id === 'ec2.c7i.large')?.what;

  test('is billed at its least, and says what it may come to', () => {
    const found = group({ MinSize: '2', MaxSize: '6' });
    expect(nodes(found)).toBe('2 of 2 to 6 c7i.large');
    expect(found.range[0]).toBeCloseTo(found.total, 9);
    expect(found.range[1]).toBeCloseTo(3 * found.total, 9);
  });

  test('is billed as it is desired to be', () => {
    expect(nodes(group({ MinSize: '0', MaxSize: '6', DesiredCapacity: '4' }))).toBe('4 of 0 to 6 c7i.large');
  });
});

describe('public addresses', () => {
  const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
  const addresses = ({ lines }: Bill): number =>
    lines.filter(({ price }) => price.id === 'vpc.ipv4').reduce((sum, { quantity }) => sum + quantity / 730, 0);
  const facing = { Scheme: 'internet-facing', Subnets: ['a', 'b', 'c'] };

  test.each([
    ['of a Network Load Balancer are one in each zone', { Type: 'network', ...facing }, 3],
    ['of an Application Load Balancer too', { Type: 'application', ...facing }, 3],
    ['of a load balancer that says nothing of it too', { Subnets: ['a', 'b'] }, 2],
    ['of one within the network are none', { Type: 'network', ...facing, Scheme: 'internal' }, 0],
    ['of one with IPv6 alone are none', { ...facing, IpAddressType: 'dualstack-without-public-ipv4' }, 0],
    [
      'that a Network Load Balancer brings itself are billed as what they are',
      { Type: 'network', SubnetMappings: [{ SubnetId: 'a', AllocationId: 'eipalloc-1' }, { SubnetId: 'b' }] },
      1,
    ],
  ])('%s', (_, properties, expected) => {
    const found = one(LOAD_BALANCER, properties);
    expect(addresses(found)).toBeCloseTo(expected, 9);
    expect(found.notPriced).toEqual([]);
  });

  test.each([
    [
      { Type: 'network', Subnets: { Ref: 'Subnets' } },
      'its zones, each with a public address, are not in the template',
    ],
    [
      { Type: 'network', ...facing, Scheme: { Ref: 'Scheme' } },
      'whether it has public addresses is known to CloudFormation only',
    ],
  ])('that nobody can count have no price: %j', (properties, why) => {
    expect(one(LOAD_BALANCER, properties).notPriced.map((part) => part.why)).toEqual([why]);
  });

  test('that a load balancer holds leave a node its own', () => {
    const held = { SubnetMappings: [{ SubnetId: 'a', AllocationId: { 'Fn::GetAtt': ['Address', 'AllocationId'] } }] };
    const launch = { InstanceType: 'c7i.large', NetworkInterfaces: [{ AssociatePublicIpAddress: true }] };
    const found = bill({
      Address: { Type: 'AWS::EC2::EIP' },
      Balancer: { Type: LOAD_BALANCER, Properties: { Type: 'network', ...held } },
      Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: launch } },
      Fleet: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        Properties: { MinSize: '1', MaxSize: '1', LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' } } },
      },
    });
    expect(addresses(found)).toBeCloseTo(2, 9);
  });

  test('of a database are one when the internet reaches it', () => {
    const database = {
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.small',
      StorageType: 'gp3',
      AllocatedStorage: '20',
    };
    expect(addresses(one('AWS::RDS::DBInstance', database))).toBe(0);
    expect(addresses(one('AWS::RDS::DBInstance', { ...database, PubliclyAccessible: true }))).toBeCloseTo(1, 9);
  });
});

describe('storage of a database that grows', () => {
  /** GB of storage in a bill: at its least, as it is billed, and at its greatest. */
  const storage = (most: number | undefined, rowsGB: number): number[] => {
    const properties = { Engine: 'postgres', DBInstanceClass: 'db.t4g.small', StorageType: 'gp3' };
    const sizes = { AllocatedStorage: '100', ...(most !== undefined && { MaxAllocatedStorage: most }) };
    // A row is stored as twice its bytes, with what stands around it.
    const traffic = { ...NO_TRAFFIC, writesPerMonth: (rowsGB * 2 ** 30) / 2000, rowBytes: 1000, keepMonths: 1 };
    const { lines } = bill({ One: { Type: 'AWS::RDS::DBInstance', Properties: { ...properties, ...sizes } } }, traffic);
    const own = lines.filter(({ price }) => price.id === 'rds.gp3.single');
    const sum = (of: (line: (typeof own)[number]) => number): number =>
      Math.round(own.reduce((all, line) => all + of(line), 0) / 0.115);
    return [sum(({ range }) => range[0]), sum(({ usd }) => usd), sum(({ range }) => range[1])];
  };

  test.each([
    [500, 0, [100, 100, 500]],
    [500, 300, [300, 300, 500]],
    // What does not fit is not billed.
    [500, 900, [500, 500, 500]],
    [undefined, 300, [100, 100, 100]],
  ])('up to %j GB, of which rows take %i, is at its greatest no more than it may hold', (most, rows, expected) => {
    expect(storage(most, rows)).toEqual(expected);
  });
});

describe('what a resource asks for beyond its size', () => {
  const ids = ({ lines }: Bill): string[] => lines.map(({ price, usd }) => `${price.id} ${usd.toFixed(2)}`);

  test('of a volume is its speed', () => {
    const fast = one('AWS::EC2::Volume', { Size: 10, VolumeType: 'gp3', Iops: 4000, Throughput: 225 });
    expect(ids(fast)).toEqual(['ebs.gp3 0.80', 'ebs.gp3-iops 5.00', 'ebs.gp3-throughput 4.00']);
  });

  test('of a database is its I/O, from 400 GB above 12,000', () => {
    const database = { Engine: 'postgres', DBInstanceClass: 'db.t4g.small', StorageType: 'gp3' };
    expect(ids(one('AWS::RDS::DBInstance', { ...database, AllocatedStorage: '400', Iops: 13_000 }))).toContain(
      'rds.iops.single 20.00',
    );
    expect(ids(one('AWS::RDS::DBInstance', { ...database, AllocatedStorage: '20', Iops: 3000 }))).toHaveLength(2);
  });

  test('of an Aurora cluster is its storage that is optimised for I/O, and its insights', () => {
    const cluster = {
      Type: 'AWS::RDS::DBCluster',
      Properties: {
        Engine: 'aurora-postgresql',
        StorageType: 'aurora-iopt1',
        DatabaseInsightsMode: 'advanced',
        ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 2 },
      },
    };
    const Properties = { DBClusterIdentifier: { Ref: 'cluster' }, DBInstanceClass: 'db.serverless' };
    const found = bill({ cluster, instance: { Type: 'AWS::RDS::DBInstance', Properties } });
    expect(ids(found)).toEqual(['aurora.acu-io 113.88', 'aurora.insights 2.28']);
  });
});

describe('the confidence of a total', () => {
  test('is that of all but a twentieth of it', () => {
    const [high, medium] = [
      { Type: 'AWS::EC2::NatGateway' },
      { Type: 'AWS::EC2::Instance', Properties: { InstanceType: 't3.nano' } },
    ];
    const many = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`Gateway${index}`, high]));
    expect(bill({ high }).confidence).toBe('high');
    expect(bill({ medium }).confidence).toBe('medium');
    expect(bill({ ...many, medium }).confidence).toBe('high');
    const low = {
      Type: 'AWS::Neptune::DBCluster',
      Properties: { ServerlessScalingConfiguration: { MinCapacity: 1, MaxCapacity: 8 } },
    };
    const instance = {
      Type: 'AWS::Neptune::DBInstance',
      Properties: { DBClusterIdentifier: { Ref: 'low' }, DBInstanceClass: 'db.serverless' },
    };
    expect(bill({ low, instance, medium }).confidence).toBe('low');
  });
});

describe('usage', () => {
  const templates = synthesise('prod', 6);
  const total = (traffic: Partial<Traffic>): number =>
    billOf(templates, { ...DEFAULTS.traffic, ...traffic }, BOOK).total;

  test.each([
    ['users', 1e7],
    ['connections', 1e6],
    ['requestsPerMonth', 1e9],
    ['readsPerMonth', 1e10],
    ['writesPerMonth', 1e8],
    ['jobsPerMonth', 1e8],
    ['payloadBytes', 1e6],
    ['rowBytes', 10_000],
    ['keepMonths', 60],
    ['uploadMiBPerUser', 50],
  ] as const)('grows with %s', (key, value) => {
    expect(total({ [key]: value })).toBeGreaterThan(total({}) + 1);
  });

  test.each([
    ['cdnHitPercent', 95],
    ['cacheHitPercent', 99],
  ] as const)('shrinks with %s', (key, value) => {
    const much = { requestsPerMonth: 1e10, readsPerMonth: 1e10 };
    expect(total({ ...much, [key]: value })).toBeLessThan(total(much) - 1);
  });

  test('is nothing but what goes on by itself, where nobody asks for anything', () => {
    const { usage, fixed } = billOf(templates, NO_TRAFFIC, BOOK);
    expect(usage).toBeLessThan(0.1 * fixed);
  });
});

describe('bytes', () => {
  const balancer = (Type: string): TemplateResource => ({
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    Properties: { Type },
  });
  const node = { Type: 'AWS::EC2::Instance', Properties: { InstanceType: 'c7i.large' } };
  const edge = { Type: 'AWS::CloudFront::Distribution' };
  const much = { ...NO_TRAFFIC, connections: 4_000_000, requestsPerMonth: 1e9, payloadBytes: 5000, cdnHitPercent: 0 };
  const gb = ({ lines }: Bill, id: string): number =>
    lines.filter(({ price }) => price.id === id).reduce((sum, { quantity }) => sum + quantity, 0);

  test('of a load balancer are all that CloudFront sends to it and gets from it', () => {
    const found = bill({ edge, balancer: balancer('application'), node }, { ...much, connections: 40_000 });
    expect(gb(found, 'elb.alb-lcu')).toBeCloseTo(gb(found, 'cloudfront.origin') + gb(found, 'cloudfront.out'), 6);
    expect(gb(found, 'cloudfront.origin')).toBeGreaterThan(0.1 * gb(found, 'cloudfront.out'));
  });

  test.each([{ requestsPerMonth: 0 }, { connections: 0 }])('that users send are free on their way in: %j', (some) => {
    const found = bill({ balancer: balancer('network'), node }, { ...much, payloadBytes: 1000, ...some });
    // Requests are as large as their answers here, and heartbeats as well.
    expect(gb(found, 'elb.nlb-lcu')).toBeCloseTo(2 * gb(found, 'transfer.out'), 6);
    expect(gb(found, 'transfer.zones')).toBeCloseTo(((2 * 2) / 3) * gb(found, 'elb.nlb-lcu'), 6);
  });
});

describe('backups', () => {
  const database = (days: number, storage: number): TemplateResource => ({
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      ...{ Engine: 'postgres', DBInstanceClass: 'db.t4g.small', StorageType: 'gp3', AllocatedStorage: storage },
      ...{ MaxAllocatedStorage: 1000, BackupRetentionPeriod: days },
    },
  });
  const cluster = (Type: string, days: number): TemplateResource => ({
    Type,
    Properties: { Engine: 'aurora-postgresql', BackupRetentionPeriod: days },
  });
  const plan = (days: number): TemplateResource => ({
    Type: 'AWS::Backup::BackupPlan',
    Properties: { BackupPlan: { BackupPlanRule: [{ Lifecycle: { DeleteAfterDays: days } }] } },
  });
  // 100 GB of rows.
  const rows = { ...NO_TRAFFIC, writesPerMonth: 2 ** 30 / 20, rowBytes: 1000, keepMonths: 1 };
  const gb = (found: Bill, id: string): number =>
    found.lines.filter(({ price }) => price.id === id).reduce((sum, { quantity }) => sum + quantity, 0);

  test.each([
    [0, 20, 0],
    [1, 20, 0],
    [35, 20, 68],
    [35, 150, 18],
    [35, 400, 0],
  ])('of %i days of a database with %i GB are billed beyond its storage', (days, storage, billed) => {
    expect(gb(bill({ one: database(days, storage) }, rows), 'backup.rds')).toBeCloseTo(billed, 6);
  });

  test('of RDS share what is free with the snapshots of a plan', () => {
    const found = bill({ one: database(35, 200), plan: plan(35) }, rows);
    expect(gb(found, 'backup.rds')).toBeCloseTo(2 * 168 - 200, 6);
  });

  test.each([
    ['AWS::RDS::DBCluster', 'backup.aurora'],
    ['AWS::DocDB::DBCluster', 'docdb.backup'],
  ])('of %s are what changed since the first day', (type, price) => {
    expect(gb(bill({ one: cluster(type, 35) }, rows), price)).toBeCloseTo(68, 6);
    expect(gb(bill({ one: cluster(type, 1) }, rows), price)).toBe(0);
  });

  test('of Neptune have no price, and say so only where there is something to pay', () => {
    const says = (days: number): string[] =>
      bill({ one: cluster('AWS::Neptune::DBCluster', days) }, rows).notPriced.map(({ why }) => why);
    expect(says(7)).toEqual([expect.stringContaining('there is no price neptune.backup')]);
    expect(says(1)).toEqual([]);
  });

  test('by a plan, of Aurora, are free while its own backups reach as far, and whole beyond', () => {
    const of = (kept: number): number =>
      gb(bill({ one: cluster('AWS::RDS::DBCluster', 1), plan: plan(kept) }, rows), 'backup.aurora');
    expect([1, 2, 5].map(of)).toEqual([0, 1, 4].map((older) => expect.closeTo(100 * older, 6)));
  });
});

describe('tables of the machinery', () => {
  const table = (keys: readonly string[], AttributeName: string): TemplateResource => ({
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((key) => ({ AttributeName: key })),
      TimeToLiveSpecification: { AttributeName },
    },
  });
  const busy = { ...NO_TRAFFIC, readsPerMonth: 1e9, writesPerMonth: 1e9, jobsPerMonth: 1e6 };
  const database = {
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      ...{ Engine: 'postgres', DBInstanceClass: 'db.t4g.small', StorageType: 'gp3', AllocatedStorage: '20' },
      ...{ MaxAllocatedStorage: '60000' },
    },
  };
  const queue = { Type: 'AWS::SQS::Queue' };
  const mapping = { Type: 'AWS::Lambda::EventSourceMapping', Properties: { EventSourceArn: { Ref: 'queue' } } };

  test('have none of the rows', () => {
    const alone = bill({ database }, busy);
    const beside = bill({ database, jobs: table(['id'], 'expiration'), shards: table(['pk', 'sk'], 'expires') }, busy);
    expect(beside.total).toBeCloseTo(alone.total, 9);
    const rows = bill({ database, rows: table(['id'], 'gone') }, busy);
    expect(rows.total).toBeGreaterThan(alone.total + 100);
  });

  test('are written twice for each job of a function', () => {
    const found = bill({ jobs: table(['id'], 'expiration'), queue, mapping }, busy);
    expect(found.lines.find(({ what }) => what === 'records of jobs')?.quantity).toBe(2e6);
  });
});

describe('jobs', () => {
  const target = { 'Fn::GetAtt': ['failed', 'Arn'] };
  test.each([
    ['AWS::SQS::Queue', { RedrivePolicy: { deadLetterTargetArn: target } }],
    ['AWS::Events::Rule', { Targets: [{ Id: 'one' }, { DeadLetterConfig: { Arn: target } }] }],
    ['AWS::Scheduler::Schedule', { Target: { DeadLetterConfig: { Arn: target } } }],
    ['AWS::Lambda::Function', { DeadLetterConfig: { TargetArn: target } }],
    ['AWS::Lambda::EventSourceMapping', { DestinationConfig: { OnFailure: { Destination: target } } }],
  ])('enter no queue that takes the failures of %s', (Type, Properties) => {
    const queue = { Type: 'AWS::SQS::Queue' };
    const traffic = { ...NO_TRAFFIC, jobsPerMonth: 1e6 };
    const { lines } = bill({ work: queue, failed: queue, one: { Type, Properties } }, traffic);
    const places = lines.filter(({ what }) => what === 'requests of jobs').map(({ place }) => place?.id);
    expect(places).not.toContain('failed');
    expect(places).toContain('work');
  });
});

test('everything that is dear has words on what would make it cheaper', () => {
  const prices = PRICE_ROWS.flatMap(({ id }) => BOOK.price(id) ?? []);
  expect(prices.filter((price) => cheaper({ price, usd: 100 }) === 'less of it')).toEqual([]);
  const price = BOOK.price('ec2.c7i.xlarge');
  expect(price && cheaper({ price, usd: 1000 })).toBe(
    'c7g.xlarge for $188 less, with a release for arm64; a Compute Savings Plan for the nodes that always run',
  );
});
