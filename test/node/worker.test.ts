import { existsSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootSteps } from '../../lib/node/boot-steps';
import { toEnd } from './deployed-node';
import { type Machine, machine } from './machine';

const jobs = { queues: ['jobs', 'media'], atOnce: 50, drainSeconds: 960 };
const PROTECT = 'opt/beamstalk/boot/files/bin/protect.sh';
const DRAIN = 'opt/beamstalk/boot/files/bin/drain.sh';
const PROTECTED = 'var/lib/beamstalk/home/protected';

/** A worker after its step, whose group answers what the test says. */
function worker(answers = ''): Machine {
  const node = machine({ role: 'worker', steps: ['worker'], jobs });
  node.parameters({}, `'ec2 describe-instances '*) echo workers ;;\n${answers}`);
  expect(node.boot()).toMatchObject({ status: 0 });
  node.write('var/lib/beamstalk/home/.keep', '');
  return node;
}

const protections = (node: Machine): string[] =>
  node.callsOf('aws').filter((call) => call.includes('set-instance-protection'));

describe('the protection of a worker with a job under way', () => {
  it('is asked of its own group, for itself', () => {
    const node = worker();
    expect(node.bash([PROTECT, 'on'])).toEqual({ status: 0, output: '' });
    expect(protections(node)).toEqual([
      'aws autoscaling set-instance-protection --instance-ids i-1 --auto-scaling-group-name workers --protected-from-scale-in',
    ]);
    node.bash([PROTECT, 'off']);
    expect(protections(node).at(-1)).toMatch(/ --no-protected-from-scale-in$/);
  });

  it('said twice is asked once', () => {
    const node = worker();
    for (const word of ['off', 'on', 'on', 'off', 'off']) expect(node.bash([PROTECT, word]).status).toBe(0);
    expect(protections(node)).toHaveLength(2);
  });

  it('that the group does not grant fails, and is asked for again', () => {
    const node = worker(`'autoscaling set-instance-protection '*) exit 254 ;;`);
    for (const _ of [1, 2]) {
      const { status, output } = node.bash([PROTECT, 'on']);
      expect(status).toBe(1);
      expect(output).toContain('the group did not take protection on');
    }
    expect(protections(node)).toHaveLength(2);
    expect(existsSync(node.path(PROTECTED))).toBe(false);
  });

  it('that cannot be lifted stays known, so that it can be lifted later', () => {
    const node = worker(`*' --no-protected-from-scale-in') [[ -e "$STUBS/../answers" ]] || exit 254 ;;`);
    node.bash([PROTECT, 'on']);
    expect(node.bash([PROTECT, 'off']).status).toBe(1);
    node.write('answers', '');
    expect(node.bash([PROTECT, 'off']).status).toBe(0);
    expect(existsSync(node.path(PROTECTED))).toBe(false);
  });

  it.each([[[]], [['maybe']]])('knows no other word than on and off: %j', (words: string[]) => {
    const node = worker();
    expect(node.bash([PROTECT, ...words])).toMatchObject({ status: 2, output: 'usage: beamstalk-protect on|off\n' });
    expect(protections(node)).toEqual([]);
  });

  it('is a command of the machine, for a release that knows no more than its name', () => {
    const node = worker();
    expect(statSync(node.path('usr/local/bin/beamstalk-protect')).mode & 0o111).toBe(0o111);
    expect(node.bash(['usr/local/bin/beamstalk-protect', 'on']).status).toBe(0);
    expect(protections(node)).toHaveLength(1);
  });
});

it('a worker that no group owns, as far as its tags say, does not boot: nobody would protect its jobs', () => {
  const node = machine({ role: 'worker', steps: ['worker'], jobs });
  node.parameters({}, `'ec2 describe-instances '*) echo None ;;`);
  const { status, output } = node.boot();
  expect(output).toContain('boot failed at step worker: the group of this instance is not known');
  expect(status).toBe(1);
  expect(node.callsOf('aws').filter((call) => call.includes('None'))).toEqual([]);
});

describe('the release of a worker', () => {
  it('that ends in the middle of a job is protected no more, and has the time of its longest job to end', () => {
    const unit = worker().read('etc/systemd/system/beamstalk.service.d/worker.conf');
    expect(unit).toContain('TimeoutStopSec=960\n');
    expect(unit).toMatch(/^ExecStopPost=-\/bin\/bash \S+\/protect\.sh off$/m);
  });

  it('learns what it works on, and where all queues are', () => {
    const node = machine({
      role: 'worker',
      steps: ['fetch', 'release'],
      jobs,
    });
    node.parameters({
      'release/uri': 'none',
      'queues/jobs': 'https://sqs/jobs',
      'queues/mail-out': 'https://sqs/mail',
    });
    expect(node.boot()).toMatchObject({ status: 0 });
    const environment = node.read('etc/beamstalk/release.env');
    for (const line of [
      'BEAMSTALK_ROLE="worker"',
      'BEAMSTALK_JOB_QUEUES="jobs media"',
      'BEAMSTALK_JOBS_AT_ONCE="50"',
      'QUEUE_JOBS_URL="https://sqs/jobs"',
      'QUEUE_MAIL_OUT_URL="https://sqs/mail"',
    ]) {
      expect(environment).toContain(`${line}\n`);
    }
    expect(environment).toMatch(/^BEAMSTALK_DRAIN_FILE=".*\/run\/beamstalk\/drain"$/m);
  });

  it('of another role learns of the queues, and nothing of jobs', () => {
    const node = machine({ role: 'app', steps: ['fetch', 'release'] });
    node.parameters({ 'release/uri': 'none', 'queues/jobs': 'https://sqs/jobs' });
    node.boot();
    const environment = node.read('etc/beamstalk/release.env');
    expect(environment).toContain('BEAMSTALK_ROLE="app"\nBEAMSTALK_SESSIONS');
    expect(environment).toContain('QUEUE_JOBS_URL="https://sqs/jobs"\n');
    expect(environment).not.toMatch(/JOB_QUEUES|DRAIN_FILE|PRESSURE/);
  });
});

describe('the end of a worker', () => {
  const complete = /^aws autoscaling complete-lifecycle-action .* --lifecycle-action-result CONTINUE$/;

  /** A worker that is to end, with so many seconds for what is under way. */
  function ending(seconds: number): Machine {
    const node = worker();
    // The wait for the next heartbeat outlives the drain by so much.
    toEnd(node, { seconds, heartbeat: 6 });
    return node;
  }

  it('says so where the release looks, then stops it, and only then lets the instance go', () => {
    const node = ending(3);
    node.answer('systemctl', `ls "$BEAMSTALK_ROOT/run/beamstalk/drain" > "$STUBS/seen"`);
    expect(node.bash([DRAIN])).toMatchObject({ status: 0 });
    const [stop, last] = node.calls().slice(-2);
    expect(stop).toBe('systemctl stop beamstalk.service');
    expect(last).toMatch(complete);
    expect(node.read('stubs/seen')).toContain('/run/beamstalk/drain');
  });

  it('waits for the job that is under way', () => {
    const node = ending(10);
    node.write(PROTECTED, '');
    // The job ends while the watch looks for the third time.
    node.write(
      'opt/beamstalk/boot/node.conf',
      `${node.read('opt/beamstalk/boot/node.conf')}sleep() { if [[ "$1" == 0.01 ]]; then echo look >> "$STUBS/looks"; [[ $(wc -l < "$STUBS/looks") -lt 3 ]] || rm -f "$STATE/home/protected"; else command sleep "$1"; fi; }\n`,
    );
    expect(node.bash([DRAIN]).output).toContain('drained with no job left');
    expect(node.read('stubs/looks').split('\n')).toHaveLength(4);
    expect(node.callsOf('systemctl').at(-1)).toBe('systemctl stop beamstalk.service');
  });

  it('does not wait for ever: a job that does not end loses its node', () => {
    const node = ending(1);
    node.write(PROTECTED, '');
    expect(node.bash([DRAIN]).output).toContain('drained with jobs left');
    expect(node.calls().at(-1)).toMatch(complete);
  });
});

describe('a worker boots', () => {
  it('without a proxy, which it has not', () => {
    const node = machine({ role: 'worker', steps: ['ready'], jobs });
    node.answer('curl', `case "$*" in *api/token*) echo token ;; *proxy-health*) exit 7 ;; *) echo i-1 ;; esac`);
    expect(node.boot()).toMatchObject({ status: 0 });
  });

  it('with what its jobs need before the release that does them', () => {
    const steps = bootSteps({ role: 'worker', pressure: true });
    expect(steps.indexOf('worker')).toBeLessThan(steps.indexOf('release'));
    expect(steps).not.toContain('proxy');
  });
});
