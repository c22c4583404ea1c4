import { existsSync, readdirSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { archive, current, running, uri } from './deployed-node';
import type { Machine } from './machine';

const rollout = (node: Machine, version = '2.0.0', ...more: readonly string[]) =>
  node.bash(['opt/beamstalk/boot/files/bin/rollout.sh', uri(version), ...more], { BEAMSTALK_HEALTH_SECONDS: '2' });

const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? '';

/** Health checks of a release are answered with a status by the port that is asked. */
const HEALTH = `*http_code*) text="$*"; port="\${text##*127.0.0.1:}"; cat "$STUBS/health-\${port%%/*}" 2> /dev/null || printf 200 ;;
*latest/api/token*) echo token ;;
*meta-data/instance-id*) echo i-1 ;;
*meta-data/local-ipv4*) echo 10.0.0.7 ;;
*target-lifecycle-state*) cat "$STUBS/lifecycle" 2> /dev/null || echo InService ;;
*) exit 0 ;;`;

function node(role: 'box' | 'app' | 'worker', parameters: Readonly<Record<string, string>> = {}): Machine {
  const made = running(parameters, {
    role,
    ...(role === 'worker' && { jobs: { queues: ['a'], atOnce: 1, drainSeconds: 5 } }),
  });
  made.answer('curl', `case "$*" in ${HEALTH} esac`);
  // The step `ready` of a boot, which the steps of these tests leave out.
  made.write('var/lib/beamstalk/booted', '');
  made.write('proc/meminfo', 'MemAvailable: 2000000 kB\n');
  made.answer(
    'systemctl',
    `case "$*" in *MemoryCurrent*) cat "$STUBS/memory" 2> /dev/null || echo 1000000 ;; *NRestarts*) cat "$STUBS/restarts-before" 2> /dev/null || cat "$STUBS/restarts" 2> /dev/null || echo 0; rm -f "$STUBS/restarts-before" ;; esac`,
  );
  made.answer('journalctl', `echo 'the release said this'`);
  return made;
}

const units = (one: Machine): readonly string[] =>
  one.callsOf('systemctl').filter((call) => /(restart|disable|stop).* beamstalk/.test(call));

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

describe('a node of a fleet', () => {
  const groups = { 'delivery/target-groups': 'arn:one' };

  it('leaves its load balancer, restarts and joins again', () => {
    const app = node('app', groups);
    const { status, output } = rollout(app);
    expect(lastLine(output)).toBe('beamstalk: runs echo-2.0.0');
    expect(status).toBe(0);
    const order = app
      .calls()
      .filter((call) => /deregister-targets|register-targets|(stop|restart) beamstalk/.test(call));
    expect(order.map((call) => /(de)?register|stop|restart/.exec(call)?.[0]).slice(-4)).toEqual([
      'deregister',
      'stop',
      'restart',
      'register',
    ]);
  });

  it('goes back to the old release when the new one is not well, and joins again', () => {
    const app = node('app', groups);
    // Whatever is current says how the port answers.
    app.answer(
      'curl',
      `case "$*" in *http_code*) [[ "$(readlink "$BEAMSTALK_ROOT/opt/beamstalk/current")" == *2.0.0 ]] && printf 500 || printf 200 ;; ${HEALTH} esac`,
    );
    const { status, output } = rollout(app);
    expect(status).toBe(1);
    expect(lastLine(output)).toBe(
      'beamstalk: echo-2.0.0 is not well: /echo?message=health answers 500 after 2 s. echo-1.0.0 serves again',
    );
    expect(current(app)).toBe('echo-1.0.0');
    expect(app.read('stubs/target')).toBe('healthy\n');
  });

  it('goes back with what started the old release, also when nothing can be asked any more', () => {
    const app = node('app', groups);
    const unit = app.read('etc/systemd/system/beamstalk.service');
    app.answer(
      'curl',
      `case "$*" in *http_code*) [[ "$(readlink "$BEAMSTALK_ROOT/opt/beamstalk/current")" == *2.0.0 ]] && printf 500 || printf 200 ;; ${HEALTH} esac`,
    );
    // From the second start on, the step that writes the environment fails.
    app.write(
      'opt/beamstalk/boot/steps/release.sh',
      app
        .read('opt/beamstalk/boot/steps/release.sh')
        .replace('begin_step\n', 'begin_step\nif [[ "${BEAMSTALK_START:-1}" == 1 ]]; then fail "nobody answers"; fi\n'),
    );
    const { status, output } = rollout(app);
    expect(status).toBe(1);
    expect(lastLine(output)).toBe('beamstalk: echo-2.0.0 is not well: nobody answers. echo-1.0.0 serves again');
    expect(app.read('etc/systemd/system/beamstalk.service')).toBe(unit);
    expect(app.read('stubs/target')).toBe('healthy\n');
  });

  it('joins its load balancer the next time when an earlier rollout could not', () => {
    const app = node('app', groups);
    app.write('var/lib/beamstalk/left', '');
    app.write('stubs/target', 'unused\n');
    const before = app.calls().length;
    expect(lastLine(rollout(app, '1.0.0').output)).toBe('beamstalk: runs echo-1.0.0 already');
    expect(app.read('stubs/target')).toBe('healthy\n');
    // It may have let its users go, and takes no new ones before it starts anew.
    expect(
      app
        .calls()
        .slice(before)
        .filter((call) => /register-targets|restart beamstalk/.test(call))
        .map((call) => /register|restart/.exec(call)?.[0]),
    ).toEqual(['restart', 'register']);
    expect(existsSync(app.path('var/lib/beamstalk/left'))).toBe(false);
  });

  const since = (one: Machine, from: number): string[] =>
    one
      .calls()
      .slice(from)
      .flatMap((call) => /(?:de)?register-targets|(?:stop|restart) beamstalk/.exec(call)?.[0] ?? []);
  const LEFT = 'var/lib/beamstalk/left';

  it('takes a release that follows two broken ones, without a start of what it has', () => {
    const app = node('app', groups);
    archive(app, '3.0.0');
    app.answer(
      'curl',
      `case "$*" in *http_code*) [[ -e "$STUBS/well" && "$(readlink "$BEAMSTALK_ROOT/opt/beamstalk/current")" == *3.0.0 ]] && printf 200 || printf 500 ;; ${HEALTH} esac`,
    );
    expect(lastLine(rollout(app).output)).toContain('Nor is echo-1.0.0 any more');
    expect(existsSync(app.path(LEFT))).toBe(true);
    app.write('stubs/well', '');
    const before = app.calls().length;
    expect(lastLine(rollout(app, '3.0.0').output)).toBe('beamstalk: runs echo-3.0.0');
    expect(since(app, before).filter((call) => !call.startsWith('de'))).toEqual([
      'stop beamstalk',
      'restart beamstalk',
      'register-targets',
    ]);
    expect([app.read('stubs/target'), existsSync(app.path(LEFT))]).toEqual(['healthy\n', false]);
  });

  it('comes back with what it has when nothing takes its place after all', () => {
    const app = node('app', groups);
    app.write(LEFT, '2026-11-30T10:00:00Z\n');
    app.write('stubs/target', 'unused\n');
    const before = app.calls().length;
    const { status, output } = rollout(app, '9.9.9');
    expect([status, lastLine(output)]).toEqual([1, expect.stringContaining('9.9.9')]);
    expect(since(app, before)).toEqual(['stop beamstalk', 'restart beamstalk', 'register-targets']);
    expect(existsSync(app.path(LEFT))).toBe(false);
  });

  it.each<[string, string, string, readonly string[]]>([
    [
      'in its load balancer, with a release that began since',
      'healthy',
      'Mon 2026-11-30 10:05:00 UTC',
      ['register-targets'],
    ],
    [
      'on its way into it, with a release that began since',
      'initial',
      'Mon 2026-11-30 10:05:00 UTC',
      ['register-targets'],
    ],
    [
      'in its load balancer, with a release that may have let its users go',
      'healthy',
      'Mon 2026-11-30 09:00:00 UTC',
      ['deregister-targets', 'stop beamstalk', 'restart beamstalk', 'register-targets'],
    ],
    [
      'out of its load balancer, with a release that may have let its users go',
      'draining',
      'Mon 2026-11-30 09:00:00 UTC',
      ['stop beamstalk', 'restart beamstalk', 'register-targets'],
    ],
  ])('that was to come back and stands %s', (_, target, began, expected) => {
    const app = node('app', groups);
    app.write(LEFT, '2026-11-30T10:00:00Z\n');
    app.write('stubs/target', `${target}\n`);
    app.answer('systemctl', `case "$*" in *ActiveEnterTimestamp*) echo '${began}' ;; *NRestarts*) echo 0 ;; esac`);
    const before = app.calls().length;
    expect(lastLine(rollout(app, '1.0.0').output)).toBe('beamstalk: runs echo-1.0.0 already');
    // No user is there whom nobody has let go.
    expect(since(app, before)).toEqual(expected);
    expect([app.read('stubs/target'), existsSync(app.path(LEFT))]).toEqual(['healthy\n', false]);
  });

  it('is left out of its load balancer by a rollout that is refused in standby', () => {
    const app = node('app', groups);
    app.write(LEFT, '2026-11-30T10:00:00Z\n');
    app.write('stubs/target', 'unused\n');
    app.write('stubs/lifecycle', 'Standby');
    const before = app.calls().length;
    expect(rollout(app).status).toBe(1);
    expect(since(app, before)).toEqual([]);
    expect([app.read('stubs/target'), existsSync(app.path(LEFT))]).toEqual(['unused\n', true]);
  });

  it('is left where it is when it goes to standby while its rollout fails', () => {
    const app = node('app', groups);
    app.write(LEFT, '2026-11-30T10:00:00Z\n');
    app.write('stubs/target', 'unused\n');
    const fetch = 'opt/beamstalk/boot/steps/fetch.sh';
    app.write(fetch, 'echo Standby > "$STUBS/lifecycle"; exit 1\n');
    expect(rollout(app).status).toBe(1);
    expect([app.read('stubs/target'), existsSync(app.path(LEFT))]).toEqual(['unused\n', true]);
  });

  it('does not come back to its load balancer when it is to end meanwhile', () => {
    const app = node('app', groups);
    app.answer('systemctl', `case "$*" in 'stop beamstalk.service') echo Terminated > "$STUBS/lifecycle" ;; esac`);
    const { status, output } = rollout(app);
    expect(status).toBe(1);
    expect(lastLine(output)).toBe('beamstalk: the node is not in service (Terminated)');
    expect(app.read('stubs/target')).toBe('draining\n');
    expect(app.calls().filter((call) => call.includes('elbv2 register-targets'))).toEqual([]);
  });

  it('leaves it again when that is decided while it waits to get well', () => {
    const app = node('app', groups);
    app.answer(
      'curl',
      `case "$*" in *target-lifecycle-state*) if [[ "$(< "$STUBS/target")" == healthy ]]; then echo Terminated > "$STUBS/lifecycle"; fi; cat "$STUBS/lifecycle" ;; ${HEALTH} esac`,
    );
    app.write('stubs/lifecycle', 'InService');
    app.write('stubs/target', 'initial\n');
    const { status, output } = rollout(app);
    expect(status).toBe(1);
    expect(lastLine(output)).toBe('beamstalk: the node is not in service (Terminated)');
    expect(app.calls().filter((call) => call.includes('elbv2 register-targets'))).toHaveLength(1);
    expect(app.read('stubs/target')).toBe('draining\n');
  });

  // Auto Scaling takes a node in standby out of its load balancer, and registers it again as it comes back.
  it.each<[string, (app: Machine) => void, readonly string[]]>([
    [
      'before it joins',
      (app) =>
        app.answer('systemctl', `case "$*" in 'stop beamstalk.service') echo Standby > "$STUBS/lifecycle" ;; esac`),
      ['deregister-targets', 'stop beamstalk', 'restart beamstalk'],
    ],
    [
      'while it waits to get well',
      (app) =>
        app.answer(
          'curl',
          `case "$*" in *target-lifecycle-state*) if grep -q ' register-targets' "$STUBS/calls"; then echo Standby; else echo InService; fi ;; ${HEALTH} esac`,
        ),
      ['deregister-targets', 'stop beamstalk', 'restart beamstalk', 'register-targets', 'deregister-targets'],
    ],
  ])('runs the new release and stays out when it goes to standby %s', (_, answers, expected) => {
    const app = node('app', groups);
    answers(app);
    const before = app.calls().length;
    const { status, output } = rollout(app);
    expect([status, lastLine(output)]).toEqual([0, 'beamstalk: runs echo-2.0.0']);
    expect(output).toContain('beamstalk: the node is not in service (Standby): it stays out of its load balancer');
    expect(since(app, before)).toEqual(expected);
    expect(existsSync(app.path(LEFT))).toBe(true);
  });

  it.each(['TERM', 'HUP', 'INT'])('comes back, and says so, when its rollout is ended by SIG%s', (signal) => {
    const app = node('app', groups);
    // In the middle of a wait, the command before which has gone well.
    app.answer(
      'aws',
      `if [[ "$*" == 'elbv2 describe-target-health '* && ! -e "$STUBS/ended" ]]; then
        touch "$STUBS/ended"
        pkill -${signal} -o -f "$BEAMSTALK_ROOT/opt/beamstalk/boot/files/bin/rollout.sh"
        echo healthy
        exit
      fi
      ${app.read('stubs/aws.sh')}`,
    );
    const before = app.calls().length;
    const { status, output } = rollout(app);
    expect([status, lastLine(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(current(app)).toBe('echo-1.0.0');
    expect(since(app, before)).toEqual(['deregister-targets', 'register-targets']);
    expect(existsSync(app.path(LEFT))).toBe(false);
  });

  it('says that it stays out when nobody says where it is to be as its rollout fails', () => {
    const app = node('app', groups);
    app.write(LEFT, '2026-11-30T10:00:00Z\n');
    app.write('stubs/target', 'unused\n');
    app.write('opt/beamstalk/boot/steps/fetch.sh', 'touch "$STUBS/silent"; exit 1\n');
    app.answer(
      'curl',
      `case "$*" in *target-lifecycle-state*) [[ ! -e "$STUBS/silent" ]] && echo InService ;; ${HEALTH} esac`,
    );
    const { status, output } = rollout(app);
    expect(status).toBe(1);
    expect(output).toContain(
      'beamstalk: the node stays out of its load balancer: instance metadata does not say where Auto Scaling wants it',
    );
    expect(existsSync(app.path(LEFT))).toBe(true);
  });

  it.each(['Terminated', 'Standby', 'Warmed:Stopped'])('is not touched when it is %s', (state) => {
    const app = node('app', groups);
    app.write('stubs/lifecycle', state);
    expect(lastLine(rollout(app).output)).toBe(`beamstalk: the node is not in service (${state})`);
    expect(current(app)).toBe('echo-1.0.0');
  });

  // What runs beside it is begun by a timer or by somebody else.
  it.each([
    ['the certificate of its cluster is not renewed', 'cluster-certificate.sh'],
    ['another one is refused', `rollout.sh ${uri('1.0.0')}`],
  ])('says why it ends by itself, also when %s meanwhile', (_, beside) => {
    const app = node('app', groups);
    app.answer(
      'aws',
      `${app.read('stubs/aws.sh')}
      if [[ "$*" == 'elbv2 deregister-targets '* ]]; then
        env -u BEAMSTALK_REASON bash "$BEAMSTALK_ROOT/opt/beamstalk/boot/files/bin/"${beside} > "$STUBS/beside" 2>&1
        echo "$?" >> "$STUBS/beside"
        exit 254
      fi`,
    );
    const { status, output } = rollout(app);
    expect(app.read('stubs/beside')).toMatch(/^beamstalk: .*\n1\n$/s);
    expect(lastLine(output)).toMatch(
      /^beamstalk: `aws elbv2 deregister-targets .*` ended with status 254 \(serving\.sh/,
    );
    expect(status).toBe(1);
  });

  it.each<[string, string, number]>([
    ['before the release is stopped', 'opt/beamstalk/boot/steps/check.sh', 0],
    ['while the release stops', 'stubs/systemctl.sh', 0],
    ['while the next one is started', 'opt/beamstalk/boot/steps/release.sh', 1],
  ])('leaves a worker to its end that comes %s', (_, where, starts) => {
    const worker = node('worker');
    const before = units(worker).length;
    const end = 'echo Terminated > "$STUBS/lifecycle"; mkdir -p "$RUN_DIR"; echo ending > "$RUN_DIR/drain"';
    const when = {
      'stubs/systemctl.sh': '[[ "$*" == "stop beamstalk.service" ]]',
      'opt/beamstalk/boot/steps/release.sh': '[[ "${BEAMSTALK_START:-1}" == 1 ]]',
    }[where];
    worker.write(
      where,
      `RUN_DIR="$BEAMSTALK_ROOT/run/beamstalk"; if ${when ?? 'true'}; then ${end}; fi\n${worker.read(where)}`,
    );
    const { status, output } = rollout(worker);
    expect([status, lastLine(output)]).toEqual([1, 'beamstalk: the node is not in service (Terminated)']);
    expect(worker.read('run/beamstalk/drain')).toBe('ending\n');
    const done = units(worker).slice(before);
    expect(done.filter((call) => call.startsWith('systemctl restart'))).toHaveLength(starts);
    // Whatever has been started does not go on.
    if (starts > 0) expect(done.at(-1)).toBe('systemctl stop beamstalk.service');
  });

  it('has a worker start anew whose jobs an earlier rollout has let go', () => {
    const worker = node('worker');
    worker.write('run/beamstalk/drain', 'deploying\n');
    const before = units(worker).length;
    expect(lastLine(rollout(worker, '1.0.0').output)).toBe('beamstalk: runs echo-1.0.0 already');
    expect(units(worker).slice(before)).toEqual([
      'systemctl stop beamstalk.service',
      'systemctl restart beamstalk.service',
    ]);
    expect(existsSync(worker.path('run/beamstalk/drain'))).toBe(false);
  });

  it('asks no load balancer when it is a worker', () => {
    const worker = node('worker', groups);
    expect(rollout(worker).status).toBe(0);
    expect(worker.callsOf('aws').filter((call) => call.includes('elbv2'))).toEqual([]);
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
