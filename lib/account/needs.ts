import { findInstanceType } from '../facts/instance-type';
import { QUOTA_IDS, type QuotaId } from '../facts/quotas';
import { replacementBy } from '../template/specification';
import type { TemplateResource, Templates } from '../template/template';
import { isTree } from '../template/values';
import { counted, greatest } from './counts';
import { above, fleetsOf } from './fleet-demand';
import { groupsReplacedBy } from './replaced-groups';

/** Amount of one quota that a set of templates takes. */
export interface Need {
  readonly quota: QuotaId;
  /** With fleets at their least, when nothing changes. */
  readonly rest: number;
  /** The most at once, with fleets at their least: while a change is carried out, or what comes with the phase is at work. */
  readonly peak: number;
  /** With fleets as large as scaling may make them, when that is more than `peak`. */
  readonly most: number;
  /** Additions to `rest` at the peak, for people. */
  readonly because: readonly string[];
}

/**
 * Quotas that an account must have for a set of templates in one region, at rest and at its peak: while fleets roll, images are
 * baked, backups are tried, and what is replaced or leaves stands beside what comes.
 *
 * @param before What is deployed there until then; left out, nothing.
 * @returns One need for each quota that the templates take anything of, in the order of the quotas.
 */
export function needsOf(templates: Templates, before: Templates = {}): Need[] {
  const leaving = leavingWith(templates, before);
  return QUOTA_IDS.flatMap((quota): Need[] => {
    const need = needOf(quota, templates, leaving);
    return need.peak > 0 ? [need] : [];
  });
}

function needOf(quota: QuotaId, templates: Templates, leaving: Templates): Need {
  if (quota === 'vcpus' || quota === 'vcpus-x') return vcpuNeed(quota, templates, leaving);
  const most = greatest(quota, templates);
  if (most !== undefined) return { quota, rest: most, peak: most, most, because: [] };
  const rest = counted(quota, templates);
  const extra = [
    [counted(quota, leaving), 'what leaves or is replaced'],
    [quota === 'db-instances' ? restoredAtOnce(templates) : 0, 'restores that are tried'],
    [quota.startsWith('builds-') ? builds(quota, templates) : 0, 'a build'],
  ] as const;
  const peak = extra.reduce((sum, [amount]) => sum + amount, rest);
  return { quota, rest, peak, most: peak, because: said(extra) };
}

function said(extra: readonly (readonly [amount: number, why: string])[]): string[] {
  return extra.filter(([amount]) => amount > 0).map(([amount, why]) => `${amount} for ${why}`);
}

/** Instances of families that have a quota of their own, of those that the catalogue holds. */
function isCountedBy(quota: 'vcpus' | 'vcpus-x', instanceType: string): boolean {
  return (quota === 'vcpus-x') === instanceType.startsWith('x');
}

function vcpuNeed(quota: 'vcpus' | 'vcpus-x', templates: Templates, leaving: Templates): Need {
  const fleets = Object.entries(templates).flatMap(([stack, template]) =>
    fleetsOf(template)
      .filter(({ instanceType }) => isCountedBy(quota, instanceType))
      .map((fleet) => ({ stack, ...fleet })),
  );
  const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
  const rest = sum(fleets.map((fleet) => fleet.rest));
  // Groups of one stack roll side by side, stacks one after the other.
  const rolling = Math.max(
    0,
    ...Object.keys(templates).map((stack) =>
      sum(fleets.filter((one) => one.stack === stack).map(({ surge }) => surge)),
    ),
  );
  const replaced = groupsReplacedBy(templates).map(({ stack, id, percent }) => {
    const fleet = fleets.find((one) => one.stack === stack && one.id === id);
    const vcpu = fleet === undefined ? 0 : (findInstanceType(fleet.instanceType)?.vcpu ?? 0);
    return fleet === undefined || vcpu === 0 ? 0 : vcpu * above(fleet.rest / vcpu, percent);
  });
  const baked = sum(
    bakersOf(templates)
      .filter((type) => isCountedBy(quota, type))
      .map((type) => findInstanceType(type)?.vcpu ?? 0),
  );
  const gone = sum(
    Object.values(leaving).flatMap((template) =>
      fleetsOf(template)
        .filter(({ instanceType }) => isCountedBy(quota, instanceType))
        .map((fleet) => fleet.rest),
    ),
  );
  const extra = [
    [gone, 'fleets that leave'],
    [Math.max(rolling, ...replaced), 'nodes that come before others go'],
    [baked, 'images that are baked'],
  ] as const;
  const peak = extra.reduce((total, [amount]) => total + amount, rest);
  return {
    quota,
    rest,
    peak,
    most: Math.max(peak, sum(fleets.map((fleet) => fleet.most)) + baked),
    because: said(extra),
  };
}

/** Instance types on which images are baked: each pipeline builds on one, and tries the image on one when that is gone. */
function bakersOf(templates: Templates): string[] {
  return resourcesOf(templates, 'AWS::ImageBuilder::InfrastructureConfiguration').map(({ Properties = {} }) => {
    const types = Properties['InstanceTypes'];
    return Array.isArray(types) ? String(types[0]) : '';
  });
}

/** Databases that AWS Backup restores at once to see that they can be. */
function restoredAtOnce(templates: Templates): number {
  return resourcesOf(templates, 'AWS::Backup::RestoreTestingSelection').filter(
    ({ Properties }) => Properties?.['ProtectedResourceType'] === 'RDS',
  ).length;
}

const BUILD_TYPES: Readonly<Partial<Record<QuotaId, readonly [type: string, compute: string]>>> = {
  'builds-linux-small': ['LINUX_CONTAINER', 'BUILD_GENERAL1_SMALL'],
  'builds-linux-medium': ['LINUX_CONTAINER', 'BUILD_GENERAL1_MEDIUM'],
  'builds-arm-small': ['ARM_CONTAINER', 'BUILD_GENERAL1_SMALL'],
  'builds-arm-medium': ['ARM_CONTAINER', 'BUILD_GENERAL1_MEDIUM'],
};

/** One build at a time of each kind: a second one waits in CodeBuild's queue. */
function builds(quota: QuotaId, templates: Templates): number {
  const [type, compute] = BUILD_TYPES[quota] ?? [];
  const some = resourcesOf(templates, 'AWS::CodeBuild::Project').some(({ Properties }) => {
    const environment = Properties?.['Environment'];
    return isTree(environment) && environment['Type'] === type && environment['ComputeType'] === compute;
  });
  return some ? 1 : 0;
}

function resourcesOf(templates: Templates, type: string): TemplateResource[] {
  return Object.values(templates).flatMap(({ Resources }) =>
    Object.values(Resources).filter(({ Type }) => Type === type),
  );
}

/** Resources that stand for a while beside their successors: those that the templates leave out or replace. */
function leavingWith(templates: Templates, before: Templates): Templates {
  return Object.fromEntries(
    Object.entries(before).map(([stack, template]) => {
      const leaving = Object.entries(template.Resources).filter(([id, resource]) => {
        const next = templates[stack]?.Resources[id];
        return next === undefined || isReplaced(resource, next);
      });
      // Dependents of a resource that stays count with it; so the whole template stays readable.
      const kept = new Set(leaving.map(([id]) => id));
      const Resources = Object.fromEntries(
        Object.entries(template.Resources).filter(
          ([id, { Type }]) => kept.has(id) || Type === 'AWS::EC2::LaunchTemplate',
        ),
      );
      return [stack, { ...template, Resources }];
    }),
  );
}

function isReplaced(before: TemplateResource, after: TemplateResource): boolean {
  if (before.Type !== after.Type) return true;
  const [old = {}, young = {}] = [before.Properties, after.Properties];
  return Object.keys({ ...old, ...young }).some(
    (name) => replacementBy(before.Type, name) === 'yes' && JSON.stringify(old[name]) !== JSON.stringify(young[name]),
  );
}
