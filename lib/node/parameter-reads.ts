import type { BootStep, NodeRole } from './blueprint';
import { NODE_PARAMETERS, QUEUE_PARAMETERS, TABLE_PARAMETERS } from './parameters';

type TopicOf<Name> = Name extends `${infer Topic}/${string}` ? Topic : never;

/** Part of the parameters of an environment: all that is below `/beamstalk/<environment>/<topic>/`. */
export type Topic =
  | TopicOf<(typeof NODE_PARAMETERS)[number]>
  | typeof QUEUE_PARAMETERS
  | typeof TABLE_PARAMETERS
  // Below this, the name of a log group by the role whose nodes write to it.
  | 'logs'
  // Below this, the settings of a move by its name.
  | 'moves';

/** Topics that a step reads, with all that it installs on the node to run later. */
interface Reads {
  /** Read when the node boots, and again when something that the step installed needs them as they are then. */
  readonly told?: readonly Topic[];
  /** The same where the node is a box. */
  readonly toldABox?: readonly Topic[];
  /** Asked alone, as often as it may change. */
  readonly asked?: readonly Topic[];
  /** Asked for several names of it at once, as often as they may change. */
  readonly followed?: readonly Topic[];
}

/** Topics by the step that reads them. test/node/parameter-reads.test.ts compares it with the scripts. */
export const READ_BY: Readonly<Record<BootStep, Reads>> = {
  fetch: { told: ['release'] },
  check: {},
  kernel: {},
  address: { told: ['box'] },
  volume: { told: ['box'] },
  // Its dumps go to the bucket.
  database: { told: ['database', 'storage'] },
  worker: {},
  // With `move.sh`, which asks anew at each action.
  mover: { told: ['database', 'mover'], asked: ['moves'] },
  pressure: { asked: ['pressure'] },
  warm: {},
  // With each certificate, since another function may have come.
  cluster: { asked: ['cluster'] },
  // It has the step `release` write the environment, which every node with the one has, and asks what was rolled out.
  migrate: { told: ['release'] },
  release: {
    told: [
      ...(['app', 'cache', 'database', 'documents', 'graph', 'ingress', 'queues', 'shards', 'storage'] as const),
      ...(['tables', 'wide-columns'] as const),
      // Rollouts leave and join the load balancer.
      'delivery',
    ],
    // A box lets a move into its database (open-database.sh).
    toldABox: ['mover'],
    // Places of the data, while they may move (follow-databases.sh).
    followed: ['database'],
  },
  credentials: { told: ['database'] },
  // A box keeps its certificate in the bucket.
  proxy: { told: ['ingress'], toldABox: ['storage'] },
  drain: {},
  // Hooks of deployments do the same.
  agent: { told: ['delivery'] },
  reports: { told: ['logs'] },
  ready: {},
};

/** Topics in which users name things, or functions have parameters of their own: read whole, by their path. */
const OPEN: readonly Topic[] = ['database', QUEUE_PARAMETERS, TABLE_PARAMETERS];

/** Parameters that a node reads, relative to `/beamstalk/<environment>/`. */
export interface ParameterReads {
  /** Topics of which every name is known before, in the order of the alphabet. */
  readonly closed: readonly Topic[];
  /** Names in those. */
  readonly names: readonly string[];
  /** Topics that are read by their path, whatever is in them. */
  readonly open: readonly Topic[];
  /** Topics of which single parameters are asked for while the node lives. */
  readonly asked: readonly Topic[];
  /** Topics of which several parameters are asked for at once, again and again. */
  readonly followed: readonly Topic[];
}

/** Says what a node with these steps reads, the same in every phase in which it has them. */
export function parameterReads(role: NodeRole, steps: readonly BootStep[]): ParameterReads {
  const reads = steps.map((step) => READ_BY[step]);
  const all = (topics: readonly Topic[]): readonly Topic[] => [...new Set(topics)].sort();
  const told = all(
    reads.flatMap(({ told: one = [], toldABox = [] }) => (role === 'box' ? [...one, ...toldABox] : one)),
  );
  const closed = told.filter((topic) => !OPEN.includes(topic));
  return {
    closed,
    names: closed.flatMap((topic) => namesIn(topic, role)),
    open: told.filter((topic) => OPEN.includes(topic)),
    asked: all(reads.flatMap(({ asked = [] }) => asked)),
    followed: all(reads.flatMap(({ followed = [] }) => followed)),
  };
}

function namesIn(topic: Topic, role: NodeRole): readonly string[] {
  return topic === 'logs' ? [`logs/${role}`] : NODE_PARAMETERS.filter((name) => name.startsWith(`${topic}/`));
}
