import { ArnFormat, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DeliveryPlan } from '../../architecture/automation';
import { allow } from '../../policies/allow';
import type { DeployedFleet } from './deployed-fleet';
import { DeploymentAlarms } from './deployment-alarms';

const CONFIGURATIONS: Readonly<Record<DeliveryPlan['rollout'], string>> = {
  one: 'CodeDeployDefault.OneAtATime',
  half: 'CodeDeployDefault.HalfAtATime',
  all: 'CodeDeployDefault.AllAtOnce',
};

/** Tag of a node, `yes` or `no`: `lib/node/boot/lifecycle.sh` sets it. */
export const IN_SERVICE = 'beamstalk:in-service';

export interface DeploymentsProps {
  readonly rollout: DeliveryPlan['rollout'];
  readonly fleets: readonly DeployedFleet[];
}

export interface DeploymentGroup {
  readonly fleet: DeployedFleet;
  readonly name: string;
}

/**
 * CodeDeploy puts releases on running nodes. It finds them by their tags and leaves the Auto Scaling groups alone: named
 * by their groups, it would put hooks of its own into them that no template knows, and every launch would wait for it.
 * It knows no lifecycle states: by the fleet's tag alone it would find nodes that are about to end or wait in a warm pool.
 */
export class Deployments extends Construct {
  readonly applicationName: string;
  readonly configuration: string;
  readonly groups: readonly DeploymentGroup[];

  constructor(scope: Construct, id: string, { rollout, fleets }: DeploymentsProps) {
    super(scope, id);
    this.applicationName = new codedeploy.CfnApplication(this, 'Application', { computePlatform: 'Server' }).ref;
    this.configuration = CONFIGURATIONS[rollout];
    const role = this.serviceRole();
    this.groups = fleets.map((fleet) => {
      const front = fleet.front;
      const alarms: readonly cloudwatch.Alarm[] = front
        ? new DeploymentAlarms(this, `${fleet.name}Alarms`, front.load).alarms
        : [];
      const group = new codedeploy.CfnDeploymentGroup(this, `${fleet.name}Group`, {
        applicationName: this.applicationName,
        serviceRoleArn: role.roleArn,
        deploymentConfigName: this.configuration,
        // A node leaves its load balancer by itself and comes back to it (lib/node/boot/files/bin/deploy.sh). CodeDeploy would wait for
        // the whole deregistration delay before the node hears of it, and all its connections would end with that at once.
        deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
        // Nodes that bear both: a node says itself when it is in service, and takes it back when it is to end.
        ec2TagSet: {
          ec2TagSetList: [
            { ec2TagGroup: [{ key: 'beamstalk:fleet', value: fleet.tag, type: 'KEY_AND_VALUE' }] },
            { ec2TagGroup: [{ key: IN_SERVICE, value: 'yes', type: 'KEY_AND_VALUE' }] },
          ],
        },
        alarmConfiguration: {
          enabled: alarms.length > 0,
          alarms: alarms.map(({ alarmName }) => ({ name: alarmName })),
        },
        autoRollbackConfiguration: {
          enabled: true,
          events: [
            'DEPLOYMENT_FAILURE',
            'DEPLOYMENT_STOP_ON_REQUEST',
            ...(alarms.length > 0 ? ['DEPLOYMENT_STOP_ON_ALARM'] : []),
          ],
        },
      });
      group.node.addDependency(role);
      return { fleet, name: group.ref };
    });
  }

  /** Role with the permissions of AWSCodeDeployRole, less those that in-place deployments by tag without a load balancer do not use. */
  private serviceRole(): iam.Role {
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codedeploy.amazonaws.com'),
      description: 'CodeDeploy, for the nodes of this environment',
    });
    allow(role, {
      actions: [
        'ec2:DescribeInstances',
        'ec2:DescribeInstanceStatus',
        'tag:GetResources',
        'cloudwatch:DescribeAlarms',
        'autoscaling:DescribeAutoScalingGroups',
      ],
      resources: ['*'],
      wildcardsBecause: 'Describing knows no resource-level permissions.',
    });
    return role;
  }

  /** Lets somebody deploy to the groups. */
  letDeploy(role: iam.Role): void {
    const stack = Stack.of(this);
    const arn = (resource: string, resourceName: string): string =>
      stack.formatArn({ service: 'codedeploy', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    allow(role, {
      actions: ['codedeploy:CreateDeployment', 'codedeploy:GetDeployment'],
      resources: this.groups.map(({ name }) => arn('deploymentgroup', `${this.applicationName}/${name}`)),
    });
    allow(role, {
      actions: [
        'codedeploy:GetApplication',
        'codedeploy:GetApplicationRevision',
        'codedeploy:RegisterApplicationRevision',
      ],
      resources: [arn('application', this.applicationName)],
    });
    allow(role, {
      actions: ['codedeploy:GetDeploymentConfig'],
      resources: [arn('deploymentconfig', this.configuration)],
    });
  }
}
