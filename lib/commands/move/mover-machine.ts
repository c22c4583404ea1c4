import type { AutoScalingClient, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { answered } from '../environment/answered';
import { OperatorError } from '../environment/operator-error';
import type { Pause, RunCommand } from '../environment/run-command';

export interface MoverMachineProps {
  readonly environment: string;
  readonly region: string;
  readonly commands: RunCommand;
  readonly pause: Pause;
  /** Called with what is waited for. */
  readonly onWait: (words: string) => void;
  /** Longest wait for a machine that answers, in milliseconds. */
  readonly patienceMs: number;
}

/** The mover of an environment that expands: a group of one machine while a move is under way, and of none otherwise. */
export class MoverMachine {
  private constructor(
    private readonly client: AutoScalingClient,
    private readonly group: string,
    private readonly props: MoverMachineProps,
  ) {}

  /** @throws OperatorError when the environment has none. */
  static async of(props: MoverMachineProps): Promise<MoverMachine> {
    const { AutoScalingClient } = await import('@aws-sdk/client-auto-scaling');
    const client = new AutoScalingClient({ region: props.region });
    const { AutoScalingGroupName: name } = await groupOf(client, props.environment);
    if (name === undefined) throw new OperatorError(`${props.environment} has no mover`);
    return new MoverMachine(client, name, props);
  }

  /** Starts it when it is not there. @returns Id of the machine, once it takes commands. */
  async started(): Promise<string> {
    const { environment, commands, onWait, pause, patienceMs } = this.props;
    const group = await groupOf(this.client, environment);
    if (group.DesiredCapacity === 0) {
      onWait('starts the mover');
      await this.want(1);
    }
    const until = Date.now() + patienceMs;
    for (let looks = 0; ; looks++) {
      const { Instances = [] } = looks === 0 ? group : await groupOf(this.client, environment);
      const id = Instances.find(({ LifecycleState }) => LifecycleState === 'InService')?.InstanceId;
      const ping = id === undefined ? undefined : (await commands.pings([id])).get(id);
      if (id !== undefined && ping === 'Online') return id;
      if (Date.now() > until) {
        throw new OperatorError(
          `the mover of ${environment} does not come up: see what the activities of its group ${this.group} say, and \`beamstalk logs --role mover --env ${environment}\``,
        );
      }
      onWait(id === undefined ? 'waits for the mover to start' : `waits for the mover ${id} to answer`);
      await pause(looks);
    }
  }

  /** Ends it. A machine that is gone is no obstacle. */
  stop(): Promise<void> {
    return this.want(0);
  }

  private async want(DesiredCapacity: number): Promise<void> {
    const { SetDesiredCapacityCommand } = await import('@aws-sdk/client-auto-scaling');
    const command = new SetDesiredCapacityCommand({ AutoScalingGroupName: this.group, DesiredCapacity });
    await answered(`set how many machines ${this.group} has`, () => this.client.send(command));
  }
}

async function groupOf(client: AutoScalingClient, environment: string): Promise<AutoScalingGroup> {
  const { DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling');
  const Filters = [{ Name: 'tag:beamstalk:fleet', Values: [`${environment}-mover`] }];
  const answer = await answered('describe the mover', () =>
    client.send(new DescribeAutoScalingGroupsCommand({ Filters })),
  );
  const [group] = answer?.AutoScalingGroups ?? [];
  if (group === undefined) {
    throw new OperatorError(
      `${environment} has no mover: its expansion was deployed before there were any, deploy it again (npx cdk deploy --all)`,
    );
  }
  return group;
}
