import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instanceType } from '../../lib/facts/instance-type';
import { generatedFiles } from '../../lib/node/boot-files';
import { bootSteps } from '../../lib/node/boot-steps';
import type { Settings } from './side';

/** Folder of the root in which each size has its files. */
const SIZES = '/sizes';

/** The same release without any of ours: what OTP and Linux do by themselves, but for the backlog that a server asks for. */
export function defaults(listenBacklog: number): Settings {
  return {
    variables: { LISTEN_BACKLOG: String(listenBacklog) },
    vmArgs: '',
    control: [],
    kernel: [],
  };
}

/** Settings of a node of a type, from the files that its boot bundle holds, put where the release finds them. */
export function generated(root: string, typeName: string): Settings & { readonly openFiles: number } {
  const files = generatedFiles({
    ...{ environment: 'bench', region: 'eu-west-1', role: 'app', image: 'debian-13', releaseArchitecture: 'amd64' },
    ...{ appPort: 4000, tlsPort: 4443, healthPath: '/', evictPerSecond: 500, passThrough: false },
    instanceType: instanceType(typeName),
    steps: bootSteps({ role: 'app', localDatabase: false, pressure: false, reports: false }),
  });
  const folder = join(SIZES, typeName);
  mkdirSync(join(root, folder));
  const text = (name: string): string => {
    const found = files.get(name);
    if (found === undefined) throw new Error(`no ${name} in the boot bundle`);
    return found;
  };
  const remoteVmArgs = join(folder, 'remote.vm.args');
  writeFileSync(join(root, remoteVmArgs), withoutTls(text('remote.vm.args')));
  return {
    variables: { LISTEN_BACKLOG: value(text('node.conf'), /^LISTEN_BACKLOG='?(\d+)'?$/m) },
    vmArgs: withoutTls(text('vm.args')),
    control: ['-args_file', remoteVmArgs],
    kernel: text('sysctl.conf').split('\n').filter(isSetting),
    openFiles: Number(value(text('limits.conf'), /^LimitNOFILE=(\d+)$/m)),
  };
}

/** Leaves out TLS between nodes, whose certificates an authority of the environment signs: it is not what is measured here. */
function withoutTls(vmArgs: string): string {
  return vmArgs.replace(/^-(proto_dist|ssl_dist_optfile) .*\n/gm, '');
}

function isSetting(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('#');
}

function value(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`nothing in the boot bundle is like ${pattern}`);
  return found;
}
