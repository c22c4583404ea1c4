import { Logger } from '@aws-lambda-powertools/logger';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { CodeDeployClient, ListDeploymentsCommand } from '@aws-sdk/client-codedeploy';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { decide, type Fleet } from './decision';

/** A deployment group and the Auto Scaling group of its nodes. */
export interface HeldFleet {
  readonly deploymentGroup: string;
  readonly autoScalingGroup: string;
  /** Name of the parameter that holds what was suspended here. */
  readonly record: string;
}

const logger = new Logger();
const autoScaling = new AutoScalingClient({});
const codeDeploy = new CodeDeployClient({});
const ssm = new SSMClient({});

/**
 * Suspends what takes nodes away from fleets that are deployed to, and resumes it in all others. Looks at what is, whatever
 * event woke it: CodeDeploy's events come "best effort", whoever started a deployment may be gone, and so may the
 * pipeline. Fails when one fleet cannot be put right, after all others were; the next call tries again.
 */
export async function handler(): Promise<void> {
  const application = required('APPLICATION');
  const fleets = JSON.parse(required('FLEETS')) as readonly HeldFleet[];
  const results = await Promise.allSettled(fleets.map((fleet) => putRight(application, fleet)));
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  for (const error of failed) logger.error('a fleet could not be put right', { error });
  if (failed.length > 0)
    throw new AggregateError(failed, `${failed.length} of ${fleets.length} fleets could not be put right`);
}

async function putRight(application: string, held: HeldFleet): Promise<void> {
  const { autoScalingGroup: AutoScalingGroupName, record: Name } = held;
  const fleet = await look(application, held);
  const { record, suspend, resume, forget } = decide(fleet);
  if (record)
    await ssm.send(new PutParameterCommand({ Name, Value: record.join(' '), Type: 'String', Overwrite: true }));
  if (suspend.length > 0) {
    await autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: [...suspend] }));
  }
  if (resume.length > 0) {
    await autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses: [...resume] }));
  }
  if (forget) await ssm.send(new DeleteParameterCommand({ Name }));
  if (suspend.length + resume.length > 0) logger.info('put right', { ...held, ...fleet, suspend, resume });
}

async function look(applicationName: string, { deploymentGroup, autoScalingGroup, record }: HeldFleet): Promise<Fleet> {
  const [{ deployments = [] }, { AutoScalingGroups: groups = [] }, recorded] = await Promise.all([
    codeDeploy.send(
      new ListDeploymentsCommand({
        applicationName,
        deploymentGroupName: deploymentGroup,
        includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'],
      }),
    ),
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [autoScalingGroup] })),
    recordedIn(record),
  ]);
  const [group] = groups;
  if (group === undefined) throw new Error(`there is no Auto Scaling group ${autoScalingGroup}`);
  const suspended = (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => (ProcessName ? [ProcessName] : []));
  return { deploying: deployments.length > 0, suspended, recorded };
}

async function recordedIn(Name: string): Promise<readonly string[] | undefined> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    return (Parameter?.Value ?? '').split(' ');
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the function has no variable ${name}`);
  return value;
}
