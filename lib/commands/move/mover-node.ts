import { z } from 'zod';
import type { MovedPart } from '../../architecture/moved-parts';
import { fleetNodes, isInService } from '../environment/fleet-nodes';
import { harmless } from '../environment/harmless';
import { moveScript, openDatabaseScript } from '../environment/node-scripts';
import { OperatorError } from '../environment/operator-error';
import { MOST_OUTPUT, type Ran, type RunCommand } from '../environment/run-command';
import type { Action } from './actions';

export interface MoverNodeProps {
  readonly environment: string;
  readonly region: string;
  readonly commands: RunCommand;
  readonly part: MovedPart;
  /** Id of the mover. */
  readonly id: string;
  /** Called with what is waited for. */
  readonly onWait: (words: string) => void;
}

/** Answer of an action that has run. */
export interface Answer {
  /** JSON that it has printed; undefined when it printed none. */
  readonly result: unknown;
  /** End of what it said, as a terminal may show it. */
  readonly errors: string;
  readonly exitCode: number;
}

/** Longest time of an action, in seconds: what Systems Manager takes. Copying what is large takes a day. */
const SECONDS = 172_800;
const OPEN_SECONDS = 600;

const opened = z.object({ address: z.string(), certificate: z.string() });

/** The mover, and the box from which data move. */
export class MoverNode {
  constructor(private readonly props: MoverNodeProps) {}

  /** @throws OperatorError when the machine is gone, or what it says is not understood. */
  async run(action: Action, flags: readonly string[] = []): Promise<Answer> {
    const { part, id, onWait } = this.props;
    onWait(`${action} of ${part.name} on ${id}`);
    const script = moveScript(action, part.climb, part.function, flags);
    const ran = await this.ran(id, script, SECONDS, `beamstalk: move ${part.name} ${action}`);
    return { result: resultOf(ran), errors: harmless(ran.errors), exitCode: ran.ok ? 0 : Math.max(1, ran.exitCode) };
  }

  /** Lets the move into the database of the box; again each time, since another box has another address. */
  async openBox(): Promise<z.infer<typeof opened>> {
    const ran = await this.onBox('open');
    const line = ran.output.split('\n').findLast((one) => one.startsWith('{'));
    try {
      return opened.parse(JSON.parse(line ?? ''));
    } catch {
      throw new OperatorError(`the box does not say where its database is: ${lastLine(ran)}`);
    }
  }

  async closeBox(): Promise<void> {
    await this.onBox('close');
  }

  private async onBox(what: 'open' | 'close'): Promise<Ran> {
    const { environment, region, onWait } = this.props;
    const box = (await fleetNodes(environment, region, ['box'])).find(isInService);
    if (box === undefined) {
      throw new OperatorError(
        `no box of ${environment} is in service: nothing was done; wait for the one that comes, and run the same again`,
      );
    }
    onWait(`${what}s the database of the box ${box.id}`);
    const ran = await this.ran(box.id, openDatabaseScript(what), OPEN_SECONDS, `beamstalk: ${what} database`);
    if (ran.ok) return ran;
    if (/open-database\.sh: No such file/.test(ran.errors)) {
      throw new OperatorError(
        `the programs of the box ${box.id} are older than this command: run \`npx cdk deploy --all\`, which renews it`,
      );
    }
    throw new OperatorError(`the box ${box.id} does not ${what} its database: ${lastLine(ran)}`);
  }

  private async ran(id: string, script: string, seconds: number, comment: string): Promise<Ran> {
    const ran = await this.props.commands.run(id, { script, seconds, comment });
    if (ran === undefined) throw new OperatorError(`${id} is gone: run the same again`);
    if (ran.exitCode === -1) throw new OperatorError(`${id} did not end what it was asked (${ran.details})`);
    return ran;
  }
}

function resultOf({ output }: Ran): unknown {
  if (output.trim() === '') return undefined;
  try {
    return JSON.parse(output) as unknown;
  } catch {
    if (output.length < MOST_OUTPUT)
      throw new OperatorError(`the mover has printed no JSON: ${harmless(output.slice(0, 200))}`);
    throw new OperatorError(`the mover says more than the ${MOST_OUTPUT} characters that Systems Manager keeps`);
  }
}

function lastLine({ errors, output, details }: Ran): string {
  const lines = `${output}\n${errors}`.split('\n').filter((line) => line.trim() !== '');
  const said = lines.findLast((line) => line.startsWith('beamstalk: '))?.slice('beamstalk: '.length);
  return harmless(said ?? lines.at(-1) ?? details);
}
