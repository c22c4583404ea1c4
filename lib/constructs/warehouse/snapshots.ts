import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { CfnNamespace } from 'aws-cdk-lib/aws-redshiftserverless';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { WarehousePlan } from '../../architecture/extreme';
import { allow } from '../../policies/allow';

export interface SnapshotsProps {
  readonly environment: string;
  readonly plan: WarehousePlan;
  readonly namespace: CfnNamespace;
}

/** A snapshot a day. Redshift itself keeps recovery points of the last 24 hours only. */
export class Snapshots extends Construct {
  constructor(scope: Construct, id: string, { environment, plan, namespace }: SnapshotsProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const group = new scheduler.ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      description: `Takes snapshots of the warehouse of ${environment}`,
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': group.scheduleGroupArn } },
      }),
    });
    const snapshots = stack.formatArn({
      service: 'redshift-serverless',
      resource: 'snapshot',
      resourceName: '*',
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    allow(role, {
      actions: ['redshift-serverless:CreateSnapshot'],
      resources: [namespace.attrNamespaceNamespaceArn, snapshots],
      wildcardsBecause: 'Redshift makes up the id of a snapshot; the namespace that it is of is named.',
    });
    new scheduler.CfnSchedule(this, 'Daily', {
      description: `Snapshot of the warehouse of ${environment}`,
      groupName: group.scheduleGroupName,
      scheduleExpression: 'cron(0 2 * * ? *)',
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 30 },
      target: {
        arn: `arn:${stack.partition}:scheduler:::aws-sdk:redshiftserverless:createSnapshot`,
        roleArn: role.roleArn,
        // Every snapshot has a name of its own, of letters, digits and hyphens: a time would have colons.
        // Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        // (2026-11-21)
        input: JSON.stringify({
          NamespaceName: namespace.namespaceName,
          SnapshotName: `${environment}-warehouse-<aws.scheduler.execution-id>`,
          RetentionPeriod: plan.snapshotDays,
        }),
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
      },
    });
  }
}
