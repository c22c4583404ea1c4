import { describe, expect, it } from 'vitest';
import { type Machine, machine } from './machine';

/** A box whose release runs with the login that the secret held when it booted. */
function bootedBox(): Machine {
  const node = machine({ steps: ['release', 'credentials'] });
  node.write('opt/beamstalk/current/responder.py', '');
  node.write('secret', '{"username":"app","password":"first"}');
  node.parameters(
    { 'database/endpoint': 'db.test', 'database/application-secret': 'arn:app' },
    `*arn:app*) cat "$BEAMSTALK_ROOT/secret" ;;`,
  );
  expect(node.boot()).toMatchObject({ status: 0 });
  return node;
}

const LOOK = ['opt/beamstalk/boot/files/bin/credentials.sh'] as const;
const restarts = (node: Machine): number =>
  node.callsOf('systemctl').filter((call) => call === 'systemctl restart beamstalk.service').length;
const url = (node: Machine): string | undefined =>
  /^DATABASE_URL="(.*)"$/m.exec(node.read('etc/beamstalk/release.env'))?.[1];

describe('the database login of a box', () => {
  it('is looked at every night, after the hours in which passwords change', () => {
    const node = bootedBox();
    expect(node.callsOf('systemctl')).toContain('systemctl enable --quiet --now beamstalk-credentials.timer');
    expect(node.read('etc/systemd/system/beamstalk-credentials.timer')).toContain('OnCalendar=*-*-* 04:30:00 UTC');
  });

  it('starts nothing anew while it is the current one', () => {
    const node = bootedBox();
    expect(node.bash(LOOK)).toEqual({ status: 0, output: '' });
    expect(restarts(node)).toBe(1);
  });

  it.each([
    ['user', '{"username":"app_clone","password":"x-_9"}', 'postgres://app_clone:x-_9@db.test:5432/app'],
    [
      'password',
      '{"username":"app","password":"a/b $(id) é"}',
      'postgres://app:a%2Fb%20%24%28id%29%20%C3%A9@db.test:5432/app',
    ],
  ])('follows another %s, with one restart', (_, secret, expected) => {
    const node = bootedBox();
    node.write('secret', secret);
    expect(node.bash(LOOK).status).toBe(0);
    expect(url(node)).toBe(expected);
    expect(restarts(node)).toBe(2);
    expect(node.bash(LOOK).status).toBe(0);
    expect(restarts(node)).toBe(2);
    expect(node.calls().join('\n')).not.toMatch(/x-_9|a\/b \$|a%2Fb/);
  });

  it('is in the secret that the parameter names, whatever the application says of it', () => {
    const node = bootedBox();
    // The application's own variables come last.
    const environment = node.read('etc/beamstalk/release.env');
    for (const line of ['file:///root-only', 'arn:another']) {
      node.write('etc/beamstalk/release.env', `${environment}DATABASE_SECRET_ARN="${line}"\n`);
      expect(node.bash(LOOK)).toEqual({ status: 0, output: '' });
    }
    expect(node.callsOf('aws').join('\n')).not.toMatch(/file:|arn:another/);
    expect(restarts(node)).toBe(1);
  });

  it('starts nothing on a machine that is to end', () => {
    const node = bootedBox();
    node.write('secret', '{"username":"app","password":"second"}');
    node.write('stubs/lifecycle', 'Terminated');
    expect(node.bash(LOOK)).toEqual({ status: 0, output: '' });
    expect(restarts(node)).toBe(1);
  });

  it('is not what the command line prints for a secret without a text', () => {
    const node = bootedBox();
    node.write('secret', 'None');
    expect(node.bash(LOOK).status).not.toBe(0);
    expect(node.read('run/beamstalk/reason.credentials')).toBe('secret arn:app holds no text\n');
    expect(restarts(node)).toBe(1);
  });

  it('stays as it is when nobody answers for the secret', () => {
    const node = bootedBox();
    node.answer('aws', 'exit 255');
    expect(node.bash(LOOK).status).not.toBe(0);
    expect(url(node)).toBe('postgres://app:first@db.test:5432/app');
    expect(restarts(node)).toBe(1);
  });
});
