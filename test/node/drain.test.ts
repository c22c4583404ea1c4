import { chmodSync, existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NodeBlueprint } from '../../lib/node/blueprint';
import { toEnd } from './deployed-node';
import { type Machine, machine } from './machine';

/**
 * A node that is to end, after `seconds` at the latest. `ss` prints a line for each connection.
 */
function ending(ss: string, { seconds = 1, role = 'app' as NodeBlueprint['role'] } = {}): Machine {
  const node = machine({ role });
  toEnd(node, { seconds, heartbeat: 3 });
  node.parameters({}, `'ec2 describe-instances '*) echo group ;;`);
  node.answer('ss', ss);
  return node;
}

/** One connection less each time that somebody looks, down to a number. */
const down = (from: number, to: number): string =>
  `n=$(cat "$STUBS/count" 2> /dev/null || echo ${from}); for ((i = 0; i < n; i++)); do echo one; done
   if ((n > ${to})); then echo "$((n - 1))" > "$STUBS/count"; fi`;

const drain = (node: Machine) => node.bash(['opt/beamstalk/boot/files/bin/drain.sh']);
const COMPLETE =
  'aws autoscaling complete-lifecycle-action --lifecycle-hook-name leave --auto-scaling-group-name group --instance-id i-1 --lifecycle-action-result CONTINUE';
const STOP = 'systemctl stop beamstalk.service';
const looks = (node: Machine): number => node.callsOf('ss').length;

/** Gives the node a release that has a program for the drain; `status` is how that ends. */
function withProgram(node: Machine, status = 0): Machine {
  node.write('opt/beamstalk/current/bin/drain', '#!/bin/sh\n');
  chmodSync(node.path('opt/beamstalk/current/bin/drain'), 0o755);
  node.write('etc/beamstalk/release.env', '');
  node.answer('setpriv', `if [[ "$*" == */bin/drain* ]]; then exit ${status}; fi`);
  return node;
}

/** One connection that stays for longer than those of a release that knows no drain are waited for. */
const LATE = `echo look >> "$STUBS/looks"; if (($(wc -l < "$STUBS/looks") < 40)); then echo one; fi`;

describe('the end of a node', () => {
  it('comes as soon as no connection is left, once the release has stopped', () => {
    const node = ending('', { seconds: 60 });
    expect(drain(node)).toMatchObject({ status: 0 });
    expect(node.calls().filter((call) => call === COMPLETE || call === STOP)).toEqual([STOP, COMPLETE]);
    expect(node.callsOf('aws').filter((call) => call.includes('heartbeat'))).toEqual([]);
  });

  it('comes when its time is over, connections or not', () => {
    const node = ending(down(1000, 2), { seconds: 1 });
    node.write('var/lib/beamstalk/ends', `${Math.floor(Date.now() / 1000) + 2}\n`);
    expect(drain(node).output).toMatch(/drained with \d+ connections left/);
    expect(node.callsOf('aws').at(-1)).toBe(COMPLETE);
  });

  it('stops a release without a program for it once nobody leaves any more, in what is left of the time', () => {
    const node = ending(down(9, 3), { seconds: 600 });
    expect(drain(node).output).toContain('drained with 3 connections left');
    expect(node.calls().filter((call) => call === COMPLETE || call === STOP)).toEqual([STOP, COMPLETE]);
    const [, seconds] =
      /TimeoutStopSec=(\d+)/.exec(node.read('run/systemd/system/beamstalk.service.d/zz-end.conf')) ?? [];
    expect(Number(seconds)).toBeGreaterThan(500);
    expect(Number(seconds)).toBeLessThanOrEqual(630);
  });

  it.each<[who: string, make: () => Machine]>([
    ['a release whose own program has let them go', () => withProgram(ending(LATE, { seconds: 600 }))],
    ['a proxy', () => ending(LATE, { seconds: 600, role: 'web' })],
  ])('waits for those that %s has left', (_, make) => {
    expect(drain(make()).output).toContain('drained with 0 connections left');
  });

  it('goes on as without a program when that fails', () => {
    const node = withProgram(ending(LATE, { seconds: 600 }), 1);
    const { output } = drain(node);
    expect(output).toContain("the release's own drain ended with status 1");
    expect(output).toContain('drained with 1 connections left');
    expect(node.callsOf('aws').at(-1)).toBe(COMPLETE);
  });

  it('has the same last second when the watch is started again', () => {
    const node = ending('', { seconds: 60 });
    drain(node);
    const ends = node.read('var/lib/beamstalk/ends');
    const lib = 'opt/beamstalk/boot/lib.sh';
    node.write(lib, `${node.read(lib)}\nsleep() { echo pause >> "$STUBS/pauses"; command sleep "$1"; }\n`);
    const pauses = (): number =>
      existsSync(node.path('stubs/pauses')) ? node.read('stubs/pauses').split('\n').length - 1 : 0;
    const least = (state: string): number => {
      node.write('var/lib/beamstalk/ends', state);
      const before = pauses();
      drain(node);
      return pauses() - before;
    };
    // The pause for what a load balancer still sends is not made twice.
    expect(least('') - least(`${Math.floor(Date.now() / 1000) + 45}\n`)).toBeGreaterThanOrEqual(5);
    expect(Math.abs(Number(ends) - Date.now() / 1000 - 90)).toBeLessThan(30);
    // Fifty of its seconds have passed; then all of them.
    node.write('var/lib/beamstalk/ends', `${Math.floor(Date.now() / 1000) + 10}\n`);
    expect(drain(node).output).toMatch(/0 connections to let go in (9|10) s/);
    node.write('var/lib/beamstalk/ends', `${Math.floor(Date.now() / 1000) - 5}\n`);
    node.answer('ss', 'echo one; echo two');
    const before = looks(node);
    expect(drain(node).output).toContain('drained with 2 connections left');
    // For the two messages alone: nobody is waited for.
    expect(looks(node) - before).toBe(2);
    expect(node.callsOf('aws').at(-1)).toBe(COMPLETE);
  });

  it('goes on when nothing can be written down, and asks until the group takes the end', () => {
    const node = ending('', { seconds: 60 });
    const lib = 'opt/beamstalk/boot/lib.sh';
    node.write(lib, node.read(lib).replace('put() {\n', 'put() {\n  fail "no space is left"\n'));
    node.parameters(
      {},
      `'ec2 describe-instances '*) echo group ;;
      'autoscaling complete-lifecycle-action '*) echo more >> "$STUBS/tries"; (($(wc -l < "$STUBS/tries") > 7)) ;;`,
    );
    const { status, output } = drain(node);
    expect(output).toContain('the time of the end could not be written down');
    expect(output).toContain('the group did not take the end of the drain');
    expect(status).toBe(0);
    expect(node.callsOf('aws').filter((call) => call === COMPLETE)).toHaveLength(8);
  });

  it.each([
    ['nobody answers', 'exit 255'],
    ['it bears no tag yet', 'echo None; exit'],
  ])('learns the name of its group also when %s at first, and is heard of from then on', (_, atFirst) => {
    const node = ending(`if [[ ! -e "$STUBS/heard" ]]; then echo one; fi`, { seconds: 60, role: 'web' });
    node.parameters(
      {},
      `'ec2 describe-instances '*) echo ask >> "$STUBS/asks"; if (($(wc -l < "$STUBS/asks") < 3)); then ${atFirst}; fi; echo group ;;
      'autoscaling record-lifecycle-action-heartbeat '*) touch "$STUBS/heard" ;;`,
    );
    const { status, output } = drain(node);
    expect(output).toContain('the group of this instance is not known yet');
    expect(status).toBe(0);
    const told = node.callsOf('aws').filter((call) => call.includes('lifecycle-action'));
    expect(told[0]).toBe(
      'aws autoscaling record-lifecycle-action-heartbeat --lifecycle-hook-name leave --auto-scaling-group-name group --instance-id i-1',
    );
    expect(told.at(-1)).toBe(COMPLETE);
  });

  it.each(['', 'soon', '99999999999'])('takes no more than its time from what is written down as %j', (written) => {
    const node = ending('', { seconds: 60 });
    node.write('var/lib/beamstalk/ends', written);
    expect(drain(node).output).toMatch(/0 connections to let go in (89|90) s/);
  });
});
