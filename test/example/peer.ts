import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority, NodeIdentity } from '../../lambda/cluster-certificate/certificate';
import { instanceType } from '../../lib/facts/instance-type';
import { clusterArgs, clusterTls } from '../../lib/node/cluster-args';
import { remoteVmArgs } from '../../lib/node/remote-vm-args';
import { vmArgs } from '../../lib/node/vm-args';
import { certified, publicDer } from '../peers/cluster-authority';
import { type Environment, folder } from './machine';

/** Folder of the certificate of a machine; here several nodes share one. */
const CLUSTER = '/etc/beamstalk/cluster';

const { inside, outside } = folder();

export const address = (number: number): string => `127.0.1.${number}`;
export const nameOf = (number: number): string => `counter@${address(number)}`;

/**
 * Gives a node a new key and a certificate for it, each by a rename, as `cluster-certificate.sh` does.
 *
 * @returns the certificate's serial number.
 */
export async function certify(
  number: number,
  authority: Authority,
  identity: Partial<NodeIdentity> = {},
): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const made = await certified(authority, { address: address(number), publicKey: publicDer(publicKey), ...identity });
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  put(number, 'authorities.pem', made.authorities);
  put(number, 'node.pem', made.certificate + key);
  return new X509Certificate(made.certificate).serialNumber;
}

function put(number: number, name: string, text: string): void {
  const at = join(outside, String(number));
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, `${name}.new`), text.replaceAll(CLUSTER, `${inside}/${number}`));
  chmodSync(join(at, `${name}.new`), 0o644);
  renameSync(join(at, `${name}.new`), join(at, name));
}

/** Settings that a test has otherwise than user data. */
interface Changes {
  readonly args?: (vmArgs: string) => string;
  readonly tls?: (options: string) => string;
}

const asTheyAre = (text: string): string => text;

/** Files of a node as user data writes them, bound to its own address, and the variables that name them. */
export function peerFiles(number: number, { args = asTheyAre, tls = asTheyAre }: Changes = {}): Environment {
  const bound = `-kernel inet_dist_use_interface {127,0,1,${number}}\n`;
  put(number, 'vm.args', args(`${vmArgs(instanceType('t3.medium'))}${clusterArgs()}${bound}`));
  put(number, 'remote.vm.args', `${remoteVmArgs()}${clusterArgs()}`);
  put(number, 'tls.conf', tls(clusterTls()));
  return {
    ...{ RELEASE_NODE: nameOf(number), RELEASE_VM_ARGS: `${inside}/${number}/vm.args` },
    RELEASE_REMOTE_VM_ARGS: `${inside}/${number}/remote.vm.args`,
  };
}

/** Command of a node that is no release: Elixir's own program, which loads code when it is called for. */
export function elixir(files: Environment, cookie: string, ...more: readonly string[]): readonly string[] {
  const { RELEASE_NODE: name = '', RELEASE_VM_ARGS: file = '' } = files;
  return ['elixir', '--name', name, '--cookie', cookie, '--erl', `-args_file ${file}`, ...more];
}

/** Changes arguments for such a node. */
export const loadedOnDemand = (text: string): string => text.replace('-mode embedded\n', '');
