import { describe, expect, it } from 'vitest';
import { current } from './deployed-node';
import { HEALTH, lastLine, node, rollout } from './rolling-node';

// A box whose rollout is ended from outside where two releases run, or by two signals at once.
/** The program itself: what bounds its time here has the same words, and passes a signal on later. */
const SCRIPT = '"^bash $BEAMSTALK_ROOT/opt/beamstalk/boot/files/bin/rollout.sh"';
const TERM = `pkill -TERM -o -f ${SCRIPT}`;
/** The last that a rollout says; bash has words of its own for a child that a signal ended. */
const lastWord = (output: string): string => lastLine(output.replaceAll(/^(?!beamstalk: ).*\n/gm, ''));
const SECOND = '[[ "$(cat "$BEAMSTALK_ROOT/var/lib/beamstalk/slot" 2> /dev/null)" == 2 && ! -e "$STUBS/ended" ]]';

describe('a box whose rollout is ended from outside', () => {
  it('while the old release lets its users go: it goes on with that, and starts with no boot', () => {
    const box = node('box');
    box.answer(
      'ss',
      `if [[ "$*" == *4000* ]]; then if ${SECOND}; then touch "$STUBS/ended"; ${TERM}; fi; echo one; fi`,
    );
    const { status, output } = rollout(box);
    expect([status, lastWord(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(output).toContain(
      'beamstalk: echo-2.0.0 serves; echo-1.0.0 runs until its users are gone and the next rollout ends it\n',
    );
    expect(current(box)).toBe('echo-2.0.0');
    expect(box.callsOf('systemctl').filter((call) => call.includes('disable'))).toEqual([
      'systemctl disable --quiet beamstalk.service',
    ]);
    box.answer('ss', ':');
    expect(lastLine(rollout(box).output)).toBe('beamstalk: runs echo-2.0.0 already');
    expect(box.callsOf('systemctl').at(-1)).toBe('systemctl disable --quiet --now beamstalk.service');
  });

  it('as it turns away from a release that is dead: the new one, which is well, serves', () => {
    const box = node('box');
    box.write('stubs/health-4000', '503');
    const proxy = 'opt/beamstalk/boot/files/bin/proxy-config.sh';
    box.write(proxy, `${box.read(proxy)}\nif ${SECOND}; then touch "$STUBS/ended"; ${TERM}; fi\n`);
    const { status, output } = rollout(box);
    expect([status, lastWord(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(output).toContain('beamstalk: echo-2.0.0 serves: echo-1.0.0 is not well\n');
    expect([current(box), box.read('var/lib/beamstalk/slot')]).toEqual(['echo-2.0.0', '2\n']);
    expect(box.callsOf('systemctl').slice(-2)).toEqual([
      'systemctl enable --quiet beamstalk-2.service',
      'systemctl disable --quiet --now beamstalk.service',
    ]);
  });

  it('says which unit does not end, and that the old release serves', () => {
    const box = node('box');
    box.answer(
      'curl',
      `case "$*" in *http_code*4001*) if [[ ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; ${TERM}; fi; printf 503 ;; ${HEALTH} esac`,
    );
    box.answer(
      'systemctl',
      `case "$*" in 'disable --quiet --now beamstalk-2.service') exit 1 ;; *MemoryCurrent*) echo 1000000 ;; *NRestarts*) echo 0 ;; esac`,
    );
    const { output } = rollout(box);
    expect(output).toContain('beamstalk: beamstalk-2.service does not end\nbeamstalk: echo-1.0.0 serves\n');
  });

  it('while a part of a word is found out, which bash takes for a syntax error', () => {
    const box = node('box');
    box.write('stubs/basename', box.read('stubs/replacement'));
    box.executable('stubs/basename');
    box.answer(
      'basename',
      `if [[ "$1" == *2.0.0 && ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; ${TERM}; fi; printf '%s\\n' "\${1##*/}"`,
    );
    const { status, output } = rollout(box);
    expect([status, lastWord(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(current(box)).toBe('echo-1.0.0');
  });

  // systemd sends TERM to the main process of a unit, and once more to whatever is left of it.
  it.each([0, 2, 3, 4, 5, 8])('twice, %i ms apart: the way back is gone to its end', (milliseconds) => {
    const box = node('box');
    box.answer('systemctl', `case "$*" in *MemoryCurrent*) echo 9000000000 ;; *NRestarts*) echo 0 ;; esac`);
    const twice = `(trap '' TERM; kill -TERM $pid; python3 -c "import time; time.sleep(${milliseconds} / 1000)"; kill -TERM $pid) > /dev/null 2>&1 &`;
    box.answer(
      'curl',
      `case "$*" in *http_code*) if [[ "$(readlink "$BEAMSTALK_ROOT/opt/beamstalk/current")" == *2.0.0 ]]; then if [[ ! -e "$STUBS/ended" ]]; then touch "$STUBS/ended"; pid=$(pgrep -o -f ${SCRIPT}); ${twice} fi; printf 503; else printf 200; fi ;; ${HEALTH} esac`,
    );
    const { status, output } = rollout(box);
    expect([status, lastWord(output)]).toEqual([1, 'beamstalk: ended from outside']);
    expect(current(box)).toBe('echo-1.0.0');
  });
});
