import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { natUserData } from '../../lib/node/nat-user-data';
import { userData } from '../../lib/node/user-data';
import { type Machine, machine } from './machine';

describe('user data', () => {
  const props = {
    bundleUrl: 's3://assets/bundle.zip',
    image: 'amazon-linux-2023',
    region: 'eu-west-1',
    environment: 'dev',
    role: 'app',
    stackName: 'dev-app',
    fleetLogicalId: 'FleetGroup',
  } as const;

  function run(node: Machine): ReturnType<Machine['bash']> {
    node.write('user-data', userData(props).replaceAll('/opt/beamstalk', node.path('opt/beamstalk')));
    return node.bash(['user-data']);
  }

  it('hands over to the bundle that it fetched', () => {
    const node = machine();
    node.write('new/boot.sh', 'echo "boots $*"');
    spawnSync('python3', ['-m', 'zipfile', '-c', node.path('bundle.zip'), node.path('new/boot.sh')]);
    node.parameters({}, `'s3 cp '*) cp "$BEAMSTALK_ROOT/bundle.zip" "\${@: -1}" ;;`);
    expect(run(node)).toEqual({ status: 0, output: 'boots dev-app FleetGroup\n' });
  });

  it('says why it cannot, and has the group replace the instance', () => {
    const node = machine();
    node.parameters({}, `'s3 cp '*) echo 'fatal error: no such bundle' >&2; exit 1 ;;`);
    expect(run(node).output).toContain('beamstalk: boot failed at step bundle: fatal error: no such bundle\n');
    expect(node.callsOf('aws').slice(-2)).toEqual([
      'aws cloudformation signal-resource --stack-name dev-app --logical-resource-id FleetGroup --unique-id i-1 --status FAILURE',
      'aws autoscaling set-instance-health --instance-id i-1 --health-status Unhealthy --no-should-respect-grace-period',
    ]);
  });

  it('of the NAT instance is bash too, well below what EC2 takes', () => {
    const script = natUserData({
      networkInterfaceId: 'eni-1',
      region: 'eu-west-1',
      stackName: 's',
      groupLogicalId: 'g',
    });
    expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr).toBe('');
    expect(script.length).toBeLessThan(8192);
  });

  it('is the same for every node of a fleet, short, and carries no endpoint', () => {
    expect(userData(props).length).toBeLessThan(4096);
    expect(userData(props)).not.toContain('/beamstalk/dev/');
  });
});
