import { z } from 'zod';
import { harmless } from './harmless';
import { STATUS_SCRIPT } from './node-scripts';
import { OperatorError } from './operator-error';
import { notConnected, type Ran, type RunCommand } from './run-command';

const statusSchema = z.object({
  role: z.string(),
  /** Name of the archive that it runs, without `.tar.gz`; `no-release` for the responder of an environment without one. */
  release: z.string(),
  /** Address of the archive, or `none`. */
  uri: z.string(),
  healthy: z.boolean(),
  /** State in the group as the node sees it. */
  state: z.string(),
  draining: z.boolean(),
  connections: z.number(),
  /** Start of the release: ISO 8601; null while it does not run. */
  since: z.string().nullable(),
  /** True while a rollout is at work there. */
  rolling: z.boolean(),
  /** True when a rollout or a deployment has left it out of its load balancer. A node that is older says nothing. */
  left: z.boolean().default(false),
  /** True while its release writes to a database that has moved, and cannot be told: it has to start anew. A node that is older says nothing. */
  untold: z.boolean().default(false),
});

/** A node as it tells itself. */
export type NodeStatus = z.infer<typeof statusSchema>;

export type Told = { readonly status: NodeStatus } | { readonly unknown: string };

/** Longest time that a node may take to tell its state, in seconds. */
const SECONDS = 30;

/** Asks a node how it is. */
export async function nodeStatus(commands: RunCommand, id: string): Promise<Told> {
  let ran: Ran | undefined;
  try {
    ran = await commands.run(id, { script: STATUS_SCRIPT, seconds: SECONDS, comment: 'beamstalk: status' });
  } catch (error) {
    // A node that boots, or has gone, takes no command; a permission that lacks is no matter of time.
    if (error instanceof OperatorError && error.message === notConnected(id)) return { unknown: error.message };
    throw error;
  }
  return ran === undefined ? { unknown: 'it is gone' } : toldBy(ran);
}

/** The state in what the script of a node has printed. */
export function toldBy({ ok, output, errors, details }: Ran): Told {
  const line = output.split('\n').findLast((one) => one.startsWith('{'));
  if (/node-status\.sh: No such file/.test(errors)) {
    return { unknown: 'its programs are older than this command: run `npx cdk deploy --all`, which renews the nodes' };
  }
  if (!ok || line === undefined) {
    const said = harmless(lastLine(errors) || lastLine(output));
    return { unknown: `node-status.sh ended with ${details}${said === '' ? '' : `: ${said}`}` };
  }
  try {
    const parsed = statusSchema.safeParse(JSON.parse(line));
    if (parsed.success) return { status: parsed.data };
  } catch {
    // Told below.
  }
  return { unknown: `node-status.sh said ${JSON.stringify(line.slice(0, 200))}` };
}

/** The last line that holds something. */
export function lastLine(text: string): string {
  return text.split('\n').findLast((line) => line.trim() !== '') ?? '';
}
