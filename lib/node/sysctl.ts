import type { InstanceType } from '../facts/instance-type';
import type { NodeRole } from './blueprint';
import { LISTEN_BACKLOG } from './listen-backlog';
import { DISTRIBUTION_PORT } from './ports';
import { nodeSize } from './size';

export interface SysctlProps {
  readonly instanceType: InstanceType;
  readonly role: NodeRole;
  /** Ports on which the node listens and which no outgoing connection may take. */
  readonly listenPorts: readonly number[];
}

/** Open files beyond the BEAM's own: shells, agents, the proxy and a local database. */
const FILES_OF_OTHERS = 1_048_576;

/**
 * Text of a sysctl file for one node. What is not in it is left to the kernel on purpose: `tcp_mem` and the default
 * buffer sizes, which often-copied lists set to values that cap all of TCP at a few hundred megabytes.
 */
export function sysctlConf({ instanceType, role, listenPorts }: SysctlProps): string {
  const { openFiles } = nodeSize(instanceType);
  const proxies = role === 'web' || role === 'box';
  return `${[
    `# Kernel of a ${instanceType.name} as ${role} node.`,
    '',
    '# From the connection budget. fs.nr_open is what LimitNOFILE may at most be.',
    `fs.nr_open = ${Math.max(openFiles, FILES_OF_OTHERS)}`,
    `fs.file-max = ${openFiles + FILES_OF_OTHERS}`,
    '',
    '# What a server may ask for as its backlog, and how many may be on their way to it: with 10,000 at once 23,977 are',
    '# accepted a second against 5,940 (measured 2026-11-29).',
    `net.core.somaxconn = ${LISTEN_BACKLOG}`,
    'net.ipv4.tcp_max_syn_backlog = 16384',
    'net.core.netdev_max_backlog = 16384',
    '',
    '# What a socket may ask for, not what it gets.',
    'net.core.rmem_max = 16777216',
    'net.core.wmem_max = 16777216',
    '',
    '# A BEAM that swaps is slower than one that ends.',
    'vm.swappiness = 1',
    ...(proxies ? outgoing(listenPorts) : []),
  ].join('\n')}\n`;
}

/** A proxy opens a connection of its own for each that it takes: about 55,000 for every address behind it. */
function outgoing(listenPorts: readonly number[]): string[] {
  const reserved = [...new Set([...listenPorts, DISTRIBUTION_PORT])].sort((a, b) => a - b);
  return [
    '',
    '# A proxy needs an outgoing port for each connection it passes on; the ports listened on are kept free.',
    'net.ipv4.ip_local_port_range = 10240 65535',
    `net.ipv4.ip_local_reserved_ports = ${reserved.join(',')}`,
    'net.ipv4.tcp_tw_reuse = 1',
  ];
}
