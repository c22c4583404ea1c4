import { existsSync, readdirSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { archive, current, uri } from './deployed-node';
import type { Machine } from './machine';
import { lastLine, node, rollout, units } from './rolling-node';

describe('a box', () => {
  it('turns to the new release beside the old one', () => {
    const box = node('box');
    const before = units(box).length;
    const { status, output } = rollout(box);
    expect(lastLine(output)).toBe('beamstalk: runs echo-2.0.0');
    expect(status).toBe(0);
    expect(current(box)).toBe('echo-2.0.0');
    expect(box.read('var/lib/beamstalk/slot')).toBe('2\n');
    expect(units(box).slice(before)).toEqual([
      'systemctl restart beamstalk-2.service',
      'systemctl disable --quiet --now beamstalk.service',
    ]);
    // Enabled when it serves, and not before: a machine that goes down meanwhile starts with the old one.
    expect(box.callsOf('systemctl')).toContain('systemctl enable --quiet beamstalk-2.service');
    expect(box.read('etc/beamstalk/release-2.env')).toMatch(/^PORT="4001"$/m);
    expect(box.read('etc/beamstalk/nginx/box.conf')).toContain('server 127.0.0.1:4001;');
    expect(box.read('etc/systemd/system/beamstalk-2.service')).toMatch(
      /ExecStart=.*\/releases\/echo-2\.0\.0\/bin\/echo start$/m,
    );
    expect(box.read('etc/beamstalk/vm-2.args')).toContain('inet_dist_listen_min 4371');
    expect(box.read('etc/beamstalk/vm-2.args')).not.toContain('4370');
  });

  it('turns back the same way, to the first slot', () => {
    const box = node('box');
    rollout(box);
    expect(rollout(box, '1.0.0').status).toBe(0);
    expect(current(box)).toBe('echo-1.0.0');
    expect(box.read('var/lib/beamstalk/slot')).toBe('1\n');
    expect(box.read('etc/beamstalk/nginx/box.conf')).toContain('server 127.0.0.1:4000;');
  });

  it('leaves the old one serving when the new one answers 500', () => {
    const box = node('box');
    box.write('stubs/health-4001', '500');
    const { status, output } = rollout(box);
    expect(status).toBe(1);
    expect(lastLine(output)).toBe(
      'beamstalk: echo-2.0.0 is not well: /echo?message=health answers 500 after 2 s. echo-1.0.0 serves',
    );
    expect(output).toContain('beamstalk:   the release said this');
    expect(current(box)).toBe('echo-1.0.0');
    expect(existsSync(box.path('var/lib/beamstalk/slot'))).toBe(false);
    expect(units(box).at(-1)).toBe('systemctl disable --quiet --now beamstalk-2.service');
    expect(box.callsOf('systemctl')).not.toContain('systemctl disable --quiet --now beamstalk.service');
  });

  it('does not wait for a release that cannot stay up, whatever another one did in its unit', () => {
    const box = node('box');
    box.write('stubs/health-4001', '000');
    // systemd goes on counting.
    box.write('stubs/restarts-before', '5');
    box.write('stubs/restarts', '8');
    expect(lastLine(rollout(box).output)).toContain(
      'echo-2.0.0 is not well: it has crashed 3 times. echo-1.0.0 serves',
    );
  });

  it('restarts in place when two do not fit into its memory, and says so', () => {
    const box = node('box');
    box.write('stubs/memory', '9000000000');
    const { status, output } = rollout(box);
    expect(output).toContain('no room for two releases: 1953 MiB are left, and the one that runs holds 8583 MiB');
    expect(output).toContain('echo-1.0.0 ends first: users wait for the seconds of a restart');
    expect(status).toBe(0);
    expect(current(box)).toBe('echo-2.0.0');
    expect(existsSync(box.path('etc/systemd/system/beamstalk-2.service'))).toBe(false);
  });

  it('says so when it runs the release already', () => {
    const box = node('box');
    const before = units(box).length;
    expect(lastLine(rollout(box, '1.0.0').output)).toBe('beamstalk: runs echo-1.0.0 already');
    expect(units(box).slice(before)).toEqual([]);
  });

  it('is not touched while it boots', () => {
    const box = node('box');
    rmSync(box.path('var/lib/beamstalk/booted'));
    expect(lastLine(rollout(box).output)).toBe('beamstalk: the node boots still');
    expect(current(box)).toBe('echo-1.0.0');
  });

  it('finishes what an earlier rollout left half done: nginx goes to the slot that serves, and the other one ends', () => {
    const box = node('box');
    rollout(box);
    // It was ended between the turn and the end of the old one.
    box.write('etc/beamstalk/nginx/box.conf', 'server 127.0.0.1:4000;');
    const before = units(box).length;
    expect(lastLine(rollout(box).output)).toBe('beamstalk: runs echo-2.0.0 already');
    expect(box.read('etc/beamstalk/nginx/box.conf')).toContain('server 127.0.0.1:4001;');
    expect(units(box).slice(before)).toEqual(['systemctl disable --quiet --now beamstalk.service']);
  });

  it('keeps of the releases on its disk the one that runs and the one before', () => {
    const box = node('box');
    archive(box, '3.0.0');
    rollout(box);
    rollout(box, '3.0.0');
    expect(readdirSync(box.path('opt/beamstalk/releases')).sort()).toEqual(['echo-2.0.0', 'echo-3.0.0']);
  });

  it('refuses what is no release before anything changes', () => {
    const box = node('box');
    const { status, output } = box.bash(['opt/beamstalk/boot/files/bin/rollout.sh', 'https://a/b.tar.gz']);
    expect({ status, line: lastLine(output) }).toEqual({
      status: 1,
      line: "beamstalk: the release is 'https://a/b.tar.gz'; expected s3://<bucket>/<key>.tar.gz or none",
    });
  });

  it('boots what it turned to, in the slot that serves', () => {
    const box = node('box', { 'release/current': `${uri('2.0.0')} ${uri('1.0.0')}` });
    rollout(box, '1.0.0');
    rollout(box);
    const before = units(box).length;
    expect(box.boot().status).toBe(0);
    const slot = box.read('var/lib/beamstalk/slot').trim();
    expect(units(box).slice(before).at(-1)).toBe(
      `systemctl restart ${slot === '2' ? 'beamstalk-2.service' : 'beamstalk.service'}`,
    );
    expect(current(box)).toBe('echo-2.0.0');
  });
});

describe('a migration', () => {
  const MIGRATES = { 'bin/migrate': '#!/bin/sh\n' };

  function migrating(status: number): Machine {
    const box = node('box');
    archive(box, '2.0.0', MIGRATES);
    // Programs of the release's user are run by nobody here; it says how it went.
    box.answer(
      'setpriv',
      `if [[ "$*" == *migrate.py* ]]; then echo 'adding a column'; exit ${status}; fi
      if [[ "$*" == *in-environment.py* ]]; then exit 0; fi
      while [[ "$1" == -* ]]; do [[ "$1" != -- ]] || { shift; break; }; shift; done; exec "$@"`,
    );
    return box;
  }

  it('runs before the new release starts', () => {
    const box = migrating(0);
    const { output } = rollout(box, '2.0.0', 'migrate');
    const at = (text: string): number => output.indexOf(text);
    expect(at('adding a column')).toBeGreaterThan(0);
    expect(at('adding a column')).toBeLessThan(at('migrated in'));
    expect(at('migrated in')).toBeLessThan(at('starts beside'));
    expect(lastLine(output)).toBe('beamstalk: runs echo-2.0.0');
  });

  it('ends the rollout when it fails, with the old release as it was', () => {
    const box = migrating(3);
    const before = units(box).length;
    const { status, output } = rollout(box, '2.0.0', 'migrate');
    expect(status).toBe(1);
    expect(output).toContain('beamstalk:   adding a column');
    expect(lastLine(output)).toMatch(/^beamstalk: the migration of echo-2\.0\.0 failed with status 3 after \d+ s$/);
    expect(units(box).slice(before)).toEqual([]);
    expect(current(box)).toBe('echo-1.0.0');
  });

  it('is not asked for of a release without one', () => {
    const box = node('box');
    const { status, output } = rollout(box, '2.0.0', 'migrate');
    expect(output).toContain('echo-2.0.0 has no bin/migrate: no migration');
    expect(status).toBe(0);
  });
});
