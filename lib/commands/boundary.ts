import { readConfiguration } from '../config/configuration';
import { type Found, found } from './boundary/found';
import type { Objective } from './boundary/load';
import { type LoadTestFile, loadTest } from './boundary/load-test';
import type { Bring, Targets } from './boundary/locust';
import { limiting, type NodeSays, nodeLoads, servingNodes } from './boundary/node-load';
import { ownTarget, reached } from './boundary/target';
import { DeployedParameters } from './environment/deployed-parameters';
import type { Pause } from './environment/run-command';
import { inWordsOfFlags } from './in-words-of-flags';
import { addressesIn } from './status/addresses';
import { question } from './status/question';

export interface BoundaryProps {
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  readonly targets: Targets;
  readonly objective: Objective;
  /** Seconds of each step, once all users are there. */
  readonly seconds: number;
  /** The most connections, and the most attempts at once, that are tried. */
  readonly limit: number;
  /** Makes the load generator ready. */
  readonly generator: (targets: Targets) => Promise<Bring>;
  /** Takes words for people who wait. */
  readonly say: (words: string) => void;
  /** Waits until the next look at what a node answers. */
  readonly pause: Pause;
}

export interface BoundaryReport extends Found {
  readonly environment: string;
  readonly targets: Targets;
  readonly objective: Objective;
  /** Nodes that served, as far as AWS tells. */
  readonly nodes: number | undefined;
  /** The resource that gives way first, as the nodes say. */
  readonly limiting: string;
  readonly says: readonly NodeSays[];
  /** Load test of one node for `size` and `capacity`: absent without requests. */
  readonly loadTest?: LoadTestFile;
}

/** Longest time of one question, in milliseconds. */
const QUESTION_MS = 30_000;

/** Seconds of the last step, at the boundary, in which nodes are asked: a command takes a while to reach them. */
const LAST_STEP_SECONDS = 12;

/**
 * Finds how many connections and how many attempts at once a deployed environment carries, from outside.
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when a target is not the environment's, cannot be reached, or fails with the fewest users already.
 */
export async function boundaries(props: BoundaryProps): Promise<BoundaryReport> {
  const { environment, directory, targets, objective, pause, say } = props;
  const configuration = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  const { region } = configuration;
  const parameters = await DeployedParameters.in(environment, region);
  const known = await parameters.all();
  if (known.size === 0) throw parameters.notDeployed();
  const addresses = await addressesIn(known, region, QUESTION_MS);
  const checked = [
    ...(targets.url === undefined
      ? []
      : [['--url', ownTarget('--url', targets.url, { environment, addresses })] as const]),
    ...(targets.socket === undefined
      ? []
      : [['--socket', ownTarget('--socket', targets.socket, { environment, addresses })] as const]),
  ];
  for (const [flag, url] of checked) await reached(flag, url);

  const serving = await question(QUESTION_MS, () => servingNodes(environment, region));
  const ids = 'answer' in serving ? serving.answer : [];
  const bring = await props.generator(targets);
  const result = await found({ ...props, bring });

  say('asking the nodes at the boundary');
  const last = result.together ?? result;
  const [says] = await Promise.all([
    nodeLoads(ids, { region, pause, limitMs: QUESTION_MS }),
    bring({
      connections: last.connections?.most ?? 0,
      attempts: last.attempts?.most ?? 0,
      seconds: ids.length === 0 ? 1 : LAST_STEP_SECONDS,
    }),
  ]);
  const { instanceType } = known.has('box/address') ? configuration.box : configuration.app;
  const steps = loadTest(result.steps, { instanceType, nodes: Math.max(ids.length, 1), objective });
  return {
    ...{ environment, targets, objective, ...result, says, limiting: limiting(says) },
    nodes: 'answer' in serving ? ids.length : undefined,
    ...(steps && { loadTest: steps }),
  };
}
