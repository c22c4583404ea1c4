import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { instanceType } from '../../lib/facts/instance-type';
import type { NodeBlueprint } from '../../lib/node/blueprint';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { generatedFiles } from '../../lib/node/boot-files';
import { bootSteps } from '../../lib/node/boot-steps';
import { deregistrationDelaySeconds, drainSeconds, heartbeatSeconds, LAST_TO_COME_SECONDS } from '../../lib/node/drain';
import { vmArgs } from '../../lib/node/vm-args';
import { blueprint } from './machine';

function file(name: string, changes: Partial<NodeBlueprint> = {}): string {
  const text = generatedFiles(blueprint(changes)).get(name);
  if (text === undefined) throw new Error(`no file ${name}`);
  return text;
}

describe('vm.args', () => {
  const busyWait = /^\+sbwt none\n\+sbwtdcpu none\n\+sbwtdio none$/m;

  it('takes the tables from the size', () => {
    expect(vmArgs(instanceType('c7i.12xlarge'))).toMatch(/^\+P 4194304\n\+Q 2097152$/m);
  });

  it.each(['t4g.small', 'c7i.large', 'c8i.96xlarge'])(
    'has %s work or sleep, so that its CPU says what it does',
    (name) => {
      expect(vmArgs(instanceType(name))).toMatch(busyWait);
    },
  );

  it('binds schedulers from 24xlarge', () => {
    expect(vmArgs(instanceType('c7i.24xlarge'))).toMatch(/^\+stbt db$/m);
    expect(vmArgs(instanceType('c7i.16xlarge'))).not.toContain('+stbt');
  });

  it('leaves the number of schedulers to the BEAM up to 1,024 processors', () => {
    expect(vmArgs(instanceType('c8i.96xlarge'))).not.toContain('+S ');
    expect(vmArgs({ ...instanceType('c8i.96xlarge'), vcpu: 1280 })).toMatch(/^\+S 1024$/m);
  });

  it('keeps distribution on one port outside the range of outgoing connections', () => {
    expect(vmArgs(instanceType('c7i.large'))).toContain('-start_epmd false\n-erl_epmd_port 4370\n');
    const sysctl = file('sysctl.conf', { role: 'web' });
    expect(/^net.ipv4.ip_local_reserved_ports = (.*)$/m.exec(sysctl)?.[1]?.split(',')).toContain('4370');
  });
});

describe('the kernel and the limits', () => {
  it('allow the open files that the BEAM is told to take', () => {
    const type = { instanceType: instanceType('c7i.48xlarge') };
    expect(file('limits.conf', type)).toContain('LimitNOFILE=8388608\n');
    expect(file('sysctl.conf', type)).toContain('fs.nr_open = 8388608\n');
  });

  it('let a server ask for the backlog that its release is told', () => {
    const [, said] = /^LISTEN_BACKLOG='(\d+)'$/m.exec(file('node.conf')) ?? [];
    expect(Number(said)).toBeGreaterThanOrEqual(16_384);
    expect(file('sysctl.conf')).toContain(`net.core.somaxconn = ${said}\n`);
  });

  it('leave alone what harms when set', () => {
    for (const harmful of ['tcp_mem', 'rmem_default', 'wmem_default', 'tcp_rmem']) {
      expect(file('sysctl.conf')).not.toContain(harmful);
    }
  });

  it('widen the outgoing ports for proxies only', () => {
    expect(file('sysctl.conf', { role: 'web' })).toContain('ip_local_port_range');
    for (const role of ['app', 'worker'] as const) {
      expect(file('sysctl.conf', { role })).not.toContain('ip_local_port_range');
    }
  });
});

describe('node.conf', () => {
  it('is quoted for the shell', () => {
    expect(file('node.conf', { healthPath: `/a?b='$(reboot)'` })).toContain(`HEALTH_PATH='/a?b='\\''$(reboot)'\\'''\n`);
  });

  it('carries the steps in order', () => {
    expect(file('node.conf', { steps: ['fetch', 'check', 'ready'] })).toContain("STEPS='fetch check ready'\n");
  });
});

describe('distribution', () => {
  const OVER_TLS = '-proto_dist inet_tls\n-ssl_dist_optfile /etc/beamstalk/cluster/tls.conf\n';
  const overTls = (changes: Partial<NodeBlueprint>) =>
    ['vm.args', 'remote.vm.args'].map((name) => file(name, changes).includes(OVER_TLS));

  it('goes over TLS for the node and for commands beside it, where the node has peers', () => {
    const steps = bootSteps({ role: 'app', cluster: true, reports: true });
    expect(overTls({ role: 'app', steps })).toEqual([true, true]);
    expect(file('cluster-tls.conf', { role: 'app', steps })).toContain('{fail_if_no_peer_cert, true}');
    expect(file('cloudwatch-agent.json', { role: 'app', steps })).toContain('beamstalk-cluster.service');
    expect(file('node.conf', { role: 'app', steps })).toContain("IDENTITY_HOST='sts.eu-west-1.amazonaws.com'\n");
  });

  it.each(['box', 'app', 'worker'] as const)('is plain where that is said: %s', (role) => {
    const changes = { role, steps: bootSteps({ role, reports: true }) };
    expect(overTls(changes)).toEqual([false, false]);
    expect(generatedFiles(blueprint(changes)).has('cluster-tls.conf')).toBe(false);
    expect(file('cloudwatch-agent.json', changes)).not.toContain('beamstalk-cluster');
  });

  it('has no place on a box, which has no peers', () => {
    expect(bootSteps({ role: 'box', cluster: true })).not.toContain('cluster');
    expect(bootSteps({ role: 'web', cluster: true })).not.toContain('cluster');
  });

  it('is ready before anything of the release runs, and not while a node waits', () => {
    const steps = bootSteps({ role: 'app', warm: true, cluster: true });
    expect(steps.indexOf('cluster')).toBeGreaterThan(steps.indexOf('warm'));
    expect(steps.indexOf('cluster')).toBeLessThan(steps.indexOf('migrate'));
  });
});

describe('boot steps', () => {
  const roles = [
    bootSteps({ role: 'box', localDatabase: true }),
    bootSteps({ role: 'box' }),
    bootSteps({ role: 'web' }),
    bootSteps({ role: 'app' }),
    bootSteps({ role: 'app', warm: true, deployed: true, pressure: true, cluster: true, reports: true }),
    bootSteps({ role: 'worker', pressure: true, reports: true }),
    bootSteps({ role: 'mover', reports: true }),
  ];

  it('each have a script, and every script is a step of some role', () => {
    const scripts = readdirSync(`${BOOT_DIRECTORY}/steps`).map((name) => name.replace(/\.sh$/, ''));
    expect(scripts.sort()).toEqual([...new Set(roles.flat())].sort());
  });

  it('refuse a release before they take what there is only one of', () => {
    for (const steps of roles.filter((steps) => steps.includes('address'))) {
      expect(steps.indexOf('check')).toBeLessThan(steps.indexOf('address'));
      expect(steps.indexOf('check')).toBeGreaterThan(steps.indexOf('fetch'));
    }
  });

  it('end with ready', () => {
    expect(new Set(roles.map((steps) => steps.at(-1)))).toEqual(new Set(['ready']));
  });

  it('touch a volume only where there is a local database', () => {
    expect(roles.map((steps) => steps.includes('volume'))).toEqual(roles.map((steps) => steps.includes('database')));
  });
});

describe('the drain', () => {
  it('lets a full node go at the configured rate', () => {
    // 1,258,291 connections at 500 a second.
    expect(drainSeconds(instanceType('c7i.12xlarge'), 500)).toBe(2517);
  });

  it('takes a minute at least and two days at most', () => {
    expect(drainSeconds(instanceType('t3.nano'), 10_000)).toBe(60);
    expect(drainSeconds(instanceType('r8i.96xlarge'), 1)).toBe(172_800);
  });

  it('fits what a hook and a target group accept', () => {
    expect([heartbeatSeconds(105), heartbeatSeconds(172_800)]).toEqual([105, 7200]);
    // 100 heartbeats is the other bound that Auto Scaling sets to a hook.
    expect(heartbeatSeconds(172_800) * 100).toBeGreaterThanOrEqual(172_800);
    expect([deregistrationDelaySeconds(105), deregistrationDelaySeconds(172_800)]).toEqual([165, 3600]);
  });

  it('begins when the last users have come, for which the target group waits too', () => {
    const users = readFileSync(join(BOOT_DIRECTORY, 'users.sh'), 'utf8');
    expect(users).toContain(`LAST_TO_COME_SECONDS=${LAST_TO_COME_SECONDS}\n`);
    const type = instanceType('c7i.xlarge');
    expect(deregistrationDelaySeconds(drainSeconds(type, 500))).toBeGreaterThan(
      LAST_TO_COME_SECONDS + drainSeconds(type, 500),
    );
  });
});
