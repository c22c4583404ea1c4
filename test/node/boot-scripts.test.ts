import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isReadAtBoot } from '../../lib/facts/boot-parameters';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { FUNCTION_PARAMETERS, NODE_PARAMETERS } from '../../lib/node/parameters';
import { machine } from './machine';

const SCRIPTS = readdirSync(BOOT_DIRECTORY, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.sh'),
);

describe('every script', () => {
  it.each(SCRIPTS.map((name) => [name]))('%s is bash', (name) => {
    expect(spawnSync('bash', ['-n', join(BOOT_DIRECTORY, name)], { encoding: 'utf8' }).stderr).toBe('');
  });

  it('reads the parameters that are written down, and no others', () => {
    // The single database is one of several, which are read by their topic.
    const ofDatabases = [
      ...readFileSync(join(BOOT_DIRECTORY, 'databases.sh'), 'utf8').matchAll(/"\$topic\/([a-z-]+)"/g),
    ].map(([, name = '']) => `database/${name}`);
    const byName = SCRIPTS.flatMap((name) =>
      [
        ...readFileSync(join(BOOT_DIRECTORY, name), 'utf8').matchAll(
          /(?:\((?:fresh_)?parameter|^\s*parameter|parameter_like [a-z-]+|set_from [A-Z_]+) ([a-z-]+\/[a-z-]+)/gm,
        ),
      ].map((match) => match[1]),
    );
    expect([...new Set([...byName, ...ofDatabases])].sort()).toEqual([...NODE_PARAMETERS].sort());
  });

  it('has each of them read when a node boots, or is one of the few that it reads while it lives', () => {
    const atBoot = (name: string) => ['box', 'web', 'app', 'worker'].some((role) => isReadAtBoot(role, name));
    expect(NODE_PARAMETERS.filter((name) => !atBoot(name))).toEqual([
      'delivery/target-groups',
      'cluster/function',
      'ingress/email',
      'mover/box-secret',
      'pressure/shed',
    ]);
  });

  it('reads the parameters of a function that are written down, and no others', () => {
    const databases = readFileSync(join(BOOT_DIRECTORY, 'databases.sh'), 'utf8');
    const read = [...databases.matchAll(/"\$topic\/([a-z-]+)"/g)].map((match) => match[1]);
    expect([...new Set(read)].sort()).toEqual([...FUNCTION_PARAMETERS].sort());
  });

  it('leaves the differences between operating systems to os.sh', () => {
    const knowing = SCRIPTS.filter((name) =>
      /\b(dnf|apt-get|yum|debian-13|amazon-linux)\b/.test(readFileSync(join(BOOT_DIRECTORY, name), 'utf8')),
    );
    expect(knowing).toEqual(['os.sh']);
  });
});

describe('a boot', () => {
  const steps = { steps: ['kernel', 'address', 'drain'] } as const;

  it('does its steps in order', () => {
    const node = machine(steps);
    node.parameters({ 'box/address': 'eipalloc-1' });
    const { status, output } = node.boot();
    expect(output.match(/step \w+/g)).toEqual(['step kernel', 'step address', 'step drain']);
    expect(status).toBe(0);
    expect(node.callsOf('shutdown')).toEqual([]);
  });

  it('stops at the first step that fails, says which and why, and has itself replaced', () => {
    const node = machine(steps);
    node.parameters({ 'box/address': 'eipalloc-1' }, `'ec2 associate-address '*) exit 255 ;;`);
    const { status, output } = node.boot();
    expect(output).toContain('beamstalk: boot failed at step address: address eipalloc-1 cannot be taken\n');
    expect(output).not.toContain('step drain');
    expect(status).toBe(1);
    expect(node.callsOf('aws').slice(-1)).toEqual([
      'aws cloudformation signal-resource --stack-name stack --logical-resource-id fleet --unique-id i-1 --status FAILURE',
    ]);
    expect(node.callsOf('shutdown')).toEqual(['shutdown -h now']);
  });

  it('names a parameter that is missing', () => {
    expect(machine(steps).boot().output).toContain(
      'boot failed at step address: parameter /beamstalk/dev/box/address is missing\n',
    );
  });

  it('names what failed where no step foresaw it', () => {
    const node = machine({ steps: ['drain'] });
    node.answer('systemctl', '[[ "$1" != enable ]] || exit 5');
    expect(node.boot().output).toMatch(
      /boot failed at step drain: `systemctl enable --quiet "\$@"` ended with status 5 \(lib\.sh line \d+\)/,
    );
  });

  it('reads the parameters once, into a file for root alone', () => {
    const node = machine(steps);
    node.parameters({ 'box/address': 'eipalloc-1' });
    node.boot();
    expect(node.callsOf('aws').filter((call) => call.includes('get-parameters'))).toEqual([
      expect.stringMatching(
        /^aws ssm get-parameters --names \/beamstalk\/dev\/box\/address \/beamstalk\/dev\/box\/volume --with-decryption /,
      ),
    ]);
    expect(statSync(node.path('run/beamstalk/parameters')).mode & 0o777).toBe(0o600);
  });
});
