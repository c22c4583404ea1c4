import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { current } from './deployed-node';
import type { Machine } from './machine';
import { GROUPS, HEALTH, LEFT, lastLine, node, rollout, since } from './rolling-node';

// A node that is to be elsewhere, and a rollout that somebody ends: a release serves, and where it should.
// To the program itself: what bounds its time here has the same words, and passes a signal on later.
const TERM = `pkill -TERM -o -f "^bash $BEAMSTALK_ROOT/opt/beamstalk/boot/files/bin/rollout.sh"`;
/** The last that a rollout says; bash has words of its own for a child that a signal ended. */
const lastWord = (output: string): string => lastLine(output.replaceAll(/^(?!beamstalk: ).*\n/gm, ''));
/** Ends the rollout at the first look at the new release. */
const TERM_ONCE_CURRENT = `if [[ "$(readlink "$BEAMSTALK_ROOT/opt/beamstalk/current")" == *2.0.0 && ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; ${TERM}; fi;`;

describe('a node whose rollout does not come to its end', () => {
  it('is left out of its load balancer by a rollout that is refused in standby', () => {
    const app = node('app', GROUPS);
    app.write(LEFT, '2026-11-30T10:00:00Z\n');
    app.write('stubs/target', 'unused\n');
    app.write('stubs/lifecycle', 'Standby');
    const before = app.calls().length;
    expect(rollout(app).status).toBe(1);
    expect(since(app, before)).toEqual([]);
    expect([app.read('stubs/target'), existsSync(app.path(LEFT))]).toEqual(['unused\n', true]);
  });

  it('is left where it is when it goes to standby while its rollout fails', () => {
    const app = node('app', GROUPS);
    app.write(LEFT, '2026-11-30T10:00:00Z\n');
    app.write('stubs/target', 'unused\n');
    const fetch = 'opt/beamstalk/boot/steps/fetch.sh';
    app.write(fetch, 'echo Standby > "$STUBS/lifecycle"; exit 1\n');
    expect(rollout(app).status).toBe(1);
    expect([app.read('stubs/target'), existsSync(app.path(LEFT))]).toEqual(['unused\n', true]);
  });

  it('does not come back to its load balancer when it is to end meanwhile', () => {
    const app = node('app', GROUPS);
    app.answer('systemctl', `case "$*" in 'stop beamstalk.service') echo Terminated > "$STUBS/lifecycle" ;; esac`);
    const { status, output } = rollout(app);
    expect(status).toBe(1);
    expect(lastLine(output)).toBe('beamstalk: the node is not in service (Terminated)');
    expect(app.read('stubs/target')).toBe('draining\n');
    expect(app.calls().filter((call) => call.includes('elbv2 register-targets'))).toEqual([]);
  });

  it('leaves it again when that is decided while it waits to get well', () => {
    const app = node('app', GROUPS);
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
    const app = node('app', GROUPS);
    answers(app);
    const before = app.calls().length;
    const { status, output } = rollout(app);
    expect([status, lastLine(output)]).toEqual([0, 'beamstalk: runs echo-2.0.0']);
    expect(output).toContain('beamstalk: the node is not in service (Standby): it stays out of its load balancer');
    expect(since(app, before)).toEqual(expected);
    expect(existsSync(app.path(LEFT))).toBe(true);
  });

  it.each(['TERM', 'HUP', 'INT'])('comes back, and says so, when its rollout is ended by SIG%s', (signal) => {
    const app = node('app', GROUPS);
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
    const app = node('app', GROUPS);
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

  it.each<[string, (app: Machine) => void, string, readonly string[]]>([
    [
      'gets well after all',
      (app) =>
        app.answer(
          'curl',
          `case "$*" in *http_code*) ${TERM_ONCE_CURRENT} if [[ -e "$STUBS/ended" && ! -e "$STUBS/asked" ]]; then touch "$STUBS/asked"; printf 503; else printf 200; fi ;; ${HEALTH} esac`,
        ),
      'echo-2.0.0',
      ['deregister-targets', 'stop beamstalk', 'restart beamstalk', 'register-targets'],
    ],
    [
      'does not get well',
      (app) =>
        app.answer(
          'curl',
          `case "$*" in *http_code*) ${TERM_ONCE_CURRENT} if [[ "$(readlink "$BEAMSTALK_ROOT/opt/beamstalk/current")" == *2.0.0 ]]; then printf 503; else printf 200; fi ;; ${HEALTH} esac`,
        ),
      'echo-1.0.0',
      [
        ...['deregister-targets', 'stop beamstalk', 'restart beamstalk'],
        ...['stop beamstalk', 'restart beamstalk', 'register-targets'],
      ],
    ],
  ])(
    'serves again when its rollout is ended while the new release starts, which %s',
    (_, answers, serves, expected) => {
      const app = node('app', GROUPS);
      answers(app);
      const before = app.calls().length;
      const { status, output } = rollout(app);
      expect([status, lastLine(output)]).toEqual([1, 'beamstalk: ended from outside']);
      expect(output).toContain(`beamstalk: ${serves} serves\n`);
      expect(current(app)).toBe(serves);
      expect(since(app, before)).toEqual(expected);
      expect([app.read('stubs/target'), existsSync(app.path(LEFT))]).toEqual(['healthy\n', false]);
    },
  );

  it('says that it stays out when its rollout is ended and no release gets well', () => {
    const app = node('app', GROUPS);
    app.answer(
      'curl',
      `case "$*" in *http_code*) ${TERM_ONCE_CURRENT} if [[ -e "$STUBS/ended" ]]; then printf 503; else printf 200; fi ;; ${HEALTH} esac`,
    );
    app.write('stubs/restarts', '0');
    const { status, output } = rollout(app);
    expect([status, lastLine(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(output).toMatch(
      /echo-1\.0\.0 is not well: .* answers 503 after 2 s\n(?:.*\n)?beamstalk: the node stays out/,
    );
    expect(existsSync(app.path(LEFT))).toBe(true);
  });

  it.each(['box', 'worker'] as const)(
    'of a %s starts the release that it had stopped when it is ended then',
    (role) => {
      const one = node(role);
      one.answer(
        'systemctl',
        `case "$*" in 'stop beamstalk.service') if [[ ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; ${TERM}; fi ;; *MemoryCurrent*) echo 9000000000 ;; *NRestarts*) echo 0 ;; esac`,
      );
      const before = one.calls().length;
      const { status, output } = rollout(one);
      expect([status, lastLine(output)]).toEqual([1, 'beamstalk: ended from outside']);
      expect(current(one)).toBe('echo-1.0.0');
      expect(since(one, before).at(-1)).toBe('restart beamstalk');
    },
  );

  it('is no longer left out once Auto Scaling has registered it as it came back from standby', () => {
    const app = node('app', GROUPS);
    app.answer(
      'systemctl',
      `case "$*" in 'stop beamstalk.service') echo Standby > "$STUBS/lifecycle" ;; *ActiveEnterTimestamp*) echo 'Fri 2100-01-01 00:00:00 UTC' ;; esac`,
    );
    rollout(app);
    const left = (): unknown => JSON.parse(app.bash(['opt/beamstalk/boot/files/bin/node-status.sh']).output).left;
    expect(left()).toBe(true);
    app.write('stubs/lifecycle', 'InService\n');
    expect(left()).toBe(true);
    app.write('stubs/target', 'healthy\n');
    expect(left()).toBe(false);
    // Its release has let its users go.
    app.answer('systemctl', `case "$*" in *ActiveEnterTimestamp*) echo 'Thu 2026-01-01 00:00:00 UTC' ;; esac`);
    expect(left()).toBe(true);
  });

  it.each<['app' | 'worker', string]>([
    ['app', 'Standby'],
    ['worker', 'Standby'],
  ])('of an %s runs a release again when it is ended in %s', (role, state) => {
    const one = node(role, role === 'app' ? GROUPS : {});
    one.answer(
      'systemctl',
      `case "$*" in 'stop beamstalk.service') if [[ ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; echo ${state} > "$STUBS/lifecycle"; ${TERM}; fi ;; *MemoryCurrent*) echo 1000000 ;; *NRestarts*) echo 0 ;; esac`,
    );
    const before = one.calls().length;
    const { output } = rollout(one);
    expect(output).toContain('beamstalk: echo-1.0.0 serves\n');
    expect(since(one, before).at(-1)).toBe('restart beamstalk');
    expect(since(one, before)).not.toContain('register-targets');
  });

  it('of a box ends the new release that had started beside the old one', () => {
    const box = node('box');
    box.answer(
      'curl',
      `case "$*" in *http_code*4001*) if [[ ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; ${TERM}; fi; printf 503 ;; ${HEALTH} esac`,
    );
    const { status, output } = rollout(box);
    expect([status, lastLine(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(output).toContain('beamstalk: echo-1.0.0 serves\n');
    expect(box.callsOf('systemctl')).toContain('systemctl disable --quiet --now beamstalk-2.service');
  });

  it('starts the old release at once when it is ended before the new one has started', () => {
    const box = node('box');
    box.answer(
      'curl',
      `case "$*" in *http_code*) if [[ "$(readlink "$BEAMSTALK_ROOT/opt/beamstalk/current")" == *2.0.0 ]]; then touch "$STUBS/waited"; printf 503; else printf 200; fi ;; ${HEALTH} esac`,
    );
    box.answer(
      'systemctl',
      `case "$*" in daemon-reload) if [[ ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; ${TERM}; exit 1; fi ;; 'is-active beamstalk.service') echo inactive; exit 3 ;; *MemoryCurrent*) echo 9000000000 ;; *NRestarts*) echo 0 ;; esac`,
    );
    const { status, output } = rollout(box);
    expect([status, lastWord(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(output).toContain('beamstalk: echo-1.0.0 serves\n');
    expect(existsSync(box.path('stubs/waited'))).toBe(false);
    expect(box.callsOf('systemctl').at(-1)).not.toContain('stop');
  });

  it.each([
    ['runs', 'active'],
    ['has crashed, and is to start again', 'activating'],
  ])('waits for a new release that %s', (_, state) => {
    const box = node('box');
    box.answer(
      'curl',
      `case "$*" in *http_code*) ${TERM_ONCE_CURRENT} if [[ -e "$STUBS/ended" && ! -e "$STUBS/asked" ]]; then touch "$STUBS/asked"; printf 503; else printf 200; fi ;; ${HEALTH} esac`,
    );
    box.answer(
      'systemctl',
      `case "$*" in 'is-active beamstalk.service') echo ${state}; [[ ${state} == active ]] ;; *MemoryCurrent*) echo 9000000000 ;; *NRestarts*) echo 0 ;; esac`,
    );
    expect(rollout(box).output).toContain('beamstalk: echo-2.0.0 serves\n');
  });

  it('does not wait for a release on a machine that goes down, and leaves the old one to start with it', () => {
    const box = node('box');
    const unit = box.read('etc/systemd/system/beamstalk.service');
    box.answer(
      'curl',
      `case "$*" in *http_code*) ${TERM_ONCE_CURRENT} if [[ -e "$STUBS/ended" ]]; then printf 503; else printf 200; fi ;; ${HEALTH} esac`,
    );
    box.answer(
      'systemctl',
      `case "$*" in is-system-running) if [[ -e "$STUBS/ended" ]]; then echo stopping; fi ;; 'restart '*) [[ ! -e "$STUBS/ended" ]] ;; *MemoryCurrent*) echo 9000000000 ;; *NRestarts*) echo 0 ;; esac`,
    );
    const { output } = rollout(box);
    expect(output).toContain('beamstalk: no way back: `systemctl restart "$@"` ended with status 1');
    expect(output).not.toContain('after 2 s');
    expect([current(box), box.read('etc/systemd/system/beamstalk.service')]).toEqual(['echo-1.0.0', unit]);
  });

  it('of a worker does not wait for ever until a new release that is not well has stopped', () => {
    const worker = node('worker');
    const program = 'opt/beamstalk/boot/files/bin/rollout.sh';
    // Nothing is left of its time.
    worker.write(program, worker.read(program).replace(/^deadline=.*$/m, 'deadline=0'));
    worker.answer(
      'curl',
      `case "$*" in *http_code*) if [[ "$(readlink "$BEAMSTALK_ROOT/opt/beamstalk/current")" == *2.0.0 ]]; then touch "$STUBS/asked"; printf 503; else printf 200; fi ;; ${HEALTH} esac`,
    );
    worker.answer(
      'systemctl',
      `case "$*" in 'stop beamstalk.service') if [[ -e "$STUBS/asked" ]]; then exec sleep 20; fi ;; *NRestarts*) echo 0 ;; esac`,
    );
    const { output } = rollout(worker);
    expect(output).toContain('beamstalk: the release did not stop in time: it is ended\n');
    expect(worker.callsOf('systemctl')).toContain('systemctl kill --signal=SIGKILL beamstalk.service');
    expect(lastLine(output)).toContain('echo-1.0.0 serves again');
  });
});

describe('a box whose rollout is ended as it turns', () => {
  const PROXY = 'opt/beamstalk/boot/files/bin/proxy-config.sh';
  const SLOT = '[[ "$(cat "$BEAMSTALK_ROOT/var/lib/beamstalk/slot" 2> /dev/null)" == 2 && ! -e "$STUBS/ended" ]]';

  /** Places where it may be ended, by a signal: what is done by then is the half that its name says. */
  const PLACES: Readonly<Record<string, (box: Machine, end: string) => void>> = {
    'once the new one starts with the machine': (box, end) => {
      box.answer(
        'systemctl',
        `case "$*" in 'enable --quiet beamstalk-2.service') if [[ ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; ${end}; fi ;; *MemoryCurrent*) echo 1000000 ;; *NRestarts*) echo 0 ;; esac`,
      );
    },
    'once the slot is the new one': (box, end) => {
      box.replace('ln', `if ${SLOT}; then touch "$STUBS/ended"; ${end}; exit 1; fi; exec /bin/ln "$@"`);
    },
    'once the release is the new one': (box, end) => {
      box.write(PROXY, `if ${SLOT}; then touch "$STUBS/ended"; ${end}; exit 1; fi\n${box.read(PROXY)}`);
    },
    'while the configuration of nginx is written': (box, end) => {
      box.write(
        PROXY,
        box
          .read(PROXY)
          .replace('rm -f "$target"/*.conf\n', `$&if ${SLOT}; then touch "$STUBS/ended"; ${end}; exit 1; fi\n`),
      );
    },
    'once nginx has turned': (box, end) => {
      box.write(PROXY, `${box.read(PROXY)}\nif ${SLOT}; then touch "$STUBS/ended"; ${end}; fi\n`);
    },
  };

  const slotOf = (box: Machine): '1' | '2' =>
    existsSync(box.path('var/lib/beamstalk/slot')) && box.read('var/lib/beamstalk/slot') === '2\n' ? '2' : '1';

  /** What starts with the machine, what it is called, and where nginx sends users. */
  function whole(box: Machine, version: string, slot: '1' | '2'): void {
    const [port, unit, other] =
      slot === '1'
        ? ['4000', 'beamstalk.service', 'beamstalk-2.service']
        : ['4001', 'beamstalk-2.service', 'beamstalk.service'];
    expect(current(box)).toBe(`echo-${version}`);
    expect(slotOf(box)).toBe(slot);
    expect(box.read('etc/beamstalk/nginx/box.conf')).toContain(`server 127.0.0.1:${port};`);
    expect(box.read(`etc/systemd/system/${unit}`)).toContain(`/releases/echo-${version}/bin/echo `);
    expect(box.callsOf('systemctl')).toContain(`systemctl disable --quiet --now ${other}`);
  }

  it.each(Object.keys(PLACES))('goes back %s', (place) => {
    const box = node('box');
    PLACES[place]?.(box, TERM);
    const { status, output } = rollout(box);
    expect([status, lastWord(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(output).toContain('beamstalk: echo-1.0.0 serves\n');
    whole(box, '1.0.0', '1');
    // And from there to the other.
    expect(lastLine(rollout(box).output)).toBe('beamstalk: runs echo-2.0.0');
    whole(box, '2.0.0', '2');
  });

  const KILL = 'pkill -KILL -f "$BEAMSTALK_ROOT/opt/beamstalk/boot/files/bin/rollout.sh"';
  it.each(Object.keys(PLACES).flatMap((place) => ['1.0.0', '2.0.0'].map((version) => [place, version] as const)))(
    'is whole again after the next rollout, when it is killed %s: %s',
    (place, version) => {
      const box = node('box');
      PLACES[place]?.(box, KILL);
      expect(rollout(box).status).not.toBe(0);
      expect(existsSync(box.path('stubs/ended'))).toBe(true);
      const before = box.calls().length;
      const { output } = rollout(box, version);
      expect(lastWord(output)).toMatch(new RegExp(`^beamstalk: runs echo-${version}( already)?$`));
      const slot = slotOf(box);
      whole(box, version, slot);
      // In one slot alone.
      const last = box
        .calls()
        .slice(before)
        .flatMap((call) => /disable --quiet --now (\S+)$/.exec(call)?.[1] ?? [])
        .at(-1);
      expect(last).toBe(slot === '2' ? 'beamstalk.service' : 'beamstalk-2.service');
    },
  );

  it('keeps both releases when nginx does not turn back', () => {
    const box = node('box');
    PLACES['once nginx has turned']?.(box, TERM);
    box.answer('nginx', `if [[ -e "$STUBS/ended" ]]; then echo '[emerg] no' ; exit 1; fi`);
    const { status, output } = rollout(box);
    expect([status, lastWord(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(output).toContain('beamstalk: nginx does not turn back to echo-1.0.0: it and the new release run both\n');
    expect(box.callsOf('systemctl').filter((call) => call.includes('disable'))).toEqual([]);
  });
});

it('a node that was killed before the unit of its new release was written runs the one that its unit starts', () => {
  const app = node('app', GROUPS);
  app.write(
    'opt/beamstalk/boot/steps/release.sh',
    `if [[ "\${BEAMSTALK_START:-1}" == 1 && ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; pkill -KILL -f "$BEAMSTALK_ROOT/opt/beamstalk/boot/files/bin/rollout.sh"; exit 1; fi
${app.read('opt/beamstalk/boot/steps/release.sh')}`,
  );
  expect(rollout(app).status).not.toBe(0);
  expect(current(app)).toBe('echo-2.0.0');
  const { output } = rollout(app, '1.0.0');
  expect(lastLine(output)).toBe('beamstalk: runs echo-1.0.0 already');
  expect(current(app)).toBe('echo-1.0.0');
});
