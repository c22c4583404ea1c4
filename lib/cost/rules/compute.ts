import type { TemplateResource } from '../../template/template';
import { flagOf, inside, isTree, listInside, numberOf, type Tree } from '../../template/values';
import { ASSUMED, HOURS } from '../assumptions';
import type { Asked, Part, Rules, Tier } from '../item';
import { type Found, nodesOf, type Survey } from '../survey';
import { overfull, rowsOnVolume } from './room';

/**
 * Metrics that detailed monitoring of an instance adds, at the price of a custom metric each.
 * Source: Infracost, testdata/instance_test/instance_test.golden (2024-07-01): "EC2 detailed monitoring", 7 metrics
 */
const DETAILED_METRICS = 7;

export const COMPUTE: Rules = {
  'AWS::AutoScaling::AutoScalingGroup': fleet,
  'AWS::AutoScaling::WarmPool': warmPool,
  'AWS::EC2::Instance': ({ resource }) => nodes({ billed: 1, least: 1, most: 1 }, resource.Properties ?? {}, 0),
  'AWS::EC2::Volume': ({ resource: { Properties = {} }, survey }) => [
    volume('data volume', Properties, 'Size'),
    ...speeds(Properties, 'data'),
    ...overfull(rowsOnVolume(survey), numberOf(Properties['Size']) ?? Number.POSITIVE_INFINITY),
  ],
  'AWS::Lambda::Function': lambda,
  'AWS::EKS::Cluster': () => [
    { what: 'control plane', price: 'eks.cluster', quantity: HOURS, tier: 'compute', kind: 'fixed' },
  ],
};

interface Count {
  readonly billed: number;
  readonly least: number;
  readonly most: number;
}

function fleet({ resource, stack, survey }: Asked): Part[] {
  const data = launchData(resource, stack, survey);
  if (data === undefined) return [{ unknown: 'what it launches is not in the templates' }];
  return nodes(nodesOf(resource), data, spareAddresses(survey, stack));
}

/** Properties of the instances that a fleet launches. */
function launchData(group: TemplateResource, stack: string, survey: Survey): Tree | undefined {
  const mixed = inside(group, 'MixedInstancesPolicy', 'LaunchTemplate', 'LaunchTemplateSpecification');
  const launch = survey.at(mixed ?? group.Properties?.['LaunchTemplate'], stack);
  if (launch !== undefined) {
    const data = launch.resource.Properties?.['LaunchTemplateData'];
    return isTree(data) ? data : undefined;
  }
  return survey.at(group.Properties?.['LaunchConfigurationName'], stack)?.resource.Properties;
}

function nodes(count: Count, data: Tree, spare: number): Part[] {
  const type = data['InstanceType'];
  if (typeof type !== 'string') return [{ unknown: 'its instance type is known to CloudFormation only' }];
  const { billed, least, most } = count;
  const of = (each: number) => ({ quantity: billed * each, range: [least * each, most * each] as const });
  const span = least === most ? '' : ` of ${least} to ${most}`;
  const parts: Part[] = [
    { what: `${billed}${span} ${type}`, price: `ec2.${type}`, ...of(HOURS), tier: 'compute', kind: 'fixed' },
    ...disks(data).flatMap((disk): Part[] => [
      volumes('root volumes', disk, count),
      ...speeds(disk, 'compute').map((part) => ofNodes(part, count)),
    ]),
  ];
  if (flagOf(isTree(data['Monitoring']) ? data['Monitoring']['Enabled'] : data['InstanceMonitoring'])) {
    parts.push({
      ...{ what: 'detailed monitoring', price: 'cloudwatch.metric', ...of(DETAILED_METRICS) },
      ...{ tier: 'operations', kind: 'fixed' },
    });
  }
  const addresses = hasPublicAddress(data) ? Math.max(0, billed - spare) : 0;
  if (addresses > 0) {
    const range = [Math.max(0, least - spare) * HOURS, Math.max(0, most - spare) * HOURS] as const;
    const price = { price: 'vpc.ipv4', quantity: addresses * HOURS, range };
    parts.push({ what: 'public addresses of nodes', ...price, tier: 'network', kind: 'fixed' });
  }
  return parts;
}

function hasPublicAddress(data: Tree): boolean {
  const interfaces = data['NetworkInterfaces'];
  const all = Array.isArray(interfaces) ? interfaces.filter(isTree) : [];
  return [data, ...all].some((one) => flagOf(one['AssociatePublicIpAddress']));
}

/** Elastic IP addresses of a stack that no gateway or load balancer holds: a node takes one instead of its own address. */
function spareAddresses(survey: Survey, stack: string): number {
  const of = (type: string): readonly Found[] => survey.of(type).filter((one) => one.stack === stack);
  const balanced = of('AWS::ElasticLoadBalancingV2::LoadBalancer').flatMap(({ resource }) =>
    listInside(resource, 'SubnetMappings').filter((zone) => zone['AllocationId'] !== undefined),
  );
  const held = of('AWS::EC2::NatGateway').length + balanced.length;
  return Math.max(0, of('AWS::EC2::EIP').length - held);
}

/** Disks that an instance boots with; one that the template does not name comes with the image. */
function disks(data: Tree): Tree[] {
  const mappings = data['BlockDeviceMappings'];
  const found = (Array.isArray(mappings) ? mappings : []).flatMap((mapping: unknown) =>
    isTree(mapping) && isTree(mapping['Ebs']) ? [mapping['Ebs']] : [],
  );
  return found.length > 0 ? found : [{ VolumeType: 'gp3' }];
}

function volumes(what: string, disk: Tree, count: Count): Part {
  return ofNodes(volume(what, disk, 'VolumeSize'), count);
}

/** A part of one node, for all of a fleet. */
function ofNodes(part: Part, { billed, least, most }: Count): Part {
  if (!('price' in part)) return part;
  const range = [least * part.quantity, most * part.quantity] as const;
  return { ...part, quantity: billed * part.quantity, range };
}

/**
 * I/O operations and MiB a second that every gp3 volume has.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html (2026-11-20)
 */
const INCLUDED = { iops: 3000, throughput: 125 } as const;

/** Speed of a gp3 volume beyond what comes with it. */
function speeds(disk: Tree, tier: Tier): Part[] {
  if (disk['VolumeType'] !== 'gp3') return [];
  const iops = Math.max(0, (numberOf(disk['Iops']) ?? 0) - INCLUDED.iops);
  const throughput = Math.max(0, (numberOf(disk['Throughput']) ?? 0) - INCLUDED.throughput);
  return [
    { what: `${iops} more I/O operations a second`, price: 'ebs.gp3-iops', quantity: iops, tier, kind: 'fixed' },
    { what: `${throughput} more MiB a second`, price: 'ebs.gp3-throughput', quantity: throughput, tier, kind: 'fixed' },
  ];
}

function volume(what: string, disk: Tree, size: 'Size' | 'VolumeSize'): Part {
  const type = disk['VolumeType'] ?? 'gp2';
  if (type !== 'gp3') return { unknown: `there is no price for a volume of type ${String(type)}` };
  const gb = numberOf(disk[size]) ?? ASSUMED.rootGB;
  const tier = size === 'Size' ? ('data' as const) : ('compute' as const);
  return { what: `${what}, ${gb} GB`, price: 'ebs.gp3', quantity: gb, tier, kind: 'fixed' };
}

/** Stopped nodes of a warm pool, which cost their disks. */
function warmPool({ resource, stack, survey }: Asked): Part[] {
  const group = survey.at(resource.Properties?.['AutoScalingGroupName'], stack);
  const data = group && launchData(group.resource, group.stack, survey);
  if (data === undefined) return [{ unknown: 'its fleet is not in the templates' }];
  const count = numberOf(resource.Properties?.['MinSize']) ?? 0;
  return disks(data).map((disk) =>
    volumes('disks of stopped nodes', disk, { billed: count, least: count, most: count }),
  );
}

function lambda({ resource, ...place }: Asked): Part[] {
  const { Properties = {} } = resource;
  const gb = (numberOf(Properties['MemorySize']) ?? 128) / 1024;
  const architecture = listOf(Properties['Architectures']).includes('arm64') ? 'arm64' : 'x86';
  const { runs, seconds } = invocations({ resource, ...place });
  const usage = { tier: 'compute', kind: 'usage' } as const;
  return [
    { what: 'invocations', price: 'lambda.requests', quantity: runs, ...usage },
    { what: `time of ${gb * 1024} MiB`, price: `lambda.${architecture}`, quantity: seconds * gb, ...usage },
  ];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Runs of a function in a month, and the seconds that they take in all. */
function invocations({ stack, id, survey }: Asked): { runs: number; seconds: number } {
  const callers = survey.callersOf({ stack, id });
  const mappings = callers.filter(({ resource }) => resource.Type === 'AWS::Lambda::EventSourceMapping');
  const queues = mappings.filter((one) => sourceType(one, survey) === 'AWS::SQS::Queue').length;
  const streams = mappings.length - queues;
  const scheduled = callers.reduce((sum, { resource }) => sum + runsOf(resource.Properties?.['ScheduleExpression']), 0);
  const jobs = queues * survey.jobsPerQueue;
  const batches = (streams * survey.load('tables').writes) / ASSUMED.changesPerBatch;
  const others = mappings.length === 0 && scheduled === 0 ? ASSUMED.otherInvocations : 0;
  const runs = jobs + batches + scheduled + others;
  const seconds =
    jobs * ASSUMED.jobSeconds + batches * ASSUMED.streamSeconds + (scheduled + others) * ASSUMED.scheduledSeconds;
  return { runs, seconds };
}

function sourceType({ resource, stack }: Found, survey: Survey): string | undefined {
  return survey.at(resource.Properties?.['EventSourceArn'], stack)?.resource.Type;
}

const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440 };

/** Runs a month of an expression such as `rate(5 minutes)`; a cron expression is taken to come once a day. */
export function runsOf(expression: unknown): number {
  if (typeof expression !== 'string') return 0;
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined) return HOURS / 24;
  return (HOURS * 60) / (Number(count) * (MINUTES[unit] ?? 1));
}
