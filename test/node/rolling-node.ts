import { running, uri } from './deployed-node';
import type { Machine } from './machine';

export const rollout = (node: Machine, version = '2.0.0', ...more: readonly string[]) =>
  node.bash(['opt/beamstalk/boot/files/bin/rollout.sh', uri(version), ...more], { BEAMSTALK_HEALTH_SECONDS: '2' });

export const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? '';

/** Health checks of a release are answered with a status by the port that is asked. */
export const HEALTH = `*http_code*) text="$*"; port="\${text##*127.0.0.1:}"; cat "$STUBS/health-\${port%%/*}" 2> /dev/null || printf 200 ;;
*latest/api/token*) echo token ;;
*meta-data/instance-id*) echo i-1 ;;
*meta-data/local-ipv4*) echo 10.0.0.7 ;;
*target-lifecycle-state*) cat "$STUBS/lifecycle" 2> /dev/null || echo InService ;;
*) exit 0 ;;`;

/** A node that has booted and serves echo-1.0.0. */
export function node(role: 'box' | 'app' | 'worker', parameters: Readonly<Record<string, string>> = {}): Machine {
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

export const units = (one: Machine): readonly string[] =>
  one.callsOf('systemctl').filter((call) => /(restart|disable|stop).* beamstalk/.test(call));

/** Parameters of a node of a fleet behind a load balancer. */
export const GROUPS = { 'delivery/target-groups': 'arn:one' };

/** Mark that the node is out of its load balancer. */
export const LEFT = 'var/lib/beamstalk/left';

/** Calls since that change who has users and what runs, in their order. */
export const since = (one: Machine, from: number): string[] =>
  one
    .calls()
    .slice(from)
    .flatMap((call) => /(?:de)?register-targets|(?:stop|restart) beamstalk/.exec(call)?.[0] ?? []);
