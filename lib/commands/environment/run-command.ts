import type { SSMClient } from '@aws-sdk/client-ssm';
import { answered } from './answered';
import { OperatorError } from './operator-error';

/** Result of a script on a node. */
export interface Ran {
  /** True when it ended with exit code 0. */
  readonly ok: boolean;
  /** -1 when it did not start, or was ended. */
  readonly exitCode: number;
  /** The first 24,000 characters of its output, and the first 8,000 of its errors: Systems Manager keeps no more. */
  readonly output: string;
  readonly errors: string;
  /** State in the words of Systems Manager, such as `Success`, `Failed`, `DeliveryTimedOut`. */
  readonly details: string;
}

/** Characters of output that Systems Manager gives. Source: API reference of GetCommandInvocation (2026-11-29) */
export const MOST_OUTPUT = 24_000;

export interface ScriptProps {
  readonly script: string;
  /** Longest time that the script may take, in seconds: up to 172,800. */
  readonly seconds: number;
  /** Words for the account's list of commands, at most 100 characters. */
  readonly comment: string;
}

/** Time that an agent has to take a command, in seconds: 30 at least. One that is there takes it at once. */
const DELIVERY_SECONDS = 60;
/** A command that was just sent is not known everywhere for some seconds. */
const UNKNOWN_FOR_MS = 30_000;
/** So many answers in a row may fail, as they do while a laptop changes its network. */
const MOST_FAILURES = 20;

/** Values that one filter takes: 100. Source: API reference of InstanceInformationStringFilter (2026-11-29) */
const IDS_AT_ONCE = 50;

const ENDED = new Set(['Success', 'Failed', 'Cancelled', 'TimedOut']);

/** Waits until the next look, shorter after the first ones. @param looks How many there were; left out, many. */
export type Pause = (looks?: number) => Promise<void>;

/** Run Command of Systems Manager: scripts on nodes, as root, without a port. */
export class RunCommand {
  /** @param pause Waits until the next look; throws when nobody waits any more. */
  constructor(
    private readonly client: SSMClient,
    private readonly pause: Pause,
  ) {}

  static async in(region: string, pause: Pause): Promise<RunCommand> {
    const { SSMClient } = await import('@aws-sdk/client-ssm');
    return new RunCommand(new SSMClient({ region, maxAttempts: 5 }), pause);
  }

  /** State of the agent on each node, such as `Online` or `ConnectionLost`; one that never answered is left out. */
  async pings(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const sdk = await import('@aws-sdk/client-ssm');
    const found = new Map<string, string>();
    for (let first = 0; first < ids.length; first += IDS_AT_ONCE) {
      const Filters = [{ Key: 'InstanceIds', Values: ids.slice(first, first + IDS_AT_ONCE) }];
      await answered('tell which nodes answer Systems Manager', async () => {
        for await (const page of sdk.paginateDescribeInstanceInformation({ client: this.client }, { Filters })) {
          for (const { InstanceId = '', PingStatus = 'Inactive' } of page.InstanceInformationList ?? []) {
            if (ids.includes(InstanceId)) found.set(InstanceId, PingStatus);
          }
        }
      });
    }
    return found;
  }

  /**
   * Runs a script on one node and waits for its end.
   *
   * @param isGone Says, while it is not over, that the node will never answer: asked at each look.
   * @returns undefined when the node is gone.
   * @throws OperatorError when the node takes no command, or AWS refuses.
   */
  async run(id: string, props: ScriptProps, isGone?: () => Promise<boolean>): Promise<Ran | undefined> {
    const command = await this.start(id, props);
    const started = Date.now();
    let failures = 0;
    for (let looks = 0; ; looks++) {
      await this.pause(looks);
      try {
        const ran = await this.outcome(command, id, Date.now() - started < UNKNOWN_FOR_MS);
        failures = 0;
        if (ran !== undefined) return ran;
        if (isGone !== undefined && (await isGone())) return undefined;
      } catch (error) {
        failures += 1;
        if (!(error instanceof OperatorError) || failures >= MOST_FAILURES) throw error;
      }
    }
  }

  private async start(id: string, { script, seconds, comment }: ScriptProps): Promise<string> {
    const { SendCommandCommand } = await import('@aws-sdk/client-ssm');
    const command = new SendCommandCommand({
      InstanceIds: [id],
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands: [script], executionTimeout: [String(seconds)] },
      TimeoutSeconds: DELIVERY_SECONDS,
      Comment: comment.slice(0, 100),
    });
    const answer = await answered(`send a command to ${id}`, async () => {
      try {
        return await this.client.send(command);
      } catch (error) {
        if (error instanceof Error && error.name === 'InvalidInstanceId') throw new OperatorError(notConnected(id));
        throw error;
      }
    });
    const known = answer?.Command?.CommandId;
    if (known === undefined) throw new OperatorError(`Systems Manager took a command for ${id} and gave it no id`);
    return known;
  }

  private async outcome(command: string, id: string, mayBeUnknown: boolean): Promise<Ran | undefined> {
    const { GetCommandInvocationCommand } = await import('@aws-sdk/client-ssm');
    const get = new GetCommandInvocationCommand({ CommandId: command, InstanceId: id });
    // Not there, says `answered`, for an invocation that is not known yet.
    const answer = await answered(`tell what ${id} did`, () => this.client.send(get));
    if (answer === undefined && !mayBeUnknown) {
      throw new OperatorError(`Systems Manager knows no command ${command} for ${id}`);
    }
    const { Status = 'Pending', StatusDetails = Status, ResponseCode = -1 } = answer ?? {};
    if (!ENDED.has(Status)) return undefined;
    return {
      ok: Status === 'Success',
      exitCode: ResponseCode,
      output: answer?.StandardOutputContent ?? '',
      errors: answer?.StandardErrorContent ?? '',
      details: StatusDetails,
    };
  }
}

/** Complaint about a node whose agent cannot be reached. */
export function notConnected(id: string, ping = 'not registered'): string {
  return `${id} does not answer Systems Manager (${ping}): a node that boots answers after a minute or two; otherwise look at its console (\`aws ec2 get-console-output --instance-id ${id} --latest\`), or end it, and its group starts another`;
}
