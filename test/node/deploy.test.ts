import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { archive, current, deploy, restarts, running, uri } from './deployed-node';
import type { Machine } from './machine';

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

describe('a node that boots', () => {
  // What it says of a release without a migration tells that it has looked for one.
  const LOOKED = 'echo-2.0.0 has no bin/migrate: no migration';

  it.each([
    ['migrates what the configuration has brought', { 'release/uri': uri('2.0.0') }, true],
    ['leaves what was rolled out as it is', { 'release/current': `${uri('2.0.0')} ${uri('1.0.0')}` }, false],
    ['migrates what comes by new nodes alone', { 'release/current': `${uri('2.0.0')} ${uri('1.0.0')} migrate` }, true],
  ])('%s', (_case, parameters, looks) => {
    const node = running(parameters, { steps: ['fetch', 'check', 'migrate', 'release'] });
    expect(node.boot().output.includes(LOOKED)).toBe(looks);
    expect(current(node)).toBe('echo-2.0.0');
  });
});

describe('a rolling deployment', () => {
  it('leaves the load balancer, lets connections go while they are let be, and comes back', () => {
    const node = running({ 'delivery/target-groups': 'arn:one' });
    node.answer('ss', `if [[ -f "$STUBS/gone" ]]; then exit 0; fi; touch "$STUBS/gone"; echo one`);
    expect(deploy(node, 'BeforeInstall').output).toContain('drained with 0 connections left');
    expect(node.read('stubs/target')).toBe('draining\n');
    deploy(node, 'ApplicationStart');
    expect(deploy(node, 'ValidateService')).toMatchObject({ status: 0 });
    expect(node.read('stubs/target')).toBe('healthy\n');
    const calls = node
      .calls()
      .map((call) => /elbv2 (?:de)?register-targets|^ss|restart beamstalk\.service/.exec(call)?.[0]);
    expect(calls.filter(Boolean)).toEqual([
      'restart beamstalk.service',
      'elbv2 deregister-targets',
      ...['ss', 'ss'],
      'restart beamstalk.service',
      'elbv2 register-targets',
    ]);
  });

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
    node.answer('curl', 'case "$*" in *:4000/*) exit 7 ;; *lifecycle-state*) echo InService ;; *) echo i-1 ;; esac');
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

it('an earlier deployment that left the load balancer is made good by the next', () => {
  const node = running({ 'delivery/target-groups': 'arn:one' });
  node.write('var/lib/beamstalk/left', 'since then\n');
  node.write('stubs/target', 'draining\n');
  for (const event of ['BeforeInstall', 'ApplicationStart', 'ValidateService']) deploy(node, event, '2.0.0', 'hot');
  expect(node.read('stubs/target')).toBe('healthy\n');
  expect(existsSync(node.path('var/lib/beamstalk/left'))).toBe(false);
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

  it.each<[string, (node: Machine) => void]>([
    ['has let its users go', (node) => deploy(node, 'BeforeInstall')],
    ['was told to take no jobs', (node) => node.write('run/beamstalk/drain', 'deploying\n')],
  ])('after one that was ended when the release %s starts it anew: it would take nobody new', (_, earlier) => {
    const node = hot(RELUP, 'upgraded\n');
    earlier(node);
    expect(all(node)).toMatch(/no hot upgrade: an earlier deployment or rollout has taken the node out of service/);
    expect([current(node), restarts(node), node.read('stubs/target')]).toEqual(['echo-2.0.0', 2, 'healthy\n']);
    for (const mark of ['var/lib/beamstalk/left', 'run/beamstalk/drain'])
      expect(existsSync(node.path(mark))).toBe(false);
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
    expect(steps.map((call) => call.split(' ')[2])).toEqual([
      ...['deregister-targets', 'deregister-targets', 'describe-target-health', 'describe-target-health'],
      ...['register-targets', 'register-targets', 'describe-target-health', 'describe-target-health'],
    ]);
  });
});
