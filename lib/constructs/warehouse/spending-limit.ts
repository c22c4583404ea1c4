import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { CfnWorkgroup } from 'aws-cdk-lib/aws-redshiftserverless';
import * as cr from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { WarehousePlan } from '../../architecture/extreme';
import { allow } from '../../policies/allow';

export interface SpendingLimitProps {
  readonly environment: string;
  readonly plan: WarehousePlan;
  readonly workgroup: CfnWorkgroup;
  readonly logDays: number;
}

/**
 * Stops queries when a day has used its RPU hours. CloudFormation has a usage limit for provisioned clusters only
 * (AWS::Redshift::UsageLimit), so the API is called.
 */
export class SpendingLimit extends Construct {
  constructor(scope: Construct, id: string, { environment, plan, workgroup, logDays }: SpendingLimitProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Sets the usage limit of the warehouse of ${environment}`,
    });
    const log = new logs.LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    log.grantWrite(role);
    allow(role, {
      actions: [
        'redshift-serverless:CreateUsageLimit',
        'redshift-serverless:UpdateUsageLimit',
        'redshift-serverless:DeleteUsageLimit',
      ],
      resources: ['*'],
      wildcardsBecause: 'Usage limits know no resource-level permissions.',
    });
    const limit = { amount: plan.maxRpuHoursPerDay, breachAction: 'deactivate' };
    const call = (action: string, parameters: unknown): cr.AwsSdkCall => ({
      service: 'redshift-serverless',
      action,
      parameters,
      physicalResourceId: cr.PhysicalResourceId.fromResponse('usageLimit.usageLimitId'),
    });
    const usageLimitId = new cr.PhysicalResourceIdReference();
    const usageLimit = new cr.AwsCustomResource(this, 'UsageLimit', {
      resourceType: 'Custom::WarehouseUsageLimit',
      onCreate: call('CreateUsageLimit', {
        ...limit,
        resourceArn: workgroup.attrWorkgroupWorkgroupArn,
        usageType: 'serverless-compute',
        period: 'daily',
      }),
      onUpdate: call('UpdateUsageLimit', { ...limit, usageLimitId }),
      onDelete: {
        service: 'redshift-serverless',
        action: 'DeleteUsageLimit',
        parameters: { usageLimitId },
        // It goes with its workgroup.
        ignoreErrorCodesMatching: 'ResourceNotFoundException',
      },
      role,
      logGroup: log,
      timeout: Duration.minutes(1),
      serviceTimeout: Duration.minutes(5),
      installLatestAwsSdk: false,
    });
    usageLimit.node.addDependency(role);
  }
}
