import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Arguments and settings that a release is started with. */
export interface Settings {
  /** Variables of its environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Text of its `vm.args`; empty for those that `mix release` writes, which say nothing. */
  readonly vmArgs: string;
  /** Arguments of a BEAM that asks the node. */
  readonly control: readonly string[];
  /** Lines of sysctl. */
  readonly kernel: readonly string[];
}

export interface Rate {
  readonly per_second: number;
  readonly seconds: number;
}

/** Steps of scripts/bench-node/side.py. */
export type Step =
  | { readonly do: 'idle'; readonly seconds: number }
  | { readonly do: 'burst'; readonly count: number; readonly in_flight: number; readonly limit_seconds: number }
  | {
      readonly do: 'hold';
      readonly each: number;
      readonly limit_seconds: number;
      readonly settle_seconds: number;
      readonly pings: readonly Rate[];
      /** True when a node is asked how much memory it counts, for which it needs a descriptor. */
      readonly ask: boolean;
    }
  | { readonly do: 'members' };

export interface Idle {
  /** Percent of one core. */
  readonly cpuPercent: number;
  readonly residentBytes: number;
}

export interface Burst {
  readonly accepted: number;
  readonly seconds: number;
  readonly perSecond: number;
}

export interface Pinged {
  readonly answered: number;
  readonly asked: number;
  readonly cpuPercent: number;
  /** Percent of the machine's processors that whatever else ran on it took meanwhile. */
  readonly othersPercent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Connections that are still open after it. */
  readonly alive: number;
}

export interface Held {
  readonly wanted: number;
  /** Connections that were answered with an upgrade. */
  readonly opened: number;
  /** Sockets that the nodes have for them, as the kernel counts. */
  readonly held: number;
  readonly openingSeconds: number;
  /** Of the node by its own count (`erlang:memory(total)`); 0 when it was not asked. */
  readonly nodeBytesEach: number;
  /** Of the node's processes as the kernel counts, with what the BEAM keeps for later. */
  readonly residentBytesEach: number;
  /** Of the kernel for one end. */
  readonly kernelBytesEach: number;
  readonly pings: readonly Pinged[];
}

interface ResultOf {
  readonly idle: Idle;
  readonly burst: Burst;
  readonly hold: Held;
  readonly members: { readonly members: number };
}

type Results<Steps extends readonly Step[]> = { [Index in keyof Steps]: ResultOf[Steps[Index]['do']] };

export interface Told<Steps extends readonly Step[]> {
  /** Milliseconds from the start of the release to its first answer: of the slowest node. */
  readonly bootMs: number;
  /** Names of kernel settings that no network namespace has of its own. */
  readonly leftToTheMachine: readonly string[];
  readonly steps: Results<Steps>;
}

export interface Nodes {
  readonly settings: Settings;
  /** Descriptors that a node may have. */
  readonly openFiles: number;
  /** Nodes, each on an address of its own; joined when there are several. */
  readonly count?: number;
}

export class SideFailed extends Error {}

let sides = 0;

/**
 * Boots nodes in a network namespace of their own, takes them through steps, and ends them.
 *
 * @throws SideFailed with what it said, when a node does not start or a step fails.
 */
export function side<const Steps extends readonly Step[]>(root: string, nodes: Nodes, steps: Steps): Told<Steps> {
  const { settings, openFiles, count = 1 } = nodes;
  const folder = join('/sizes', `side-${++sides}`);
  mkdirSync(join(root, folder));
  const addresses = Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);
  const order = {
    ...{ kernel: settings.kernel, control: settings.control, openFiles, steps },
    nodes: addresses.map((address, index) => ({
      address,
      port: 4000 + index,
      variables: { ...settings.variables, ...vmArgsOf(root, folder, settings.vmArgs, address, addresses) },
    })),
  };
  const command = ['--net', 'chroot', root, 'python3', '/bench/side.py'];
  const { status, stdout, stderr, error } = spawnSync('unshare', command, {
    input: JSON.stringify(order),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new SideFailed(`a side of the bench failed: ${error?.message ?? (stderr || stdout)}`);
  return JSON.parse(stdout) as Told<Steps>;
}

/** Writes the arguments of a node, with the lines that a boot adds: its address, and here, who its peers are. */
function vmArgsOf(
  root: string,
  folder: string,
  text: string,
  address: string,
  addresses: readonly string[],
): Readonly<Record<string, string>> {
  if (text === '') return {};
  const peers = addresses.filter((other) => other !== address).map((other) => `'counter@${other}'`);
  const lines = [
    `-kernel inet_dist_use_interface {${address.replaceAll('.', ',')}}`,
    // In quotes, as the BEAM reads this file like a shell.
    ...(peers.length > 0
      ? [`-kernel sync_nodes_optional "[${peers.join(',')}]"`, '-kernel sync_nodes_timeout 30000']
      : []),
  ];
  const file = join(folder, `${address}.vm.args`);
  writeFileSync(join(root, file), `${text}${lines.join('\n')}\n`);
  return { RELEASE_VM_ARGS: file };
}
