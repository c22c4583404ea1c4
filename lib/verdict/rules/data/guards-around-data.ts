import { rendered } from '../../../template/render-value';
import { replicasOf } from '../../../template/table-replicas';
import { amount, inside, isOff, isOn, listInside, property } from '../../../template/values';
import type { Guard, GuardList } from './guard';

const PARAMETERS = ['AWS::RDS::DBParameterGroup', 'AWS::RDS::DBClusterParameterGroup'];

/** A parameter of a database that is on unless it is turned off. */
function parameter(name: string, off: readonly string[], means: string): Guard {
  return {
    name: `${means} (${name})`,
    types: PARAMETERS,
    level: (resource) => {
      const values = (property('Parameters')(resource) ?? {}) as Readonly<Record<string, unknown>>;
      return off.includes(String(values[name]).toLowerCase()) ? 0 : 1;
    },
  };
}

const OFF = ['0', 'off', 'false', 'no'];

/** Guards in other resources than the data store: keys, parameters, schedules, the firewall, the nodes. */
export const GUARDS_AROUND_DATA: readonly Guard[] = [
  parameter('rds.force_ssl', OFF, 'TLS for every connection'),
  // Without these a crash, or a failover, loses what users were told is written, or the whole database.
  // Source: https://www.postgresql.org/docs/17/runtime-config-wal.html
  parameter('fsync', OFF, 'the promise that what is written is on disk'),
  parameter('full_page_writes', OFF, 'the promise of whole pages after a crash'),
  parameter('synchronous_commit', OFF, 'the promise that what is committed is on disk'),
  parameter('innodb_flush_log_at_trx_commit', ['0', '2'], 'the promise that what is committed is on disk'),

  {
    name: 'its use: what it encrypted cannot be read meanwhile',
    types: ['AWS::KMS::Key', 'AWS::KMS::ReplicaKey'],
    level: (resource) => (String(property('Enabled')(resource) ?? true) === 'true' ? 1 : 0),
  },
  {
    name: 'the days until a deleted key is gone',
    types: ['AWS::KMS::Key', 'AWS::KMS::ReplicaKey'],
    level: amount('PendingWindowInDays', 30),
  },
  { name: 'key rotation', types: ['AWS::KMS::Key'], level: isOn('EnableKeyRotation'), soft: true },

  {
    name: 'daily snapshots',
    types: ['AWS::DLM::LifecyclePolicy'],
    level: (resource) => (property('State')(resource) === 'ENABLED' ? 1 : 0),
  },
  {
    name: 'how many snapshots are kept',
    types: ['AWS::DLM::LifecyclePolicy'],
    level: (resource) => Number(inside(resource, 'PolicyDetails', 'Schedules', 'RetainRule', 'Count') ?? 1),
    copies: true,
  },
  {
    name: 'the days for which backups are kept',
    types: ['AWS::Backup::BackupPlan'],
    level: (resource) =>
      Math.min(
        ...listInside(resource, 'BackupPlan', 'BackupPlanRule').map(({ Lifecycle }) =>
          // Without a term they are kept for ever.
          Number((Lifecycle as { DeleteAfterDays?: unknown } | undefined)?.DeleteAfterDays ?? 36_500),
        ),
      ),
  },
  { name: 'the record of who did what', types: ['AWS::CloudTrail::Trail'], level: isOn('IsLogging') },
  {
    name: 'the firewall',
    types: ['AWS::CloudFront::Distribution'],
    level: (resource) => (inside(resource, 'DistributionConfig', 'WebACLId') === undefined ? 0 : 1),
  },
  {
    name: 'its habit of blocking what no rule allows',
    types: ['AWS::WAFv2::WebACL'],
    level: (resource) => (inside(resource, 'DefaultAction', 'Block') === undefined ? 0 : 1),
  },
  {
    name: 'HTTPS for users',
    types: ['AWS::CloudFront::Distribution'],
    level: (resource) => (JSON.stringify(resource.Properties).includes('"ViewerProtocolPolicy":"allow-all"') ? 0 : 1),
  },
  {
    name: 'session tokens for instance metadata (IMDSv2)',
    types: ['AWS::EC2::LaunchTemplate'],
    level: (resource) =>
      inside(resource, 'LaunchTemplateData', 'MetadataOptions', 'HttpTokens') === 'required' ? 1 : 0,
  },
  {
    name: 'privacy: its nodes get public addresses',
    types: ['AWS::EC2::LaunchTemplate'],
    level: (resource) =>
      listInside(resource, 'LaunchTemplateData', 'NetworkInterfaces').some(
        (one) => one['AssociatePublicIpAddress'] === true,
      )
        ? 0
        : 1,
  },
  {
    name: 'privacy: what starts there gets a public address (MapPublicIpOnLaunch)',
    types: ['AWS::EC2::Subnet'],
    level: isOff('MapPublicIpOnLaunch'),
  },
  {
    name: 'its permissions boundary',
    types: ['AWS::IAM::Role', 'AWS::IAM::User'],
    level: (resource) => (property('PermissionsBoundary')(resource) === undefined ? 0 : 1),
  },
];

/** Lists of guards. */
export const GUARD_LISTS: readonly GuardList[] = [
  {
    name: 'a rule that blocks',
    types: ['AWS::WAFv2::WebACL', 'AWS::WAFv2::RuleGroup'],
    entries: (resource) =>
      listInside(resource, 'Rules')
        .filter(blocks)
        .map(({ Name }) => rendered(Name)),
  },
  {
    name: 'a part of a group of rules',
    exceptions: true,
    types: ['AWS::WAFv2::WebACL', 'AWS::WAFv2::RuleGroup'],
    entries: (resource) => listInside(resource, 'Rules').flatMap(exceptedBy),
  },
  {
    name: 'its copy in the region',
    types: ['AWS::DynamoDB::GlobalTable'],
    entries: (resource) => [...replicasOf(resource).keys()],
  },
  {
    // Another view is another stream: whoever reads the old one does not get to its end.
    name: 'its stream of changes, with what nobody has read yet',
    types: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
    entries: (resource) => {
      const view = inside(resource, 'StreamSpecification', 'StreamViewType');
      return view === undefined ? [] : [rendered(view)];
    },
  },
  {
    name: 'a schedule of snapshots',
    types: ['AWS::DLM::LifecyclePolicy'],
    entries: (resource) => listInside(resource, 'PolicyDetails', 'Schedules').map(({ Name }) => rendered(Name)),
  },
  {
    name: 'a rule of backups',
    types: ['AWS::Backup::BackupPlan'],
    entries: (resource) =>
      listInside(resource, 'BackupPlan', 'BackupPlanRule').map(({ RuleName }) => rendered(RuleName)),
  },
];

interface FirewallRule {
  readonly Name?: unknown;
  readonly Action?: Readonly<Record<string, unknown>>;
  readonly OverrideAction?: Readonly<Record<string, unknown>>;
  readonly Statement?: {
    readonly ManagedRuleGroupStatement?: {
      readonly RuleActionOverrides?: readonly { readonly Name?: unknown }[];
      readonly ExcludedRules?: readonly { readonly Name?: unknown }[];
    };
  };
}

/** A rule that only counts blocks nobody. */
function blocks({ Action = {}, OverrideAction = {} }: FirewallRule): boolean {
  return !('Count' in Action || 'Allow' in Action || 'Count' in OverrideAction);
}

/** Rules that are excluded from a managed rule group. */
function exceptedBy({ Name, Statement }: FirewallRule): string[] {
  const { RuleActionOverrides = [], ExcludedRules = [] } = Statement?.ManagedRuleGroupStatement ?? {};
  return [...RuleActionOverrides, ...ExcludedRules].map((exception) => `${rendered(Name)} ${rendered(exception.Name)}`);
}
