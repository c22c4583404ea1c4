import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { archive, current, uri } from './deployed-node';
import { GROUPS, HEALTH, LEFT, lastLine, node, rollout, since, units } from './rolling-node';

describe('a node of a fleet', () => {
  it('leaves its load balancer, restarts and joins again', () => {
    const app = node('app', GROUPS);
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
    const app = node('app', GROUPS);
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
    const app = node('app', GROUPS);
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
    const app = node('app', GROUPS);
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

  it('takes a release that follows two broken ones, without a start of what it has', () => {
    const app = node('app', GROUPS);
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
    const app = node('app', GROUPS);
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
    const app = node('app', GROUPS);
    app.write(LEFT, '2026-11-30T10:00:00Z\n');
    app.write('stubs/target', `${target}\n`);
    app.answer('systemctl', `case "$*" in *ActiveEnterTimestamp*) echo '${began}' ;; *NRestarts*) echo 0 ;; esac`);
    const before = app.calls().length;
    expect(lastLine(rollout(app, '1.0.0').output)).toBe('beamstalk: runs echo-1.0.0 already');
    // No user is there whom nobody has let go.
    expect(since(app, before)).toEqual(expected);
    expect([app.read('stubs/target'), existsSync(app.path(LEFT))]).toEqual(['healthy\n', false]);
  });

  it.each(['Terminated', 'Standby', 'Warmed:Stopped'])('is not touched when it is %s', (state) => {
    const app = node('app', GROUPS);
    app.write('stubs/lifecycle', state);
    expect(lastLine(rollout(app).output)).toBe(`beamstalk: the node is not in service (${state})`);
    expect(current(app)).toBe('echo-1.0.0');
  });

  // What runs beside it is begun by a timer or by somebody else.
  it.each([
    ['the certificate of its cluster is not renewed', 'cluster-certificate.sh'],
    ['another one is refused', `rollout.sh ${uri('1.0.0')}`],
  ])('says why it ends by itself, also when %s meanwhile', (_, beside) => {
    const app = node('app', GROUPS);
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
    const worker = node('worker', GROUPS);
    expect(rollout(worker).status).toBe(0);
    expect(worker.callsOf('aws').filter((call) => call.includes('elbv2'))).toEqual([]);
  });
});
