import { z } from 'zod';
import { type FleetNode, fleetNodes, isInService, RELEASE_ROLES } from '../environment/fleet-nodes';
import { type Pause, RunCommand } from '../environment/run-command';
import { type Question, question } from '../status/question';

const loadSchema = z.object({
  /** Percent of its processors that were busy for two seconds. */
  cpu: z.number(),
  /** Percent of its memory that is taken. */
  memory: z.number(),
  /** Connections of users that are open, and those that the node is sized for. */
  connections: z.number(),
  budget: z.number(),
});

export type NodeLoad = z.infer<typeof loadSchema>;

export interface NodeSays {
  readonly id: string;
  readonly load: Question<NodeLoad>;
}

/** Percent from which a resource of a node counts as what gives way first. */
const SHORT_PERCENT = 90;

/** Longest time that a node may take to tell, in seconds. */
const SECONDS = 30;

/**
 * Command that has a node tell how much of it is taken, in a line of JSON. Part of it waits, to see what its processors do. Connections
 * are those that `status` counts, of the slot that serves. Systems Manager runs it by `sh`, which on Debian is no bash:
 * https://github.com/aws/amazon-ssm-agent/issues/46 (2026-11-30).
 */
export const LOAD_SCRIPT = `bash <<'LOAD'
source /opt/beamstalk/boot/lib.sh || exit
busy() { awk '/^cpu /{ print $2 + $3 + $4 + $7 + $8, $2 + $3 + $4 + $5 + $6 + $7 + $8 }' /proc/stat; }
read -r busy_before all_before < <(busy)
sleep 2
read -r busy_after all_after < <(busy)
printf '{"cpu":%s,"memory":%s,"connections":%s,"budget":%s}\\n' \\
  "$(( 100 * (busy_after - busy_before) / (all_after - all_before) ))" \\
  "$(awk '/^MemTotal:/{ t = $2 } /^MemAvailable:/{ a = $2 } END { printf "%d", 100 - 100 * a / t }' /proc/meminfo)" \\
  "$(connections)" "$CONNECTION_BUDGET"
LOAD`;

/** Nodes that serve users. */
export async function servingNodes(environment: string, region: string): Promise<FleetNode[]> {
  const nodes = await fleetNodes(environment, region, RELEASE_ROLES);
  return nodes.filter((node) => node.role !== 'worker' && isInService(node));
}

/** Asks nodes how much of them is taken; what one does not tell is its own matter. */
export async function nodeLoads(
  ids: readonly string[],
  { region, pause, limitMs }: { readonly region: string; readonly pause: Pause; readonly limitMs: number },
): Promise<NodeSays[]> {
  const commands = await RunCommand.in(region, pause);
  return Promise.all(
    ids.map(async (id): Promise<NodeSays> => {
      const load = await question(limitMs, async () => {
        const ran = await commands.run(id, { script: LOAD_SCRIPT, seconds: SECONDS, comment: 'beamstalk: boundary' });
        if (ran === undefined) throw new Error('it is gone');
        const line = ran.output.split('\n').findLast((one) => one.startsWith('{'));
        if (line === undefined) throw new Error(`it said nothing (${ran.details})`);
        return loadSchema.parse(JSON.parse(line));
      });
      return { id, load };
    }),
  );
}

/** The resource of the nodes that gives way first, by what they say. */
export function limiting(says: readonly NodeSays[]): string {
  const told = says.flatMap(({ id, load }) => ('answer' in load ? [{ id, ...load.answer }] : []));
  if (told.length === 0) return 'not known: no node says how much of it is taken';
  const shares = told.flatMap(({ id, cpu, memory, connections, budget }) => [
    { id, resource: 'CPU', percent: cpu },
    { id, resource: 'memory', percent: memory },
    { id, resource: 'connections', percent: budget > 0 ? (100 * connections) / budget : 0 },
  ]);
  const [first] = shares.sort((one, other) => other.percent - one.percent);
  if (first === undefined || first.percent < SHORT_PERCENT) {
    const most =
      first === undefined ? '' : `, the most is ${Math.round(first.percent)} % of ${first.resource} on ${first.id}`;
    return `none of a node${most}: the release itself, what it asks, or what stands before it`;
  }
  return `${first.resource} of ${first.id}, ${Math.round(first.percent)} %`;
}
