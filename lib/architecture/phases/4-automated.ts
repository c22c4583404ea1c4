import type { Configuration } from '../../config/configuration';
import { survivingZoneLoss } from '../../config/zone-loss';
import type { Architecture, FleetPlan, Phase } from '../architecture';
import type { AlertsPlan, DeliveryPlan, OperationsPlan, ScalingPlan, SourcePlan } from '../automation';

export const phase4 = {
  number: 4,
  name: 'automated',
  adds: 'scaling policies, delivery pipeline, golden images, patches, dashboards, alarms, trail, backups, budget',
  retires: [],
} as const satisfies Phase;

/** The system follows its load and calls when it is unwell, and a release reaches it without hands. */
export function automated(below: Architecture, configuration: Configuration): Architecture {
  const { app, web } = below;
  const { sentrySecret } = configuration.alerts;
  return {
    ...below,
    storage: { ...below.storage, sourceEvents: true },
    node: {
      ...below.node,
      ...(sentrySecret !== undefined && { sentrySecretArn: sentrySecret }),
      ...(configuration.operations.goldenImages === 'use' && { goldenImages: true }),
    },
    ...(app && { app: scaled(app, configuration) }),
    ...(web && { web: scaled(web, configuration) }),
    delivery: deliveryPlan(configuration),
    alerts: alertsPlan(configuration),
    operations: operationsPlan(configuration),
  };
}

function scaled(fleet: FleetPlan, { scaling, ingress }: Configuration): FleetPlan {
  const { cpuPercent, requestsPerNode, connectionsPercent, latencyMs, schedule, predictive, warmNodes } = scaling;
  const plan: ScalingPlan = {
    cpuPercent,
    perNode:
      ingress === 'http'
        ? { of: 'requests', target: requestsPerNode }
        : { of: 'connections', percentOfBudget: connectionsPercent },
    latencyMs,
    // A schedule describes users, whom the app fleet serves; proxies follow their load.
    schedule:
      fleet.role === 'app' ? schedule.map((size) => ({ ...size, minNodes: survivingZoneLoss(size.minNodes) })) : [],
    predictive,
    warmNodes: fleet.role === 'app' ? warmNodes : 0,
  };
  return { ...fleet, minNodes: survivingZoneLoss(fleet.minNodes), scaling: plan };
}

function deliveryPlan({ delivery }: Configuration): DeliveryPlan {
  const { mode, rollout, buildMinutes } = delivery;
  const source = sourcePlan(delivery);
  return { mode, rollout, buildMinutes, ...(source && { source }) };
}

function sourcePlan({ source, ...delivery }: Configuration['delivery']): SourcePlan | undefined {
  if (source === 's3') return { kind: 's3', key: delivery.sourceKey };
  const { connectionArn, repository, branch } = delivery;
  if (source === 'none' || connectionArn === undefined || repository === undefined) return undefined;
  return { kind: 'git', connectionArn, repository, branch };
}

function alertsPlan({ alerts }: Configuration): AlertsPlan {
  const { emails, pagerDutySecret, slackWorkspaceId, slackChannelId, latencyMs, errorPercent } = alerts;
  const slack =
    slackWorkspaceId === undefined || slackChannelId === undefined
      ? undefined
      : { workspaceId: slackWorkspaceId, channelId: slackChannelId };
  return {
    emails,
    ...(pagerDutySecret !== undefined && { pagerDutySecretArn: pagerDutySecret }),
    ...(slack && { slack }),
    latencyMs,
    errorPercent,
  };
}

function operationsPlan({ operations }: Configuration): OperationsPlan {
  const { trail, organizationId, playbook, ...rest } = operations;
  return {
    ...rest,
    ...(trail === 'account' && { trail: { kind: trail } }),
    ...(trail === 'organization' && organizationId !== undefined && { trail: { kind: trail, organizationId } }),
    ...(playbook !== 'none' && { playbook }),
  };
}
