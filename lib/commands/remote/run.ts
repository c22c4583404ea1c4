import { readConfiguration } from '../../config/configuration';
import { chosenNode } from '../environment/chosen-node';
import { harmless } from '../environment/harmless';
import { rpcScript } from '../environment/node-scripts';
import { OperatorError } from '../environment/operator-error';
import { MOST_OUTPUT, type Pause, RunCommand } from '../environment/run-command';
import { inWordsOfFlags } from '../in-words-of-flags';

export interface RunProps {
  readonly expression: string;
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  /** Id of a node; left out, the first in service. */
  readonly node?: string;
  readonly pause: Pause;
}

export interface RunResult {
  readonly node: string;
  /** Output of the expression, as a terminal may show it. */
  readonly output: string;
  readonly errors: string;
  /** That of `bin/<name> rpc`. */
  readonly exitCode: number;
}

/** Longest time of an expression, in seconds. */
const SECONDS = 600;

/** Longest expression, in bytes: Systems Manager takes commands of no more than 64 kB with all that is around them. */
const MOST_BYTES = 32_000;

/**
 * Evaluates an expression in the release that runs on a node, by `bin/<name> rpc`.
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when no node can be asked.
 */
export async function run({ expression, environment, directory, node, pause }: RunProps): Promise<RunResult> {
  const { region } = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  const bytes = Buffer.byteLength(expression);
  if (bytes > MOST_BYTES) {
    throw new OperatorError(
      `the expression has ${bytes} bytes, and ${MOST_BYTES} are taken: put it into the release as a function`,
    );
  }
  const commands = await RunCommand.in(region, pause);
  const { id } = await chosenNode(environment, region, commands, node);
  const script = rpcScript(expression);
  const ran = await commands.run(id, { script, seconds: SECONDS, comment: 'beamstalk: run' });
  if (ran === undefined) throw new OperatorError(`${id} is gone`);
  if (ran.exitCode === -1) {
    throw new OperatorError(`${id} did not end the expression (${ran.details}): it may take ${SECONDS} s`);
  }
  const cut = ran.output.length >= MOST_OUTPUT ? `the output is cut after ${MOST_OUTPUT} characters\n` : '';
  const output = harmless(ran.output);
  const errors = harmless(ran.errors);
  return { node: id, output, errors: `${errors}${cut}`, exitCode: ran.ok ? 0 : Math.max(1, ran.exitCode) };
}
