import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootSteps } from '../../lib/node/boot-steps';
import { type Machine, machine } from './machine';

const pressure = { retryAfterSeconds: 30, lowPriorityPaths: ['/batch/', '/reports'] };
const ASK = 'opt/beamstalk/boot/files/bin/pressure.sh';

/** What Parameter Store says when it is asked for the parameter. */
function answering(node: Machine, answer: string): void {
  node.parameters({ 'ingress/app-endpoint': 'app.test' }, `'ssm get-parameter '*) ${answer} ;;`);
}

const on = 'echo on';
const off = 'echo off';
const unknown = `echo 'An error occurred (ParameterNotFound) when calling the GetParameter operation' >&2; exit 254`;
const silence = `echo 'Connect timeout on endpoint URL' >&2; exit 255`;

function heard(node: Machine): { file: string; shedding: boolean } {
  return {
    file: node.read('run/beamstalk/pressure').trim(),
    shedding: existsSync(node.path('run/beamstalk/shedding')),
  };
}

describe('a node that listens for back pressure', () => {
  it('asks for the one parameter of its environment', () => {
    const node = machine({ role: 'app', steps: [], pressure });
    answering(node, on);
    node.bash([ASK]);
    expect(node.callsOf('aws')).toEqual([expect.stringContaining(' --name /beamstalk/dev/pressure/shed ')]);
  });

  it.each([
    ['on', on, { file: 'on', shedding: true }],
    ['off', off, { file: 'off', shedding: false }],
    ['nothing, as before the queues are there', unknown, { file: 'off', shedding: false }],
    ['nobody, the first time', silence, { file: 'off', shedding: false }],
    ['something else', 'echo maybe', { file: 'off', shedding: false }],
  ])('and hears %s', (_, answer, expected) => {
    const node = machine({ role: 'app', steps: [], pressure });
    answering(node, answer);
    expect(node.bash([ASK])).toMatchObject({ status: 0 });
    expect(heard(node)).toEqual(expected);
  });

  it('follows when it changes, and says so once', () => {
    const node = machine({ role: 'app', steps: [], pressure });
    const said = [on, on, off, off].map((answer) => {
      answering(node, answer);
      return node.bash([ASK]).output;
    });
    expect(said).toEqual([
      'beamstalk: the queues do not keep up: low-priority work is turned away\n',
      '',
      'beamstalk: low-priority work is let in again\n',
      '',
    ]);
    expect(heard(node)).toEqual({ file: 'off', shedding: false });
  });

  it.each([
    ['turns away', on, { file: 'on', shedding: true }],
    ['lets in', off, { file: 'off', shedding: false }],
  ])('goes on as before while nobody answers: it %s', (_, before, expected) => {
    const node = machine({ role: 'app', steps: [], pressure });
    answering(node, before);
    node.bash([ASK]);
    answering(node, silence);
    node.bash([ASK]);
    expect(heard(node)).toEqual(expected);
  });

  it('finds its way after a restart of the machine, which empties /run', () => {
    const node = machine({ role: 'app', steps: [], pressure });
    answering(node, on);
    expect(node.bash([ASK])).toMatchObject({ status: 0 });
    expect(heard(node).shedding).toBe(true);
  });

  it('does so from its boot on, before what looks at it', () => {
    const node = machine({ role: 'app', steps: ['pressure'], pressure });
    answering(node, on);
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(heard(node).shedding).toBe(true);
    expect(node.callsOf('systemctl')).toContain('systemctl enable --quiet beamstalk-pressure.timer');
    expect(node.read('etc/systemd/system/beamstalk-pressure.timer')).toContain('OnUnitActiveSec=15s\n');
    for (const role of ['web', 'app', 'worker'] as const) {
      const steps = bootSteps({ role, pressure: true });
      const readers = steps.filter((step) => step === 'proxy' || step === 'release');
      for (const reader of readers) expect(steps.indexOf('pressure')).toBeLessThan(steps.indexOf(reader));
      expect(bootSteps({ role })).not.toContain('pressure');
    }
  });
});

describe('a web node', () => {
  function proxy(node: Machine): void {
    answering(node, off);
    node.write('etc/resolv.conf', 'nameserver 10.0.0.2\n');
    expect(node.boot()).toMatchObject({ status: 0 });
  }

  it('has a place for each prefix, which looks for the file at every request', () => {
    const node = machine({ role: 'web', steps: ['pressure', 'proxy'], pressure });
    proxy(node);
    const written = node.read('etc/beamstalk/nginx/low-priority.conf');
    expect([...written.matchAll(/^location (.*) \{$/gm)].map(([, place]) => place)).toEqual([
      '^~ /batch/',
      '^~ /reports',
    ]);
    expect(written).toContain(`if (-f ${node.path('run/beamstalk/shedding')}) {`);
    expect(written).toContain('add_header Retry-After 30 always;');
    expect(written).not.toContain('@');
  });

  it('takes no reload when the answer changes, which would keep old workers for as long as their sockets', () => {
    const node = machine({ role: 'web', steps: ['pressure', 'proxy'], pressure });
    proxy(node);
    const before = node.callsOf('systemctl').length;
    answering(node, on);
    node.bash([ASK]);
    expect(node.callsOf('systemctl')).toHaveLength(before);
  });

  it('of an earlier phase turns nobody away', () => {
    const node = machine({ role: 'web', steps: ['proxy'] });
    proxy(node);
    expect(existsSync(node.path('etc/beamstalk/nginx/low-priority.conf'))).toBe(false);
  });
});

it('a release that faces users itself learns what a proxy would know', () => {
  const node = machine({ role: 'app', steps: ['pressure', 'fetch', 'release'], pressure });
  node.parameters({ 'release/uri': 'none' }, `'ssm get-parameter '*) echo off ;;`);
  expect(node.boot()).toMatchObject({ status: 0 });
  const environment = node.read('etc/beamstalk/release.env');
  expect(environment).toContain(`BEAMSTALK_PRESSURE_FILE="${node.path('run/beamstalk/pressure')}"\n`);
  expect(environment).toContain('BEAMSTALK_RETRY_AFTER_SECONDS="30"\n');
  expect(environment).toContain('BEAMSTALK_LOW_PRIORITY_PATHS="/batch/ /reports"\n');
});
