import { readConfiguration } from '../config/configuration';
import { type Found, found } from './boundary/found';
import type { Objective } from './boundary/load';
import { type LoadTestFile, loadTest } from './boundary/load-test';
import type { Bring, Targets } from './boundary/locust';
import { limiting, type NodeSays, nodeLoads, servingNodes } from './boundary/node-load';
import { ownTarget, reached } from './boundary/target';
import { DeployedParameters } from './environment/deployed-parameters';
import { OperatorError } from './environment/operator-error';
import type { Pause } from './environment/run-command';
import { inWordsOfFlags } from './in-words-of-flags';
import { addressesIn } from './status/addresses';
import { type Question, question } from './status/question';

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
  /** Nodes that served, from the beginning to the end. */
  readonly nodes: Question<number>;
  /** The resource that gives way first, as the nodes say. */
  readonly limiting: string;
  readonly says: readonly NodeSays[];
  /** Load test of one node for `size` and `capacity`, or why there is none. */
  readonly loadTest: Question<LoadTestFile>;
}

/** Longest time of one question, in milliseconds. */
const QUESTION_MS = 30_000;

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

  const serving = () => question(QUESTION_MS, () => servingNodes(environment, region));
  const atFirst = await serving();
  const bring = await props.generator(targets);
  const result = await found({ ...props, bring });

  say('asking the nodes at the boundary');
  const atLast = await serving();
  const served = sameNodes(atFirst, atLast);
  const says = await saysAtTheBoundary(result, {
    bring,
    ids: 'answer' in atLast ? atLast.answer : [],
    ask: (ids) => nodeLoads(ids, { region, pause, limitMs: QUESTION_MS }),
  });
  const { instanceType } = known.has('box/address') ? configuration.box : configuration.app;
  return {
    ...{ environment, targets, objective, ...result, says, limiting: limiting(says) },
    nodes: 'answer' in served ? { answer: served.answer.length } : served,
    loadTest:
      'answer' in served ? loadTest(result.steps, { instanceType, nodes: served.answer.length, objective }) : served,
  };
}

/** Nodes that served at the beginning and at the end. With others in between, no figure is that of so many of them. */
function sameNodes(atFirst: Question<string[]>, atLast: Question<string[]>): Question<string[]> {
  const unknown = [atFirst, atLast].find((one) => 'unknown' in one);
  if (unknown !== undefined) return { unknown: `which nodes serve is not known: ${unknown.unknown}` };
  const [first, last] = [atFirst, atLast].map((one) => ('answer' in one ? one.answer.sort() : []));
  if (first === undefined || last === undefined || last.length === 0) return { unknown: 'no node is in service' };
  if (first.join() === last.join()) return { answer: last };
  const before = first.length === 0 ? 'none' : first.join(', ');
  return { unknown: `other nodes served at the end (${last.join(', ')}) than at the beginning (${before})` };
}

/** Answers of nodes while the load is there that they carry. A failure of that load does not lose what was found. */
async function saysAtTheBoundary(
  { connections, attempts, together }: Found,
  {
    bring,
    ids,
    ask,
  }: {
    readonly bring: Bring;
    readonly ids: readonly string[];
    readonly ask: (ids: readonly string[]) => Promise<NodeSays[]>;
  },
): Promise<readonly NodeSays[]> {
  if (ids.length === 0) return [];
  let says: readonly NodeSays[] | undefined;
  const unknown = (why: string): NodeSays[] => ids.map((id) => ({ id, load: { unknown: why } }));
  const most = together ?? { connections, attempts };
  const load = { connections: most.connections?.most ?? 0, attempts: most.attempts?.most ?? 0, seconds: 1 };
  try {
    await bring(load, async () => {
      says = await ask(ids);
    });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return unknown(`the load that was carried could not be brought again: ${error.message}`);
  }
  return says ?? unknown('the load that was carried did not come again');
}
