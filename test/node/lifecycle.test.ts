import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HOOK_SECONDS } from '../../lib/node/hook-seconds';
import { archive, current, deploy, restarts, running } from './deployed-node';
import { type Machine, machine } from './machine';

const EVENTS = ['BeforeInstall', 'ApplicationStart', 'ValidateService'] as const;
const GROUPS = { 'delivery/target-groups': 'arn:one arn:two' };
const jobs = { queues: ['jobs'], atOnce: 1, drainSeconds: 7260 };
const worker = (): Machine => running({}, { role: 'worker', jobs, steps: ['fetch', 'check', 'worker', 'release'] });
const targets = (node: Machine): string[] => node.callsOf('aws').filter((call) => call.includes(' elbv2 '));
const goes = (node: Machine, state: string): void => node.write('stubs/lifecycle', `${state}\n`);

describe('a deployment', () => {
  it.each([
    ['Terminated', 'rolling'],
    ['Terminated', 'hot'],
    ['Standby', 'hot'],
    ['Detached', 'rolling'],
    ['Warmed:Stopped', 'rolling'],
    ['Warmed:Running', 'hot'],
    ['Warmed:Hibernated', 'rolling'],
  ])(
    'passes by a node that Auto Scaling wants to be %s (%s): it succeeds, and nothing happens there',
    (state, mode) => {
      const node = running(GROUPS);
      const known = node.calls().length;
      goes(node, state);
      for (const event of EVENTS) {
        const { status, output } = deploy(node, event, '2.0.0', mode);
        expect([event, status]).toEqual([event, 0]);
        expect(output).toMatch(/ this deployment passes it by$/m);
        // By the next hook it may be wanted again: it boots then, and is no part of this deployment.
        goes(node, 'InService');
      }
      const calls = node.calls().slice(known);
      expect(calls.filter((call) => !/^(curl|chown) /.test(call))).toEqual([]);
      expect(current(node)).toBe('echo-1.0.0');
    },
  );

  it('leaves a worker that is to end its mark, and does not start what was stopped', () => {
    const node = worker();
    goes(node, 'Terminated');
    node.write('run/beamstalk/drain', 'ending\n');
    for (const event of EVENTS) expect(deploy(node, event).status).toBe(0);
    expect([node.read('run/beamstalk/drain'), restarts(node)]).toEqual(['ending\n', 1]);
  });

  it.each(['ApplicationStart', 'ValidateService'])('ends for a node that is to go before %s', (event) => {
    const node = running(GROUPS);
    for (const before of EVENTS.slice(0, EVENTS.indexOf(event as 'ApplicationStart')))
      deploy(node, before, '2.0.0', 'hot');
    const [count, known] = [restarts(node), targets(node).length];
    goes(node, 'Terminated');
    const { status, output } = deploy(node, event, '2.0.0', 'hot');
    expect([status, restarts(node), targets(node).length]).toEqual([0, count, known]);
    expect(output).toContain(`${event}: the node is in service no longer (Terminated)`);
  });

  it('that the end of the instance overtakes leaves the mark of the end', () => {
    const node = worker();
    deploy(node, 'BeforeInstall');
    expect(node.read('run/beamstalk/drain')).toBe('deploying\n');
    node.write('run/beamstalk/drain', 'ending\n');
    deploy(node, 'ApplicationStart');
    expect(node.read('run/beamstalk/drain')).toBe('ending\n');
  });

  it('that comes after the end of the instance was decided leaves the mark of the end', () => {
    const node = worker();
    node.write('run/beamstalk/drain', 'ending\n');
    deploy(node, 'BeforeInstall');
    expect(node.read('run/beamstalk/drain')).toBe('ending\n');
  });

  it.each([
    ['its release stops', '[[ "$*" == "stop beamstalk.service" ]]', 0],
    ['the next one starts', '[[ "$*" == "restart beamstalk.service" ]]', 1],
  ])('leaves no release behind on a worker whose end is decided while %s', (_, when, starts) => {
    const node = worker();
    deploy(node, 'BeforeInstall');
    const before = restarts(node);
    node.answer('systemctl', `if ${when}; then echo Terminated > "$STUBS/lifecycle"; fi`);
    const { status, output } = deploy(node, 'ApplicationStart');
    expect(output).toContain('ApplicationStart: the node is to end: this deployment passes it by');
    expect([status, restarts(node) - before]).toEqual([0, starts]);
    expect(node.callsOf('systemctl').at(-1)).toBe('systemctl stop beamstalk.service');
  });

  it('goes on with a node that somebody puts in standby meanwhile, but puts it in no load balancer', () => {
    const node = running(GROUPS);
    deploy(node, 'BeforeInstall', '2.0.0', 'hot');
    goes(node, 'Standby');
    for (const event of ['ApplicationStart', 'ValidateService']) {
      expect(deploy(node, event, '2.0.0', 'hot').status).toBe(0);
    }
    expect(current(node)).toBe('echo-2.0.0');
    expect(targets(node).filter((call) => call.includes('register-targets') && !call.includes('dereg'))).toEqual([]);
  });

  it('is not taken for another one that was passed by, nor for one that began', () => {
    const node = running();
    const of = (id: string) => ({ DEPLOYMENT_ID: id });
    goes(node, 'Standby');
    deploy(node, 'BeforeInstall', '2.0.0', 'rolling', of('d-1'));
    goes(node, 'InService');
    const { status, output } = deploy(node, 'ApplicationStart', '2.0.0', 'rolling', of('d-2'));
    expect(status).not.toBe(0);
    expect(output).toContain('deployment d-2 has not begun on this node; d-1 has');
    for (const event of EVENTS) expect(deploy(node, event, '2.0.0', 'rolling', of('d-2')).status).toBe(0);
    expect(current(node)).toBe('echo-2.0.0');
  });

  it('does nothing blindly: without an answer of instance metadata it fails', () => {
    const node = running();
    node.answer('curl', 'exit 7');
    const { status, output } = deploy(node, 'BeforeInstall');
    expect(status).not.toBe(0);
    expect(output).toContain('instance metadata does not say where Auto Scaling wants this instance');
    expect(current(node)).toBe('echo-1.0.0');
  });
});

describe('the tag by which deployments find nodes', () => {
  const tags = (node: Machine): (string | undefined)[] =>
    node
      .callsOf('aws')
      .flatMap(
        (call) => /create-tags --resources i-1 --tags Key=beamstalk:in-service,Value=(\w+)$/.exec(call)?.[1] ?? [],
      );
  const watching = (states: string): Machine => {
    const node = machine({ role: 'app', steps: ['agent', 'drain'] });
    const conf = 'opt/beamstalk/boot/node.conf';
    // What waits for the next heartbeat outlives the drain by so much.
    node.write(
      conf,
      node
        .read(conf)
        .replace(/(DRAIN_SECONDS)='\d+'/, "$1='1'")
        .replace(/(HEARTBEAT_SECONDS)='\d+'/, "$1='3'"),
    );
    node.write('stubs/states', states);
    node.parameters({}, `'ec2 describe-instances '*) echo group ;;`);
    // One state for each look; the last stays.
    node.answer(
      'curl',
      `case "$*" in *api/token*) echo token ;; *lifecycle-state*) s=$(head -n 1 "$STUBS/states"); [[ $(wc -l < "$STUBS/states") -lt 2 ]] || sed -i 1d "$STUBS/states"; [[ "$s" == silence ]] && exit 22; echo "$s" ;; *) echo i-1 ;; esac`,
    );
    node.bash(['opt/beamstalk/boot/files/bin/drain.sh']);
    return node;
  };

  it('is put on when the node is up, and on no node before', () => {
    const node = machine({ role: 'app', steps: ['ready'] });
    node.write('opt/beamstalk/boot/node.conf', `${node.read('opt/beamstalk/boot/node.conf')}STEPS='ready agent'\n`);
    node.executable('opt/beamstalk/boot/boot.sh');
    node.bash(['opt/beamstalk/boot/steps/ready.sh'], { STACK: 's', FLEET: 'f' });
    expect(tags(node)).toEqual(['yes']);
    const unwell = machine({ role: 'app', steps: ['ready', 'agent'] });
    unwell.answer('curl', 'case "$*" in *:4000/*) exit 7 ;; *) echo i-1 ;; esac');
    unwell.bash(['opt/beamstalk/boot/steps/ready.sh'], { BEAMSTALK_PATIENCE_SECONDS: '0', STACK: 's', FLEET: 'f' });
    expect(tags(unwell)).toEqual([]);
  });

  it('is taken off before a node that is to end lets anything go, and comes back after standby', () => {
    expect(tags(watching('InService\nTerminated\n'))).toEqual(['no']);
    expect(tags(watching('InService\nStandby\nStandby\nInService\nsilence\nInService\nTerminated\n'))).toEqual([
      'no',
      'yes',
      'no',
    ]);
    const calls = watching('Terminated\n').callsOf('aws');
    const place = (text: string): number => calls.findIndex((call) => call.includes(text));
    expect(place('create-tags')).toBeGreaterThanOrEqual(0);
    expect(place('create-tags')).toBeLessThan(place('complete-lifecycle-action'));
  });

  it('is nothing to nodes that no deployment reaches', () => {
    const node = machine({ role: 'app', steps: ['ready'] });
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(tags(node)).toEqual([]);
  });
});

// A time-out inside another: what a hook waits for must end before the hook is killed, whatever a unit or a drain allows.
describe('the time of a hook', () => {
  const hooks = parse(readFileSync('lib/constructs/delivery/files/bundle/appspec.yml', 'utf8'))['hooks'] as Record<
    string,
    { timeout: number }[]
  >;

  it('is one figure, for every hook', () => {
    for (const [hook] of Object.values(hooks)) expect(hook?.timeout).toBe(HOOK_SECONDS);
    expect(Object.keys(hooks)).toEqual([...EVENTS]);
  });

  /** Makes each sleep a minute long, and notes what \`timeout\` would have allowed, which passes as well. */
  function hasty(node: Machine): void {
    const conf = 'opt/beamstalk/boot/node.conf';
    node.write(
      conf,
      `${node.read(conf)}
sleep() { SECONDS=$((SECONDS + 60)); }
timeout() {
  if [[ "$1" == --signal=* ]]; then command timeout "$@"; return; fi
  local allowed="$1"; shift; echo "timeout $allowed $*" >> "$STUBS/calls"; local status=0; command timeout 20 "$@" || status=$?
  if [[ -e "$STUBS/hangs" ]]; then SECONDS=$((SECONDS + allowed)); return 124; fi; return "$status"; }
trap 'echo "took $SECONDS" >> "$STUBS/calls"' EXIT
`,
    );
    // The script sets a trap of its own.
    const script = 'opt/beamstalk/boot/files/bin/deploy.sh';
    node.write(
      script,
      node.read(script).replace("trap 'status=$?;", `trap 'status=$?; echo "took $SECONDS" >> "$STUBS/calls";`),
    );
  }
  const took = (node: Machine): number => Number(node.callsOf('took').at(-1)?.split(' ')[1]);

  it.each<[string, () => Machine, (typeof EVENTS)[number], string]>([
    ['a job that never ends', worker, 'BeforeInstall', 'rolling'],
    ['connections that never go', () => running({}, { evictPerSecond: 1 }), 'BeforeInstall', 'rolling'],
    ['a load balancer that never lets go', () => running(GROUPS), 'BeforeInstall', 'hot'],
    ['a release of a worker that does not stop', worker, 'ApplicationStart', 'rolling'],
    ['a release that does not stop', () => running(), 'ApplicationStart', 'rolling'],
    ['a release that does not answer', () => running(), 'ValidateService', 'rolling'],
    ['a load balancer that finds it unwell', () => running(GROUPS), 'ValidateService', 'hot'],
  ])('is enough to say so when it meets %s', (_case, make, event, mode) => {
    const node = make();
    for (const before of EVENTS.slice(0, EVENTS.indexOf(event))) deploy(node, before, '2.0.0', mode);
    hasty(node);
    node.write('var/lib/beamstalk/home/protected', '');
    node.answer('ss', 'echo one');
    node.parameters(
      { 'release/uri': 'none', ...GROUPS },
      `'elbv2 describe-target-health '*) echo initial ;;\n*.sha256*) echo '(404)' >&2; exit 1 ;;\n's3 cp '*) cp "$STUBS/$(basename "\${@: -2:1}")" "\${@: -1}" ;;`,
    );
    if (mode === 'hot')
      node.write('run/beamstalk/parameters', `/beamstalk/dev/delivery/target-groups\tarn:one arn:two\n`);
    if (event === 'ApplicationStart') node.write('stubs/hangs', '');
    if (event === 'ValidateService' && mode === 'rolling') {
      node.answer('curl', 'case "$*" in *:4000/*) exit 7 ;; *lifecycle-state*) echo InService ;; *) echo i-1 ;; esac');
    }
    deploy(node, event, '2.0.0', mode, { BEAMSTALK_PATIENCE_SECONDS: '480' });
    expect(took(node)).toBeGreaterThan(400);
    expect(took(node)).toBeLessThan(HOOK_SECONDS);
  });

  it('is what the stop of a worker gets in a deployment, and the release is started even so', () => {
    const node = worker();
    expect(node.read('etc/systemd/system/beamstalk.service.d/worker.conf')).toContain('TimeoutStopSec=7260\n');
    deploy(node, 'BeforeInstall');
    hasty(node);
    node.write('stubs/hangs', '');
    expect(deploy(node, 'ApplicationStart').status).toBe(0);
    const calls = node.calls();
    const at = (text: string): number => calls.findLastIndex((call) => call.includes(text));
    expect(calls[at('systemctl stop')]).toMatch(/^timeout \d+ systemctl stop beamstalk\.service$|^systemctl stop/);
    expect(at('systemctl kill --signal=SIGKILL beamstalk.service')).toBeGreaterThan(at('systemctl stop'));
    expect(at('systemctl restart beamstalk.service')).toBeGreaterThan(at('systemctl kill'));
    expect(took(node)).toBeLessThan(HOOK_SECONDS);
  });

  it('covers every unit that a deployment stops or starts', () => {
    const folder = 'lib/node/boot/files/systemd';
    const limits = readdirSync(folder).flatMap((name) =>
      [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/^Timeout(?:Start|Stop)?Sec=(.*)$/gm)].map(
        ([, value]) => [name, value] as const,
      ),
    );
    // Bounded by the hook itself where the figure may be greater: the worker's own, above.
    expect(Object.fromEntries(limits)['beamstalk.service']).toBe('@STOP_SECONDS@');
    expect(readFileSync('lib/node/boot/lib.sh', 'utf8')).toMatch(/^STOP_SECONDS=90$/m);
    const touched = ['deploy.sh', 'serving.sh', 'upgrade.sh'].flatMap((name) => [
      ...readFileSync(`lib/node/boot/files/bin/${name}`, 'utf8').matchAll(
        /systemctl (?!show )\S+(?: --signal=\S+)? (\S+)/g,
      ),
    ]);
    // Of the release, in either slot, whose unit has one form.
    expect(new Set(touched.map(([, unit]) => unit))).toEqual(new Set(['"$unit"']));
    expect(readFileSync('lib/node/boot/files/bin/serving.sh', 'utf8')).toContain('unit=$(unit_of "$(slot)")');
  });
});

it('an archive for the tests above is one that the node takes', () => {
  const node = running();
  archive(node, '4.0.0');
  expect(deploy(node, 'BeforeInstall', '4.0.0').status).toBe(0);
  expect(existsSync(node.path('opt/beamstalk/releases/echo-4.0.0'))).toBe(true);
});
