import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ANSWERS, type Machine, machine } from './machine';

/** An archive of a release in the scratch folder, which `aws s3 cp` hands out. */
function archive(node: Machine, version: string, files: Readonly<Record<string, string>> = {}): void {
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
  spawnSync('chmod', ['+x', node.path(`${root}/bin/echo`)]);
  spawnSync('tar', ['-czf', node.path(`stubs/echo-${version}.tar.gz`), '-C', node.path(root), '.']);
}

const uri = (version: string): string => `s3://bucket/releases/1/echo-${version}.tar.gz`;

const S3 = `*.sha256*) echo 'An error occurred (404)' >&2; exit 1 ;;
's3 cp '*) cp "$STUBS/$(basename "\${@: -2:1}")" "\${@: -1}" ;;`;

/** A node that runs 1.0.0 of the release. */
function running(parameters: Readonly<Record<string, string>> = {}, otherCalls = ''): Machine {
  const node = machine({ role: 'app', steps: ['fetch', 'check', 'release'] });
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
  node.parameters({ 'release/uri': uri('1.0.0'), ...parameters }, `${otherCalls}\n${S3}`);
  expect(node.boot()).toMatchObject({ status: 0 });
  return node;
}

const current = (node: Machine): string => readlinkSync(node.path('opt/beamstalk/current')).replace(/.*\//, '');
const deploy = (node: Machine, event: string, version = '2.0.0', mode = 'rolling') =>
  node.bash(['opt/beamstalk/boot/files/bin/deploy.sh', event, uri(version), mode]);
const restarts = (node: Machine): number =>
  node.callsOf('systemctl').filter((call) => call === 'systemctl restart beamstalk.service').length;

describe('which release a node boots', () => {
  const booted = (parameters: Readonly<Record<string, string>>): string => current(running(parameters));

  it('is what the configuration names, as long as nothing was deployed', () => {
    expect(booted({})).toBe('echo-1.0.0');
  });

  it('is what was deployed last, so that a replacement runs what the others run', () => {
    expect(booted({ 'release/current': `${uri('2.0.0')} ${uri('1.0.0')}` })).toBe('echo-2.0.0');
  });

  it('is what the configuration names again, once it names something else than when that was deployed', () => {
    expect(booted({ 'release/current': `${uri('2.0.0')} ${uri('0.9.0')}` })).toBe('echo-1.0.0');
  });

  it('is what was deployed also where the configuration names none', () => {
    expect(booted({ 'release/uri': 'none', 'release/current': `${uri('2.0.0')} none` })).toBe('echo-2.0.0');
  });
});

describe('a rolling deployment', () => {
  it('lets connections go, starts the release, and is well when the release answers', () => {
    const node = running();
    node.answer('ss', `if [[ -f "$STUBS/gone" ]]; then exit 0; fi; touch "$STUBS/gone"; echo one`);
    const before = deploy(node, 'BeforeInstall');
    expect(before).toMatchObject({ status: 0 });
    expect(before.output).toContain('drained with 0 connections left');
    // Not before the traffic is gone and the release was checked.
    expect([current(node), restarts(node)]).toEqual(['echo-1.0.0', 1]);
    expect(deploy(node, 'ApplicationStart')).toMatchObject({ status: 0 });
    expect([current(node), restarts(node)]).toEqual(['echo-2.0.0', 2]);
    expect(deploy(node, 'ValidateService').output).toContain('beamstalk: runs echo-2.0.0');
    expect(node.callsOf('aws').filter((call) => call.includes('elbv2'))).toEqual([]);
    // A way back keeps what it goes back to, however old that is.
    archive(node, '3.0.0');
    for (const [version, left] of [
      ['3.0.0', ['echo-2.0.0', 'echo-3.0.0']],
      ['1.0.0', ['echo-1.0.0', 'echo-3.0.0']],
    ] as const) {
      for (const event of ['BeforeInstall', 'ApplicationStart', 'ValidateService']) deploy(node, event, version);
      expect(readdirSync(node.path('opt/beamstalk/releases')).sort()).toEqual(left);
    }
  });

  it('refuses what cannot run here while the old release still runs, and says why', () => {
    const node = running();
    archive(node, '3.0.0', { 'lib/crypto/priv/crypto.so': 'GLIBC_2.99' });
    const { status, output } = deploy(node, 'BeforeInstall', '3.0.0');
    expect(status).not.toBe(0);
    expect(output).toContain('beamstalk: BeforeInstall: release echo-3.0.0 needs glibc 2.99');
    expect(current(node)).toBe('echo-1.0.0');
    expect(node.callsOf('ss')).toEqual([]);
  });

  it('fails when the release does not answer', () => {
    const node = running();
    deploy(node, 'BeforeInstall');
    deploy(node, 'ApplicationStart');
    node.answer('curl', 'case "$*" in *:4000/*) exit 7 ;; *) echo i-1 ;; esac');
    const { status, output } = node.bash(
      ['opt/beamstalk/boot/files/bin/deploy.sh', 'ValidateService', uri('2.0.0'), 'rolling'],
      { BEAMSTALK_PATIENCE_SECONDS: '0' },
    );
    expect(status).not.toBe(0);
    expect(output).toContain('ValidateService: the release does not answer http://127.0.0.1:4000');
  });

  it('lets a worker end its jobs', () => {
    const node = running();
    const conf = 'opt/beamstalk/boot/node.conf';
    node.write(
      conf,
      node.read(conf).replace("ROLE='app'", "ROLE='worker'").concat("JOB_QUEUES=''\nJOBS_AT_ONCE='1'\n"),
    );
    expect(deploy(node, 'BeforeInstall')).toMatchObject({ status: 0 });
    expect(existsSync(node.path('run/beamstalk/drain'))).toBe(true);
    expect(node.callsOf('ss')).toEqual([]);
    expect(deploy(node, 'ApplicationStart')).toMatchObject({ status: 0 });
    expect(existsSync(node.path('run/beamstalk/drain'))).toBe(false);
  });

  it('reaches the node by the hook in the bundle', () => {
    const node = running();
    spawnSync('cp', ['-r', 'lib/constructs/delivery/files/bundle', node.path('bundle')]);
    node.write('bundle/release', `${uri('2.0.0')}\nrolling\n`);
    expect(node.bash(['bundle/hook.sh'], { LIFECYCLE_EVENT: 'BeforeInstall' })).toMatchObject({ status: 0 });
    expect(readlinkSync(node.path('opt/beamstalk/next'))).toMatch(/echo-2\.0\.0$/);
  });
});

describe('a hot deployment', () => {
  const RELUP = { 'releases/2.0.0/relup': '{"2.0.0",[{"1.0.0",[],[]}],[]}.' };
  const groups = { 'delivery/target-groups': 'arn:one arn:two' };

  function hot(files: Readonly<Record<string, string>>, answer?: string): Machine {
    const node = running(groups);
    archive(node, '2.0.0', files);
    if (answer !== undefined) node.write('stubs/upgrades', answer);
    return node;
  }
  const all = (node: Machine): string =>
    ['BeforeInstall', 'ApplicationStart', 'ValidateService']
      .map((event) => deploy(node, event, '2.0.0', 'hot'))
      .map(({ status, output }) => `${status}\n${output}`)
      .join('');

  it('upgrades the running release, and neither leaves the load balancer nor restarts', () => {
    const node = hot(RELUP, 'upgraded\n');
    expect(all(node)).toContain('upgraded from 1.0.0 to 2.0.0 without a restart');
    expect([current(node), restarts(node)]).toEqual(['echo-2.0.0', 1]);
    expect(node.callsOf('aws').filter((call) => call.includes('elbv2'))).toEqual([]);
    expect(node.callsOf('ss')).toEqual([]);
    // The books lie where the release may write, and forget what was before the next start.
    expect(existsSync(node.path('var/lib/beamstalk/home/releases/2.0.0/relup'))).toBe(true);
    expect(node.read('etc/beamstalk/release.env')).toMatch(/^RELDIR=".*\/home\/releases"$/m);
  });

  it.each([
    ['carries no upgrade', {}, undefined, 'relup is not in the release'],
    [
      'knows no way from the one that runs',
      { 'releases/2.0.0/relup': '{"2.0.0",[{"0.9.0",[],[]}],[]}.' },
      undefined,
      'knows no way from 1.0.0',
    ],
    [
      'brings another runtime',
      { ...RELUP, 'releases/start_erl.data': '16.0 2.0.0' },
      undefined,
      'another Erlang runtime',
    ],
    [
      'asks for a restart',
      { 'releases/2.0.0/relup': '{"2.0.0",[{"1.0.0",[],[restart_emulator]}],[]}.' },
      undefined,
      'restart by itself',
    ],
    ['is not taken', RELUP, '** (MatchError) no match\n', 'the node leaves its load balancer'],
  ])('of a release that %s is a rolling one', (_case, files, answer, reason) => {
    const node = hot(files, answer);
    const output = all(node);
    expect(output).toContain(reason);
    expect([current(node), restarts(node)]).toEqual(['echo-2.0.0', 2]);
    const steps = node.callsOf('aws').filter((call) => call.includes('elbv2'));
    expect(steps.map((call) => call.replace(/^aws elbv2 (wait )?/, '').split(' ')[0])).toEqual([
      ...['deregister-targets', 'deregister-targets', 'target-deregistered', 'target-deregistered'],
      ...['register-targets', 'register-targets', 'target-in-service', 'target-in-service'],
    ]);
  });
});
