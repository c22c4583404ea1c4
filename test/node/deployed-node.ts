import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { expect } from 'vitest';
import type { NodeBlueprint } from '../../lib/node/blueprint';
import { ANSWERS, type Machine, machine } from './machine';

/** An archive of a release in the scratch folder, which `aws s3 cp` hands out. */
export function archive(node: Machine, version: string, files: Readonly<Record<string, string>> = {}): void {
  const root = `archives/${version}`;
  node.write(
    `${root}/erts-15.2/bin/beam.smp`,
    Buffer.concat([Buffer.alloc(18), Buffer.from([0x3e, 0]), Buffer.from('GLIBC_2.34')]),
  );
  node.write(`${root}/lib/crypto/priv/crypto.so`, 'GLIBC_2.17');
  node.write(`${root}/releases/start_erl.data`, `15.2 ${version}`);
  node.write(`${root}/releases/${version}/echo.rel`, '');
  node.write(`${root}/bin/echo`, '#!/bin/sh\nRELEASE_VM_ARGS=\n');
  for (const [name, text] of Object.entries(files)) node.write(`${root}/${name}`, text);
  spawnSync('chmod', ['-R', '+x', node.path(`${root}/bin`)]);
  spawnSync('tar', ['-czf', node.path(`stubs/echo-${version}.tar.gz`), '-C', node.path(root), '.']);
}

export const uri = (version: string): string => `s3://bucket/releases/1/echo-${version}.tar.gz`;

const S3 = `*.sha256*) echo 'An error occurred (404)' >&2; exit 1 ;;
's3 cp '*) cp "$STUBS/$(basename "\${@: -2:1}")" "\${@: -1}" ;;`;

/**
 * A load balancer that does at once what it is told, and the name of the group. A target that it lets go is `draining` for the whole of its
 * deregistration delay.
 */
const TARGETS = `'ec2 describe-instances '*) echo group ;;
'elbv2 deregister-targets '*) echo draining > "$STUBS/target" ;;
'elbv2 register-targets '*) echo healthy > "$STUBS/target" ;;
'elbv2 describe-target-health '*) cat "$STUBS/target" ;;`;

/**
 * A node that runs 1.0.0 of the release. `otherCalls` are patterns of further calls to AWS with their answers, in bash;
 * `prepare` does what there has to be before the boot.
 */
export function running(
  parameters: Readonly<Record<string, string>> = {},
  changes: Partial<NodeBlueprint> = {},
  otherCalls = '',
  prepare: (node: Machine) => void = () => undefined,
): Machine {
  const { steps = ['fetch', 'check', 'release'] } = changes;
  const node = machine({ role: 'app', ...changes, steps: [...steps, 'agent'] });
  // Its agent is there already: the tests do what it would do.
  node.write('opt/beamstalk/boot/steps/agent.sh', 'exit 0\n');
  archive(node, '1.0.0');
  archive(node, '2.0.0');
  // Programs of the release that are run by its user; all else that he does is done.
  node.answer(
    'setpriv',
    `if [[ "$*" == *in-environment.py* ]]; then
      if [[ "$*" == *" rpc "* && -f "$STUBS/upgrades" ]]; then cat "$STUBS/upgrades"; fi
      exit 0
    fi
    ${ANSWERS.setpriv}`,
  );
  prepare(node);
  node.parameters({ 'release/uri': uri('1.0.0'), ...parameters }, `${TARGETS}\n${S3}\n${otherCalls}`);
  expect(node.boot()).toMatchObject({ status: 0 });
  return node;
}

export const current = (node: Machine): string => readlinkSync(node.path('opt/beamstalk/current')).replace(/.*\//, '');
export const deploy = (
  node: Machine,
  event: string,
  version = '2.0.0',
  mode = 'rolling',
  environment: Readonly<Record<string, string>> = {},
) => node.bash(['opt/beamstalk/boot/files/bin/deploy.sh', event, uri(version), mode], environment);
export const restarts = (node: Machine): number =>
  node.callsOf('systemctl').filter((call) => call === 'systemctl restart beamstalk.service').length;

/** Has Auto Scaling end a node, with so many seconds for its drain and between two heartbeats. */
export function toEnd(
  node: Machine,
  { seconds, heartbeat }: { readonly seconds: number; readonly heartbeat: number },
): void {
  const conf = 'opt/beamstalk/boot/node.conf';
  node.write(
    conf,
    node
      .read(conf)
      .replace(/(DRAIN_SECONDS)='\d+'/, `$1='${seconds}'`)
      .replace(/(HEARTBEAT_SECONDS)='\d+'/, `$1='${heartbeat}'`),
  );
  node.answer(
    'curl',
    `case "$*" in *api/token*) echo token ;; *lifecycle-state*) echo Terminated ;; *) echo i-1 ;; esac`,
  );
}
