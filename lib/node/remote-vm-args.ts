import { DISTRIBUTION_PORT } from './ports';

/**
 * Text of the `vm.args` of commands that talk to the running node (`rpc`, `remote`): they look for it where it listens,
 * and do not listen themselves, since the one port is taken.
 */
export function remoteVmArgs(): string {
  return ['-start_epmd false', `-erl_epmd_port ${DISTRIBUTION_PORT}`, '-dist_listen false', ''].join('\n');
}
