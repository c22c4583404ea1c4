import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIFECYCLE_HOOKS } from '../../lib/node/lifecycle-hooks';
import { type Machine, machine } from './machine';

function node(target: string): Machine {
  const made = machine({ role: 'app', steps: ['kernel', 'warm', 'drain', 'ready'] });
  made.answer(
    'curl',
    `case "$*" in *api/token*) echo token ;; *target-lifecycle-state*) echo '${target}' ;; *meta-data/instance-id*) echo i-1 ;; esac`,
  );
  made.parameters({}, `'ec2 describe-instances '*) echo group ;;`);
  return made;
}

const hook = (made: Machine): readonly string[] =>
  made.callsOf('aws').filter((call) => call.includes('complete-lifecycle-action'));
const signals = (made: Machine): readonly string[] =>
  made.callsOf('aws').filter((call) => call.includes('signal-resource'));
/** By the hook of the group, and by that of an earlier version, which is there until an update is over. */
const completed = (result: string): readonly string[] =>
  [LIFECYCLE_HOOKS.launch, 'launch'].map(
    (name) =>
      `aws autoscaling complete-lifecycle-action --lifecycle-hook-name ${name} --lifecycle-action-result ${result} --auto-scaling-group-name group --instance-id i-1`,
  );

describe('a node of a warm pool', () => {
  it('boots as far as the release, lets itself be stopped, and tells nobody that it is up', () => {
    const made = node('Warmed:Stopped');
    const { status, output } = made.boot();
    expect(status).toBe(0);
    expect(output).toContain('beamstalk: app node of dev waits in the warm pool');
    expect(output).not.toContain('step drain');
    expect(hook(made)).toEqual(completed('CONTINUE'));
    expect(signals(made)).toEqual([]);
    expect(made.callsOf('systemctl')).toContain('systemctl enable --quiet beamstalk-boot.service');
    expect(made.read('etc/systemd/system/beamstalk-boot.service')).toMatch(
      /^ExecStart=\/bin\/bash \S+\/boot\.sh stack fleet$/m,
    );
  });

  it('boots again from the first step when it is needed, and is in service when it answers', () => {
    const made = node('Warmed:Stopped');
    made.boot();
    made.answer(
      'curl',
      `case "$*" in *api/token*) echo token ;; *target-lifecycle-state*) echo InService ;; *) echo i-1 ;; esac`,
    );
    const { status, output } = made.boot();
    expect(status).toBe(0);
    expect(output.match(/step \w+/g)).toEqual(['step kernel', 'step warm', 'step drain', 'step ready']);
    expect(hook(made)).toEqual([...completed('CONTINUE'), ...completed('CONTINUE')]);
    expect(signals(made)).toHaveLength(1);
    // A later restart of the machine is no return from the pool.
    expect(existsSync(made.path('var/lib/beamstalk/warmed'))).toBe(false);
  });
});

it('a node that cannot boot is given up at once, not when the hook has waited long enough', () => {
  const made = node('InService');
  made.answer('systemctl', 'exit 5');
  expect(made.boot().status).toBe(1);
  expect(hook(made)).toEqual(completed('ABANDON'));
});

it('a node of a fleet whose pool was just taken away is not held back, and one that nobody holds says nothing of it', () => {
  const made = machine({ role: 'app', steps: ['kernel', 'ready'] });
  made.parameters(
    {},
    `'ec2 describe-instances '*) echo group ;;
    'autoscaling complete-lifecycle-action '*) echo 'ValidationError: No active Lifecycle Action found' >&2; exit 254 ;;`,
  );
  const { status, output } = made.boot();
  expect(status).toBe(0);
  expect(hook(made)).toEqual(completed('CONTINUE'));
  expect(output).not.toContain('did not take the end of the launch');
});

it('a node that no pool ever holds has no hook to complete', () => {
  const made = machine({ role: 'worker', steps: ['kernel', 'ready'] });
  expect(made.boot()).toMatchObject({ status: 0 });
  expect(hook(made)).toEqual([]);
});

it("CodeDeploy's agent comes from the bucket of the region", () => {
  const made = machine({ role: 'app', image: 'amazon-linux-2023', steps: ['agent'] });
  // Not installed.
  made.answer('rpm', 'exit 1');
  made.answer('dnf', '');
  expect(made.boot()).toMatchObject({ status: 0 });
  expect(made.callsOf('aws').at(-1)).toContain(
    's3://aws-codedeploy-eu-west-1/releases/codedeploy-agent-1.8.1-26.noarch.rpm',
  );
  expect(made.callsOf('dnf')[0]).toMatch(/^dnf install -yq ruby \S+\/codedeploy-agent\.rpm$/);
  expect(made.callsOf('systemctl')).toContain('systemctl restart codedeploy-agent.service');
});
