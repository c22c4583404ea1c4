import { readConfiguration } from '../config/configuration';
import { findInstanceType } from '../facts/instance-type';
import { type Found, found } from './boundary/found';
import type { Met, Objective } from './boundary/load';
import { type LoadTestFile, loadTest } from './boundary/load-test';
import type { Bring, Targets } from './boundary/locust';
import { limiting, type NodeSays, nodeLoads, servingNodes } from './boundary/node-load';
import { ownTarget, reached } from './boundary/target';
import { DeployedParameters } from './environment/deployed-parameters';
import type { FleetNode } from './environment/fleet-nodes';
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
    ids: 'answer' in atLast ? atLast.answer.map(({ id }) => id) : [],
    ask: (ids) => nodeLoads(ids, { region, pause, limitMs: QUESTION_MS }),
  });
  return {
    ...{ environment, targets, objective, ...result, says, limiting: limiting(says) },
    nodes: 'answer' in served ? { answer: served.answer.length } : served,
    loadTest: loadTestOf(served, result.steps, objective),
  };
}

/** Load test of the nodes that served, as far as they are of one type that `size` knows: the configuration may name one that is not there yet. */
function loadTestOf(
  served: Question<readonly FleetNode[]>,
  steps: readonly Met[],
  objective: Objective,
): Question<LoadTestFile> {
  if ('unknown' in served) return served;
  const types = [...new Set(served.answer.map(({ instanceType }) => instanceType))];
  const [instanceType] = types;
  if (types.length > 1) return { unknown: `the nodes are not of one type: ${types.map(named).sort().join(', ')}` };
  if (instanceType === undefined) return { unknown: 'AWS does not say of which type the nodes are' };
  if (findInstanceType(instanceType) === undefined) {
    return { unknown: `the nodes are ${instanceType}, which is no type of lib/facts/instances.json` };
  }
  return loadTest(steps, { instanceType, nodes: served.answer.length, objective });
}

function named(type: string | undefined): string {
  return type ?? 'not known';
}

/** Nodes that served at the beginning and at the end. With others in between, no figure is that of so many of them. */
function sameNodes(
  atFirst: Question<readonly FleetNode[]>,
  atLast: Question<readonly FleetNode[]>,
): Question<readonly FleetNode[]> {
  const unknown = [atFirst, atLast].find((one) => 'unknown' in one);
  if (unknown !== undefined) return { unknown: `which nodes serve is not known: ${unknown.unknown}` };
  const [first = [], last = []] = [atFirst, atLast].map((one) => ('answer' in one ? one.answer : []));
  if (last.length === 0) return { unknown: 'no node is in service' };
  // Users come to one of them by an address that may be a name of either.
  if (new Set(last.map(({ role }) => role)).size > 1) {
    return {
      unknown: 'the box and the app fleet are both in service, and which of them the address leads to is not known',
    };
  }
  const [before, after] = [first, last].map((nodes) => nodes.map(({ id }) => id).sort());
  if (before?.join() === after?.join()) return { answer: last };
  const whichBefore = first.length === 0 ? 'none' : before?.join(', ');
  return { unknown: `other nodes served at the end (${after?.join(', ')}) than at the beginning (${whichBefore})` };
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
