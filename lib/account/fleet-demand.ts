import { findInstanceType } from '../facts/instance-type';
import { referencesIn } from '../template/references';
import type { Template, TemplateResource } from '../template/template';
import { isTree, numberOf } from '../template/values';

/** vCPUs that one Auto Scaling group has running. */
export interface FleetDemand {
  readonly id: string;
  readonly instanceType: string;
  /** Subnets that it stands in, each in a zone of its own. */
  readonly subnets: number;
  /** With its least number of nodes. */
  readonly rest: number;
  /** Beside those, while CloudFormation puts a new launch template into effect, or nodes of a warm pool boot. */
  readonly surge: number;
  /** With as many nodes as scaling may make. */
  readonly most: number;
}

/** The Auto Scaling groups of a template. An instance type that the catalogue does not hold counts nothing. */
export function fleetsOf(template: Template): FleetDemand[] {
  return Object.entries(template.Resources).flatMap(([id, group]) => {
    if (group.Type !== 'AWS::AutoScaling::AutoScalingGroup') return [];
    const instanceType = instanceTypeOf(template, group);
    const subnets: unknown = group.Properties?.['VPCZoneIdentifier'];
    const vcpu = findInstanceType(instanceType)?.vcpu ?? 0;
    const sizeOf = (name: string): number => numberOf(group.Properties?.[name]) ?? 0;
    const [min, max] = [sizeOf('MinSize'), sizeOf('MaxSize')];
    return [
      {
        id,
        instanceType,
        subnets: Array.isArray(subnets) ? subnets.length : 0,
        rest: vcpu * min,
        surge: vcpu * (Math.max(rolling(group, min, max), refreshed(group, min)) + warm(template, id)),
        most: vcpu * max,
      },
    ];
  });
}

function instanceTypeOf(template: Template, group: TemplateResource): string {
  const [reference] = referencesIn(group.Properties?.['LaunchTemplate']);
  const launch = reference?.kind === 'resource' ? template.Resources[reference.id] : undefined;
  const data = launch?.Properties?.['LaunchTemplateData'];
  return isTree(data) ? String(data['InstanceType'] ?? '') : '';
}

/**
 * Nodes that a rolling update adds: it keeps `MinInstancesInService` of them and takes up to `MaxBatchSize` out, so that
 * it makes room for the rest below `MaxSize`.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html (2026-11-29)
 */
function rolling({ UpdatePolicy }: TemplateResource, min: number, max: number): number {
  const policy = isTree(UpdatePolicy) ? UpdatePolicy['AutoScalingRollingUpdate'] : undefined;
  if (!isTree(policy)) return 0;
  const batch = numberOf(policy['MaxBatchSize']) ?? 1;
  const kept = numberOf(policy['MinInstancesInService']) ?? 0;
  return Math.min(Math.max(0, kept + batch - min), Math.max(0, max - min));
}

/** Nodes that an instance refresh adds: above 100 per cent of the fleet, and at least one. */
function refreshed({ UpdatePolicy }: TemplateResource, min: number): number {
  const policy = isTree(UpdatePolicy) ? UpdatePolicy['AutoScalingInstanceRefresh'] : undefined;
  const preferences = isTree(policy) ? policy['Preferences'] : undefined;
  return isTree(preferences) ? above(min, numberOf(preferences['MaxHealthyPercentage']) ?? 100) : 0;
}

/** Nodes above a fleet of so many that so many per cent of it allow: at least one, when they allow any. */
export function above(nodes: number, percent: number): number {
  return percent > 100 && nodes > 0 ? Math.max(1, Math.ceil((nodes * (percent - 100)) / 100)) : 0;
}

/** Nodes of a warm pool: stopped they count for nothing, but they boot running. */
function warm({ Resources }: Template, group: string): number {
  const pools = Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::AutoScaling::WarmPool' && pointsAt(Properties?.['AutoScalingGroupName'], group),
  );
  return pools.reduce((sum, { Properties }) => sum + (numberOf(Properties?.['MinSize']) ?? 0), 0);
}

function pointsAt(value: unknown, id: string): boolean {
  return referencesIn(value).some((reference) => reference.kind === 'resource' && reference.id === id);
}
