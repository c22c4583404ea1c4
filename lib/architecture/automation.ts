/** Scaling of a fleet with its load (phase 4 and later). */
export interface ScalingPlan {
  /** Average CPU that scaling holds, per cent. */
  readonly cpuPercent: number;
  /** Target that scaling holds on one node: requests a minute, or a share of the connections that it has room for. */
  readonly perNode:
    | { readonly of: 'requests'; readonly target: number }
    | { readonly of: 'connections'; readonly percentOfBudget: number };
  /** Response time at the load balancer from which nodes are added in steps, milliseconds. */
  readonly latencyMs: number;
  readonly schedule: readonly ScheduledSize[];
  readonly predictive: 'off' | 'forecast' | 'scale';
  /** Stopped nodes kept ready; 0 for no warm pool. */
  readonly warmNodes: number;
}

export interface ScheduledSize {
  readonly name: string;
  /** Five fields, minute to day of week. */
  readonly cron: string;
  readonly timeZone: string;
  readonly minNodes: number;
  readonly maxNodes?: number;
}

export interface DeliveryPlan {
  /** Left out, there is no pipeline: releases are deployed by hand. */
  readonly source?: SourcePlan;
  readonly mode: 'rolling' | 'blue-green' | 'hot';
  readonly rollout: 'one' | 'half' | 'all';
  readonly buildMinutes: number;
}

export type SourcePlan =
  | { readonly kind: 's3'; readonly key: string }
  | { readonly kind: 'git'; readonly connectionArn: string; readonly repository: string; readonly branch: string };

export interface AlertsPlan {
  readonly emails: readonly string[];
  /** ARN of the secret with the integration URL. */
  readonly pagerDutySecretArn?: string;
  readonly slack?: { readonly workspaceId: string; readonly channelId: string };
  /** p99 response time above which users are held to be unwell, milliseconds. */
  readonly latencyMs: number;
  /** Share of 5xx answers above which users are held to be unwell, per cent. */
  readonly errorPercent: number;
}

export interface OperationsPlan {
  readonly budgetUSD: number;
  readonly trail?: { readonly kind: 'account' } | { readonly kind: 'organization'; readonly organizationId: string };
  readonly backupDays: number;
  readonly backupMonths: number;
  readonly vaultLock: 'none' | 'governance' | 'compliance';
  readonly copyRegion?: string;
  readonly restoreTests: boolean;
  /** `s3://<bucket>/<key>.zip` of Ansible playbooks. */
  readonly playbook?: string;
  /** `bake` only makes them; nodes start from them with `use`. */
  readonly goldenImages: 'none' | 'bake' | 'use';
}
