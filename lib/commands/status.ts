import { readConfiguration } from '../config/configuration';
import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import { DeployedParameters } from './environment/deployed-parameters';
import { recordedState } from './environment/recorded-state';
import type { Pause } from './environment/run-command';
import { inWordsOfFlags } from './in-words-of-flags';
import { booted } from './release/booted';
import { LOCK, lockInWords } from './release/rollout-lock';
import { addressesIn } from './status/addresses';
import { askNodes, askQueues, askReplicas } from './status/ask';
import { askDeployments, askPipeline } from './status/deployments';
import { question } from './status/question';
import type { Deploying, StatusReport } from './status/report';

export interface StatusProps {
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  /** Longest time of each question, in milliseconds. */
  readonly limitMs: number;
  /** Waits until the next look at what a node answers, or until the signal. */
  readonly pause: (signal: AbortSignal) => Pause;
}

/**
 * Tells how an environment is: its parts are asked side by side, and what does not answer in time is said to be unknown.
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when nothing is deployed, or AWS cannot be asked at all.
 */
export async function status(props: StatusProps): Promise<StatusReport> {
  // Nobody looks any more for what was late.
  const over = new AbortController();
  try {
    return await ask(props, props.pause(over.signal));
  } finally {
    over.abort();
  }
}

async function ask({ environment, directory, limitMs }: StatusProps, pause: Pause): Promise<StatusReport> {
  const { region } = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  const nodes = question(2 * limitMs, () => askNodes(environment, region, { limitMs, pause }));
  const parameters = await DeployedParameters.in(environment, region);
  const known = await parameters.all();
  if (known.size === 0) throw parameters.notDeployed();
  const first = recordedState(known.get('climb/state'))?.phase;

  const queues = new Map(
    [...known].flatMap(([name, url]): [string, string][] => {
      const [, queue] = /^queues\/(.+)$/.exec(name) ?? [];
      return queue === undefined ? [] : [[queue, url]];
    }),
  );
  const hasReaders = [...known.keys()].some((name) => /^database\/(.+\/)?reader-endpoint$/.test(name));
  const lock = known.get(LOCK);
  const delivers = first === undefined || first >= FIRST_PHASE_OF.automation;
  const [addresses, depths, replicas, deployments, pipeline, lines] = await Promise.all([
    addressesIn(known, region, limitMs),
    askQueues(region, queues, limitMs),
    hasReaders ? question(limitMs, () => askReplicas(environment, region)) : { answer: [] },
    delivers ? question(limitMs, () => askDeployments(environment, region)) : { answer: [] },
    delivers ? question(limitMs, () => askPipeline(environment, region)) : { answer: [] },
    nodes,
  ]);
  const deploying: Deploying[] = [
    { what: 'rollout', state: { answer: lock === undefined ? [] : [lockInWords(lock)] } },
    { what: 'deployments', state: deployments },
    { what: 'pipeline', state: pipeline },
  ];
  const boots = booted(known.get('release/current'), known.get('release/uri') ?? 'none');
  const phase = inWords(known.get('climb/state'));
  return { environment, region, phase, addresses, boots, nodes: lines, queues: depths, replicas, deploying };
}

/** A state as `beamstalk diff` writes it. */
function inWords(text: string | undefined): string {
  const state = recordedState(text);
  if (state === undefined) return text === undefined ? 'not recorded' : 'not known';
  return state.from === undefined ? `${state.phase}` : `${state.phase}+${state.from}`;
}
