import { ACCEPTANCE_VOID } from './acceptances';
import type { Check, Rule } from './rule';
import { EXPOSURES } from './rules/access/exposures';
import { CLUSTER_WITHOUT_INSTANCES } from './rules/availability/cluster-without-instances';
import { FILE_SYSTEM_THROUGHPUT } from './rules/availability/file-system-throughput';
import { HOOK_AFTER_NODES } from './rules/availability/hook-after-nodes';
import { OUTAGES } from './rules/availability/interruptions';
import { PORT_BEFORE_USERS } from './rules/availability/port-before-users';
import { PUBLIC_ZONE_GONE } from './rules/availability/public-zone-gone';
import { PUBLISHED_AFTER_BOOT } from './rules/availability/published-after-boot';
import { READ_AT_BOOT } from './rules/availability/read-at-boot';
import { DATA_LOSS } from './rules/data/data-loss';
import { NOT_INHERITED } from './rules/data/not-inherited';
import { PLAIN_SECRETS } from './rules/data/plain-secrets';
import { POINTERS } from './rules/data/pointers';
import { PROTECTORS } from './rules/data/protectors';
import { VAULT_LOCK } from './rules/data/vault-lock';
import { CLIMB_STEP } from './rules/deployment/climb-step';
import { DELETION_PROTECTION } from './rules/deployment/deletion-protection';
import { GATE_INTEGRITY } from './rules/deployment/gate-integrity';
import { MOVED_STACKS } from './rules/deployment/moved-stacks';
import { NEW_SHARDS } from './rules/deployment/new-shards';
import { NOT_UNDERSTOOD } from './rules/deployment/not-understood';
import { ONE_UPDATE } from './rules/deployment/one-update';
import { REJECTED_BY_AWS } from './rules/deployment/rejected-by-aws';
import { REPLICAS_FIRST } from './rules/deployment/replicas-first';
import { STALE_REFERENCES } from './rules/deployment/stale-references';
import { SUBNET_CONFLICTS } from './rules/deployment/subnet-conflicts';
import { TAKEN_NAMES } from './rules/deployment/taken-names';
import { UNRESOLVED_REFERENCES } from './rules/deployment/unresolved-references';

/** Everything a step is judged by, in the order in which findings of one severity are told. */
export const CHECKS: readonly Check[] = [
  CLIMB_STEP,
  GATE_INTEGRITY,
  MOVED_STACKS,
  DATA_LOSS,
  PROTECTORS,
  POINTERS,
  PLAIN_SECRETS,
  VAULT_LOCK,
  NOT_INHERITED,
  OUTAGES,
  PUBLIC_ZONE_GONE,
  CLUSTER_WITHOUT_INSTANCES,
  FILE_SYSTEM_THROUGHPUT,
  REJECTED_BY_AWS,
  TAKEN_NAMES,
  REPLICAS_FIRST,
  ONE_UPDATE,
  NEW_SHARDS,
  DELETION_PROTECTION,
  UNRESOLVED_REFERENCES,
  NOT_UNDERSTOOD,
  STALE_REFERENCES,
  PORT_BEFORE_USERS,
  SUBNET_CONFLICTS,
  EXPOSURES,
  HOOK_AFTER_NODES,
  PUBLISHED_AFTER_BOOT,
  READ_AT_BOOT,
];

/** Every rule, by its id. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  [...CHECKS.flatMap(({ rules }) => rules), ACCEPTANCE_VOID].map((rule) => [rule.id, rule]),
);
