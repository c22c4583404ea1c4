import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Refusal } from './parameter-store';

/** Folder of the programs on a real node. */
const PROGRAMS = '/opt/beamstalk/boot/files/bin';

/** A node of the stand-in: a folder with programs that keep to docs/adr/0031-*, and what AWS says of it. */
export interface StandInNode {
  readonly id: string;
  readonly role: 'box' | 'app' | 'worker' | 'web' | 'mover';
  lifecycle: string;
  ping: string;
  /** Type as its group has it; undefined when it does not say. */
  instanceType: string | undefined;
  /** Folder of its programs. `calls` has the arguments of each rollout, a line each; `uri` what it runs. */
  readonly folder: string;
}

interface Command {
  readonly id: string;
  readonly node: string;
  looks: number;
  status: string;
  exitCode: number;
  output: string;
  errors: string;
}

type Body = Readonly<Record<string, unknown>>;

/** Run Command of Systems Manager: each script really runs, by a shell, in the folder of its node. */
export class StandInCommands {
  private readonly commands = new Map<string, Command>();

  /** @param nodes Those that are there, at any time. */
  constructor(private readonly nodes: readonly StandInNode[]) {}

  /** @param onScript Called with the script before it runs. */
  send(body: Body, onScript: (node: StandInNode, script: string) => void): object {
    const [id = ''] = body['InstanceIds'] as string[];
    const node = this.nodes.find((one) => one.id === id);
    if (node?.ping !== 'Online') throw new Refusal('InvalidInstanceId', `Instances [[${id}]] not in a valid state`);
    const script = (body['Parameters'] as { commands: string[] }).commands.join('\n');
    const command: Command = {
      id: randomUUID(),
      node: id,
      looks: 0,
      status: 'InProgress',
      exitCode: -1,
      output: '',
      errors: '',
    };
    this.commands.set(command.id, command);
    onScript(node, script);
    execFile('/bin/sh', ['-c', script.replaceAll(PROGRAMS, node.folder)], (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      Object.assign(command, {
        status: code === 0 ? 'Success' : 'Failed',
        exitCode: code,
        output: stdout,
        errors: stderr,
      });
    });
    return { Command: { CommandId: command.id, Status: 'Pending' } };
  }

  invocation(body: Body): object {
    const command = this.commands.get(String(body['CommandId']));
    if (command === undefined) throw new Refusal('InvocationDoesNotExist', '');
    command.looks += 1;
    // As AWS, which spreads the news of a command.
    if (command.looks === 1) throw new Refusal('InvocationDoesNotExist', '');
    const isGone = !this.nodes.some(({ id }) => id === command.node);
    const status = isGone ? 'InProgress' : command.status;
    return {
      CommandId: command.id,
      InstanceId: command.node,
      Status: status,
      StatusDetails: status,
      ResponseCode: status === 'InProgress' ? -1 : command.exitCode,
      StandardOutputContent: status === 'InProgress' ? '' : command.output.slice(0, 24_000),
      StandardErrorContent: status === 'InProgress' ? '' : command.errors.slice(0, 8000),
    };
  }
}
