import type { InstanceType } from '../facts/instance-type';
import { nodeSize } from './size';

/**
 * Text of a systemd drop-in with the limits of a service that holds the node's connections. `ulimit` and limits.conf
 * do not reach services.
 */
export function limitsConf(type: InstanceType): string {
  return ['[Service]', `LimitNOFILE=${nodeSize(type).openFiles}`, 'TasksMax=infinity', ''].join('\n');
}
