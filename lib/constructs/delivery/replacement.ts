import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { DeliveryPlan } from '../../architecture/automation';
import { allow } from '../../policies/allow';
import { letReadArtifact } from './artifacts';
import type { DeployedFleet } from './deployed-fleet';
import { DeploymentAlarms } from './deployment-alarms';
import { letDecideRelease } from './release-parameters';
import { ScriptProject } from './script-project';
import type { Scripts } from './scripts';

/** Nodes that may exist at once, in per cent of the fleet: `all` is the whole green fleet beside the blue. */
const MAX_HEALTHY: Readonly<Record<DeliveryPlan['rollout'], number>> = { one: 110, half: 150, all: 200 };

/** Longest time for all fleets, minutes: drains of an hour and more, batch after batch. The most that CodeBuild allows. */
const TIMEOUT_MINUTES = 480;

export interface ReplacementProps {
  readonly environment: string;
  readonly rollout: DeliveryPlan['rollout'];
  readonly fleets: readonly DeployedFleet[];
  readonly scripts: Scripts;
  readonly logDays: number;
  /** Bucket in which a pipeline hands over its build; left out, the project is started by hand. */
  readonly handedOverIn?: s3.IBucket;
}

/**
 * Blue-green by the groups themselves: an instance refresh launches new nodes beside the old, which go when the new ones
 * are well. CodeDeploy's blue-green would copy the group, and from then on the template would describe one without nodes.
 */
export class Replacement extends Construct {
  readonly project: ScriptProject;

  constructor(scope: Construct, id: string, props: ReplacementProps) {
    super(scope, id);
    const { environment, rollout, fleets, scripts, logDays, handedOverIn } = props;
    const alarms = fleets.flatMap(({ name, front }) =>
      front ? new DeploymentAlarms(this, `${name}Alarms`, front.load).alarms : [],
    );
    this.project = new ScriptProject(this, 'Replace', {
      description: `Replaces the nodes of ${environment} by nodes with another release`,
      scripts,
      buildSpec: 'run.yml',
      source: handedOverIn ? 'pipeline' : 'none',
      variables: {
        SCRIPT: 'replace.sh',
        ENVIRONMENT: environment,
        GROUPS_TO_REPLACE: fleets.map(({ fleet }) => fleet.group.autoScalingGroupName).join(' '),
        MAX_HEALTHY: String(MAX_HEALTHY[rollout]),
        ALARMS: alarms.map(({ alarmName }) => alarmName).join(','),
      },
      timeoutMinutes: TIMEOUT_MINUTES,
      logDays,
    });
    const { role } = this.project;
    letDecideRelease(role, environment, { putsBack: true });
    if (handedOverIn) letReadArtifact(role, handedOverIn, environment, 'Bundle');
    allow(role, {
      actions: ['autoscaling:StartInstanceRefresh'],
      resources: fleets.map(({ fleet }) => fleet.group.autoScalingGroupArn),
      wildcardsBecause: 'The ARN of a group holds an id that only the service knows; the name in it is the one.',
    });
    allow(role, {
      actions: ['autoscaling:DescribeInstanceRefreshes', 'cloudwatch:DescribeAlarms'],
      resources: ['*'],
      wildcardsBecause: 'Describing knows no resource-level permissions.',
    });
  }
}
