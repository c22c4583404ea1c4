import type { InstanceType } from '../facts/instance-type';
import { DISTRIBUTION_PORT } from './ports';
import { nodeSize } from './size';

/** Logical processors up to which the BEAM finds its number of schedulers itself, and the most it accepts. */
const MOST_SCHEDULERS = 1024;

/** Logical processors from which a machine is taken as big and dedicated: the `24xlarge` of every family. */
const BIG_MACHINE_VCPU = 96;

/** Data that may wait for a busy peer before senders are suspended, in KiB; the default of 1,024 stalls clusters. */
const DISTRIBUTION_BUFFER_KIB = 32_768;
const BIG_DISTRIBUTION_BUFFER_KIB = 131_072;

/**
 * Seconds after which a silent peer is given up, and how many times each node is heard in them: lost is whoever was silent
 * for all of these times, so within an eighth of 16 s around it. With four times, OTP's default, 16 s would be up to 20; and nodes
 * that still have its default of 60 s, which say something every 15 s, are not given up while a fleet rolls from it to this.
 *
 * Source: https://www.erlang.org/doc/apps/kernel/kernel_app.html#net_ticktime, read 2026-11-30.
 */
const TICK_TIME = { seconds: 16, intensity: 8 } as const;

/**
 * Text of `vm.args` for one BEAM that has an instance of this type to itself. The node's name and cookie are not in it:
 * they differ per node, or are secret.
 *
 * Source of flags and ranges: erts/doc/references/erl_cmd.md, read 2026-11-20.
 */
export function vmArgs(type: InstanceType): string {
  const { openFiles, processes } = nodeSize(type);
  const big = type.vcpu >= BIG_MACHINE_VCPU;
  const bufferKiB = big ? BIG_DISTRIBUTION_BUFFER_KIB : DISTRIBUTION_BUFFER_KIB;
  return lines([
    `# BEAM of a ${type.name}: ${type.vcpu} logical processors, ${type.memoryMiB} MiB.`,
    '',
    '# Load all code before the first connection: with descriptors used up, an interactive node cannot even log.',
    '-mode embedded',
    '',
    '# Process and port tables, from the connection budget. The port table is never left to an unlimited NOFILE.',
    `+P ${processes}`,
    `+Q ${openFiles}`,
    ...schedulers(type, big),
    '',
    '# KiB that may wait for a busy peer before senders are suspended.',
    `+zdbbl ${bufferKiB}`,
    '',
    '# Distribution on one port, without epmd.',
    '-start_epmd false',
    `-erl_epmd_port ${DISTRIBUTION_PORT}`,
    `-kernel inet_dist_listen_min ${DISTRIBUTION_PORT}`,
    `-kernel inet_dist_listen_max ${DISTRIBUTION_PORT}`,
    '',
    '# The same on all nodes, or they disagree on who is gone. A peer that is silent is given up after 14 to 18 s.',
    `-kernel net_ticktime ${TICK_TIME.seconds}`,
    `-kernel net_tickintensity ${TICK_TIME.intensity}`,
    '-kernel prevent_overlapping_partitions true',
  ]);
}

function schedulers({ vcpu }: InstanceType, big: boolean): string[] {
  return [
    '',
    '# No busy waiting: what scaling and alarms read as CPU is work, and credits of burstable types are not burnt. It made pings no',
    '# slower (docs/node.md).',
    '+sbwt none',
    '+sbwtdcpu none',
    '+sbwtdio none',
    ...(big
      ? ['', '# Bind schedulers to processors where the topology is known; ignored where it is not.', '+stbt db']
      : []),
    ...(vcpu > MOST_SCHEDULERS ? ['', '# The most schedulers that a BEAM takes.', `+S ${MOST_SCHEDULERS}`] : []),
  ];
}

function lines(text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
