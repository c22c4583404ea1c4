import type { MovedPart } from '../../architecture/moved-parts';
import { recordOf } from '../../climb/move-record';
import { readConfiguration } from '../../config/configuration';
import type { Frozen, Status } from '../../move/results';
import { DeployedParameters } from '../environment/deployed-parameters';
import { INTERRUPTED, OperatorError } from '../environment/operator-error';
import { type Pause, RunCommand } from '../environment/run-command';
import { inWordsOfFlags } from '../in-words-of-flags';
import { type Action, commandOf, WITHOUT_PROOF } from './actions';
import { partOf } from './climb-parts';
import { MoverMachine } from './mover-machine';
import { type Answer, MoverNode } from './mover-node';
import { isFinished, rowsHaveMoved, whyNoneIsUnderWay } from './no-move';
import { type Choices, type MoveSettings, merged, settingsIn, settingsText, tablesInWords } from './settings';

export interface EnvironmentMoveProps {
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  readonly climb: string;
  readonly ofFunction?: string | undefined;
  readonly action: Action;
  readonly choices: Choices;
  /** `finish` of a move of rows that nothing says were equal. */
  readonly withoutProof?: true | undefined;
  /** Asks before `switch` and `back`, with what a rehearsal took; left out, they are done at once. */
  readonly ask?: ((rehearsed: Frozen) => Promise<boolean>) | undefined;
  /** Called with what goes on, a line each. */
  readonly say: (line: string) => void;
  /** Called with what is waited for. */
  readonly onWait: (words: string) => void;
  readonly signal: AbortSignal;
  readonly pause: Pause;
  readonly patienceMs: number;
}

/** Answer of an action, and the settings that it went by. */
export interface Moved extends Answer {
  readonly settings: MoveSettings;
}

/**
 * Does an action of a move inside an environment, on its mover (docs/moving.md).
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when nothing can be moved now, or nobody watches any more.
 */
export async function moveInEnvironment(props: EnvironmentMoveProps): Promise<Moved> {
  const { environment, directory, signal, action } = props;
  const { region } = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  const parameters = await DeployedParameters.in(environment, region);
  const all = await parameters.all();
  if (all.size === 0) throw parameters.notDeployed();
  const part = partOf(environment, all, props);
  const move = new EnvironmentMove(props, region, part, parameters);
  try {
    return await move.act(all);
  } catch (error) {
    if (!signal.aborted || (error instanceof OperatorError && error.exitCode === INTERRUPTED)) throw error;
    throw new OperatorError(
      `stopped watching: what was sent to the mover goes on by itself; look with \`${commandOf('status', props)}\`, or run ${action} again`,
      INTERRUPTED,
    );
  }
}

class EnvironmentMove {
  private readonly parameter: string;

  constructor(
    private readonly props: EnvironmentMoveProps,
    private readonly region: string,
    private readonly part: MovedPart,
    private readonly parameters: DeployedParameters,
  ) {
    this.parameter = `moves/${part.name}`;
  }

  async act(all: ReadonlyMap<string, string>): Promise<Moved> {
    const { environment, action, pause, onWait, patienceMs } = this.props;
    const known = settingsIn(all.get(this.parameter), this.part.name);
    const chosen = this.settingsFor(known, all);
    const commands = await RunCommand.in(this.region, pause);
    const place = { environment, region: this.region };
    const machine = await MoverMachine.of({ ...place, commands, pause, onWait, patienceMs });
    const node = new MoverNode({ ...place, commands, part: this.part, id: await machine.started(), onWait });
    const opened = this.leavesBox() && chosen.tables !== 'none' ? { ...chosen, ...(await node.openBox()) } : chosen;
    const text = settingsText(opened, this.part.name);
    if (text !== all.get(this.parameter)) await this.parameters.write(this.parameter, text);
    const answer = await this.onNode(node);
    if (answer.exitCode === 0 && action === 'start') await this.forgetProof(all);
    if (answer.exitCode === 0 && (action === 'finish' || action === 'abandon')) await this.settle(node, machine);
    return { ...answer, settings: opened };
  }

  /** Takes away the proof of an earlier move of the same data: it knows nothing of this one, and would let its climb contract. */
  private async forgetProof(all: ReadonlyMap<string, string>): Promise<void> {
    const proof = recordOf(this.part);
    if (!all.has(proof)) return;
    await this.parameters.remove(proof);
    this.props.say(`beamstalk: ${proof} was of an earlier move, and is removed: \`finish\` writes it anew`);
  }

  /** Runs the action; a switch after a rehearsal, and a question. */
  private async onNode(node: MoverNode): Promise<Answer> {
    const { action, ask, say, signal, withoutProof } = this.props;
    if (ask !== undefined && (action === 'switch' || action === 'back')) {
      const seen = await node.run('status');
      if (seen.exitCode !== 0) return seen;
      if ((seen.result as Status).serving === (action === 'switch' ? 'source' : 'target')) {
        const rehearsed = await node.run('rehearse');
        if (rehearsed.exitCode !== 0) return rehearsed;
        if (!(await ask(rehearsed.result as Frozen))) {
          if (signal.aborted) throw new OperatorError('interrupted: nothing was switched', INTERRUPTED);
          say('beamstalk: nothing was switched');
          return { result: undefined, errors: '', exitCode: 1 };
        }
      }
    }
    return await node.run(action, withoutProof ? [WITHOUT_PROOF[0]] : []);
  }

  /** Settings that the action goes by. @throws OperatorError when there are none, or they are no longer to be chosen. */
  private settingsFor(known: MoveSettings | undefined, all: ReadonlyMap<string, string>): MoveSettings {
    const { action, choices } = this.props;
    const { name } = this.part;
    if (action === 'check' || action === 'start') {
      if (known === undefined && isFinished(this.part, all)) {
        throw new OperatorError(whyNoneIsUnderWay(this.props, this.part, all));
      }
      const chosen = merged(known, choices, name, this.leavesBox());
      return action === 'start' ? { started: new Date().toISOString(), ...chosen } : chosen;
    }
    if (action === 'finish' && choices.tables !== undefined) return this.nothingMoves(known, all);
    if (known !== undefined) return known;
    throw new OperatorError(whyNoneIsUnderWay(this.props, this.part, all));
  }

  /** Settings of a move of nothing, which a proof of rows that have moved stands above. */
  private nothingMoves(known: MoveSettings | undefined, all: ReadonlyMap<string, string>): MoveSettings {
    const { tables } = this.props.choices;
    if (tables !== 'none') throw new OperatorError('finish takes the tables that were moved: leave --tables out');
    if (this.leavesBox()) throw new OperatorError('the data of the box move as a whole: leave --tables out');
    if (known !== undefined && known.tables !== 'none') {
      throw new OperatorError(
        `the move ${this.part.name} is under way, with --tables ${tablesInWords(known.tables)}: finish that, without --tables, or abandon it first (\`${commandOf('abandon', this.props)}\`)`,
      );
    }
    if (rowsHaveMoved(this.part, all)) {
      throw new OperatorError(whyNoneIsUnderWay(this.props, this.part, all));
    }
    return { tables };
  }

  /** Takes away what was there for the move; the machine too, when no other move is under way. */
  private async settle(node: MoverNode, machine: MoverMachine): Promise<void> {
    if (this.leavesBox()) await node.closeBox();
    await this.parameters.remove(this.parameter);
    const others = [...(await this.parameters.all()).keys()].filter((name) => name.startsWith('moves/'));
    if (others.length === 0) await machine.stop();
    else this.props.say(`the mover stays for ${others.map((name) => name.slice('moves/'.length)).join(', ')}`);
  }

  private leavesBox(): boolean {
    return this.part.function === undefined;
  }
}
