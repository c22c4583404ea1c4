import type { InstanceType } from '../facts/instance-type';

/** Memory that connections may take, in percent; the rest is for the kernel, caches and the application's own data. */
const MEMORY_PERCENT = 60;

/** Memory of one connection with all that belongs to it, in KiB. */
const KIB_PER_CONNECTION = 48;

/** Ports (sockets and files) per connection: half as many again for databases, caches, logs and peers. */
const PORTS_PER_CONNECTION = 1.5;

/** Processes per connection: the socket's own, its session's, and one that works for it. */
const PROCESSES_PER_CONNECTION = 3;

/** The BEAM's own default for `+P`, below which no node goes: an idle table of this size takes 48 MB. */
const LEAST_PROCESSES = 1_048_576;

/**
 * The most that `+P` and `+Q` accept.
 * Source: erts/doc/references/erl_cmd.md, read 2026-11-20.
 */
const BEAM_TABLE_LIMIT = 134_217_727;

/** The greatest power of two below that limit: what the kernel and the BEAM can both be told. */
const MOST_PORTS = 67_108_864;

/** Number of connections that a node is sized for, and the tables that follow from it. */
export interface NodeSize {
  /** Connections at which memory is the bottleneck; TLS and message rate may bind earlier. */
  readonly connectionBudget: number;
  /** Open files (`LimitNOFILE`, `fs.nr_open`) and the BEAM's port table (`+Q`): equal, a power of two. */
  readonly openFiles: number;
  /** The BEAM's process table (`+P`): 1,048,576 to 134,217,727. */
  readonly processes: number;
}

/**
 * Sizes a node by its memory: 60 % of it at 48 KiB per connection, an assumption of 2026-11-20 between what idle
 * connections took when measured (6 KB in the node and 5 KB in the kernel) and what a published Phoenix node with two
 * million of them took (42 KB). It is a ceiling set by memory alone.
 *
 * The port table is allocated from the number of open files, so that number is never unlimited.
 */
export function nodeSize({ memoryMiB }: InstanceType): NodeSize {
  const byMemory = Math.floor((memoryMiB * 1024 * MEMORY_PERCENT) / 100 / KIB_PER_CONNECTION);
  const connectionBudget = Math.min(byMemory, Math.floor(MOST_PORTS / PORTS_PER_CONNECTION));
  return {
    connectionBudget,
    openFiles: powerOfTwoFrom(connectionBudget * PORTS_PER_CONNECTION),
    processes: Math.min(
      BEAM_TABLE_LIMIT,
      Math.max(LEAST_PROCESSES, powerOfTwoFrom(connectionBudget * PROCESSES_PER_CONNECTION)),
    ),
  };
}

/**
 * Connections that one nginx worker may hold. A proxied connection takes two, one to either side, and there is a worker
 * per processor; the power of two above leaves room for an uneven spread.
 */
export function workerConnections(type: InstanceType): number {
  return powerOfTwoFrom((2 * nodeSize(type).connectionBudget) / type.vcpu);
}

/** The smallest power of two that is not below `value`. */
function powerOfTwoFrom(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
