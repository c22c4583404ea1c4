import { isDeepStrictEqual } from 'node:util';
import { EMPTIERS } from '../../../template/emptiers';
import { producersOf, referencesIn } from '../../../template/references';
import { rendered } from '../../../template/render-value';
import { holds } from '../../../template/stateful';
import type { TemplateResource, Templates } from '../../../template/template';
import { legible } from '../../../template/text';
import { nameOf } from '../../../template/type-names';
import { inside, isOn } from '../../../template/values';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';
import { offeredAcceptance } from './offered-acceptance';

export const PROTECTORS: Check = {
  rules: [
    {
      id: 'protector-removed',
      severity: 'refused',
      summary: 'A backup plan, snapshot policy, trail or web ACL association is removed while what it protects stays.',
      why: 'Nothing makes copies, keeps records or filters requests any more.',
    },
    {
      id: 'backup-selection-shrunk',
      severity: 'refused',
      summary: 'A backup selection no longer includes a resource that stays.',
      why: 'No further recovery points are made of it.',
      source: 'https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html',
    },
    {
      id: 'auto-delete',
      severity: 'refused',
      summary:
        'A custom resource that empties a store on removal is added or turned to another store, or a repository of images is to be emptied then.',
      why: 'A store that leaves the template loses everything in it.',
      source: 'https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3.Bucket.html#autodeleteobjects',
    },
  ],
  find: (step) => [
    ...protectorsGone(step),
    ...backupsShrunk(step.changes, step.before, step.after),
    ...emptiers(step.changes),
  ],
};

/** Types that hold nothing themselves and keep what others hold, with whom they keep it for. */
const KEEP_FOR: Readonly<Record<string, (protector: TemplateResource, other: TemplateResource) => boolean>> = {
  'AWS::Backup::BackupPlan': (_, other) => holds(other) !== undefined,
  'AWS::Backup::BackupSelection': (_, other) => holds(other) !== undefined,
  'AWS::CloudTrail::Trail': (_, other) => holds(other) !== undefined,
  'AWS::DLM::LifecyclePolicy': (protector, other) => other.Type === 'AWS::EC2::Volume' && isTarget(protector, other),
  'AWS::WAFv2::WebACLAssociation': (_, other) => other.Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer',
};

/** Resources that make copies or records of others and are removed while those stay. */
function protectorsGone(step: Step): Finding[] {
  const { changes, after } = step;
  const offer = offeredAcceptance(step);
  const left = Object.values(after).flatMap(({ Resources }) => Object.values(Resources));
  return [...changes.values()].flatMap(({ stack, id, type, was, change }): Finding[] => {
    const keepsFor = KEEP_FOR[type];
    if (was === undefined || keepsFor === undefined || change !== 'removes') return [];
    const kept = left.filter((other) => keepsFor(was, other));
    if (kept.length === 0) return [];
    return [
      {
        severity: 'refused',
        rule: 'protector-removed',
        stack,
        id,
        message: `is removed, and ${[...new Set(kept.map(nameOf))].slice(0, 3).join(', ')} lose what this ${nameOf(was)} did for them`,
        remedy: `keep it as long as there is something to keep${offer({ type })}`,
      },
    ];
  });
}

/** Resources that a backup selection leaves out from now on although they stay. */
export function backupsShrunk(
  changes: ReadonlyMap<string, ResourceChange>,
  before: Templates,
  after: Templates,
): Finding[] {
  return [...changes.values()].flatMap(({ stack, id, type, was, is }): Finding[] => {
    if (type !== 'AWS::Backup::BackupSelection' || was === undefined || is === undefined) return [];
    const left = new Set(chosen(is).map(rendered));
    const lost = chosen(was).filter((one) => !left.has(rendered(one)) && stays(one, stack, before, after));
    return lost.map((one) => ({
      severity: 'refused',
      rule: 'backup-selection-shrunk',
      stack,
      id,
      message: `no longer backs up ${legible(rendered(one))}`,
      remedy: 'keep it in the selection as long as the resource exists',
    }));
  });
}

/** Resources by their names, and conditions on their tags. */
function chosen(selection: TemplateResource): unknown[] {
  return ['Resources', 'ListOfTags'].flatMap((name) => {
    const list = inside(selection, 'BackupSelection', name);
    return Array.isArray(list) ? (list as unknown[]) : [];
  });
}

/** True when all referenced resources stay; a value that names none of them, such as a tag, counts as staying. */
function stays(value: unknown, stack: string, before: Templates, after: Templates): boolean {
  const ids = referencesIn(value).filter((one) => one.kind !== 'resource' || !one.id.startsWith('AWS::'));
  const places = ids.flatMap((one) =>
    one.kind === 'resource' ? [{ stack, id: one.id }] : (producersOf(one, before) ?? []),
  );
  return places.length === 0 || places.some((place) => after[place.stack]?.Resources[place.id] !== undefined);
}

function isTarget(policy: TemplateResource, volume: TemplateResource): boolean {
  const wanted = inside(policy, 'PolicyDetails', 'TargetTags');
  const tags = volume.Properties?.['Tags'];
  const [targets, own] = [wanted, tags].map((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []));
  return (targets ?? []).some((target) => (own ?? []).some((tag) => isDeepStrictEqual(tag, target)));
}

/** Custom resources, and repositories, that newly delete the contents of a store. */
export function emptiers(changes: ReadonlyMap<string, ResourceChange>): Finding[] {
  return [...changes.values()].filter(emptiesAnew).map(({ stack, id }) => ({
    severity: 'refused',
    rule: 'auto-delete',
    stack,
    id,
    message: 'deletes everything in a store as soon as the store leaves the template',
    remedy: 'leave autoDeleteObjects and emptyOnDelete out: what holds data is emptied by people',
    source: 'https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3.Bucket.html#autodeleteobjects',
  }));
}

/** 1 when a repository is deleted with its images; otherwise CloudFormation deletes none that has any. */
const emptied = isOn('EmptyOnDelete');

/** True when a store is emptied that was not before: what only changes its provider empties no other. */
function emptiesAnew({ type, was, is }: ResourceChange): boolean {
  if (is === undefined) return false;
  if (type === 'AWS::ECR::Repository') return emptied(is) === 1 && (was === undefined || emptied(was) !== 1);
  const store = EMPTIERS[type];
  if (store === undefined) return false;
  return was?.Type !== type || !isDeepStrictEqual(was.Properties?.[store], is.Properties?.[store]);
}
