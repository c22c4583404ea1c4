import { GetParameterCommand, ParameterNotFound, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { ClimbState } from '../../lib/climb/gate-rules';
import { isPhase } from '../../lib/facts/phase-numbers';

/** State that the gate let through last, and when: it outlives the gate's stack. */
export interface StateRecord extends ClimbState {
  /** Start of the state: ISO 8601, UTC. */
  readonly at: string;
  /** Start of each expansion, by its name such as `1+0`: one that is taken up again after a failure goes on from then. */
  readonly expansions?: Readonly<Record<string, string>>;
}

/** Name of the record in Parameter Store. */
export function stateParameter(environment: string): string {
  return `/beamstalk/${environment}/climb/state`;
}

/** Command with which an operator tells a gate how far its environment is. */
export function recordCommand(environment: string): string {
  const example = '{"phase":PHASE}';
  return `aws ssm put-parameter --type String --name ${stateParameter(environment)} --value '${example}' with the phase that is deployed ({"phase":PHASE,"from":PHASE} while a climb expands), then deploy again`;
}

/**
 * Reads the record; undefined when there is none.
 *
 * @throws Error when it holds no state: what cannot be read is not let through.
 */
export async function readState(
  ssm: SSMClient,
  environment: string,
  abortSignal: AbortSignal,
): Promise<StateRecord | undefined> {
  const Name = stateParameter(environment);
  let text: string | undefined;
  try {
    text = (await ssm.send(new GetParameterCommand({ Name }), { abortSignal })).Parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
  const record = parsed(text);
  if (record === undefined) throw new Error(`${Name} holds no state: expected such as {"phase":3}`);
  return record;
}

/**
 * Records a state that was let through. A repeated request, and settings of the same state, keep the time of the first;
 * so does an expansion to which a failed contraction went back: what was verified in it stays verified.
 */
export async function writeState(
  ssm: SSMClient,
  environment: string,
  { phase, from }: ClimbState,
  abortSignal: AbortSignal,
): Promise<void> {
  const known = await readState(ssm, environment, abortSignal).catch(() => undefined);
  if (known?.phase === phase && known.from === from && known.at !== '') return;
  const now = new Date().toISOString();
  const begun = known?.phase === phase ? (known.expansions ?? {}) : {};
  const name = from === undefined ? undefined : `${phase}+${from}`;
  const at = (name !== undefined && begun[name]) || now;
  const expansions = name === undefined ? begun : { ...begun, [name]: at };
  const record: StateRecord = { phase, ...(from !== undefined && { from }), at, expansions };
  const parameter = { Name: stateParameter(environment), Value: JSON.stringify(record), Overwrite: true } as const;
  await ssm.send(new PutParameterCommand({ ...parameter, Type: 'String' }), { abortSignal });
}

function parsed(text: string | undefined): StateRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
  const { phase, from, at = '', expansions = {} } = Object(value) as Record<string, unknown>;
  if (!isState(phase) || (from !== undefined && !isState(from)) || typeof at !== 'string') return undefined;
  const times = Object.entries(Object(expansions)).filter((one): one is [string, string] => typeof one[1] === 'string');
  return { phase, ...(from !== undefined && { from }), at, expansions: Object.fromEntries(times) };
}

function isState(value: unknown): value is number {
  return typeof value === 'number' && isPhase(String(value));
}
