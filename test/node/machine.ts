import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { instanceType } from '../../lib/facts/instance-type';
import type { NodeBlueprint } from '../../lib/node/blueprint';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { generatedFiles } from '../../lib/node/boot-files';

/** A blueprint of a small box, to be changed where a test is about something else. */
export function blueprint(changes: Partial<NodeBlueprint> = {}): NodeBlueprint {
  return {
    environment: 'dev',
    region: 'eu-west-1',
    role: 'box',
    instanceType: instanceType('t3.medium'),
    image: 'debian-13',
    releaseArchitecture: 'amd64',
    appPort: 4000,
    tlsPort: 4443,
    healthPath: '/echo?message=health',
    evictPerSecond: 500,
    passThrough: false,
    steps: [],
    ...changes,
  };
}

/** Commands that would change the machine under test, or ask somebody else. */
const REPLACED = [
  ...[
    'aws',
    'curl',
    'systemctl',
    'journalctl',
    'shutdown',
    'runuser',
    'useradd',
    'id',
    'chown',
    'install',
    'uname',
    'ldd',
    'ss',
  ],
  ...['setsid', 'setpriv'],
  ...['sysctl', 'swapoff', 'blkid', 'mkfs.ext4', 'mount', 'mountpoint', 'findmnt', 'resize2fs', 'xfs_growfs', 'initdb'],
  ...['nginx', 'apt-get', 'dpkg', 'rpm', 'dnf', 'certbot', 'openssl', 'getent'],
];

// Notes the call, then does what the test says that this command does.
const REPLACEMENT = `#!/bin/bash
name="\${0##*/}"
echo "$name $*" >> "$STUBS/calls"
if [[ -f "$STUBS/$name.sh" ]]; then source "$STUBS/$name.sh"; fi
`;

/** Script of a replaced command when a test does not say otherwise: bash. */
export const ANSWERS = {
  curl: `case "$*" in
    *latest/api/token*) echo token ;;
    *meta-data/instance-id*) echo i-1 ;;
    *meta-data/local-ipv4*) echo 10.0.0.7 ;;
    *target-lifecycle-state*) cat "$STUBS/lifecycle" 2> /dev/null || echo InService ;;
    *) exit 0 ;;
  esac`,
  // The command itself, as whoever runs the test.
  setsid: 'while [[ "$1" == -* ]]; do shift; done; exec "$@"',
  setpriv: 'while [[ "$1" == -* ]]; do [[ "$1" != -- ]] || { shift; break; }; shift; done; exec "$@"',
  // Real where it does no harm, but without changing owners.
  install: `folder="\${@: -1}"; mkdir -p "$folder"`,
  ldd: `echo 'ldd (GNU libc) 2.41'`,
  uname: 'echo x86_64',
  mountpoint: 'exit 0',
} as const;

/** Answers with the parameters of the names, or below the path, that it is asked for; as AWS with ten names at most. */
const PARAMETER_STORE = `told() {
  local name json comma='' asked
  asked=" $* "
  if [[ "$2" == get-parameters && "\${asked#* --names }" =~ ^(/[^ ]+ ){11} ]]; then return 254; fi
  printf '['
  while IFS=$'\\t' read -r name json; do
    if [[ "$2" == get-parameters && "$asked" == *" $name "* || "$2" == get-parameters-by-path && "$name" == "$4"* ]]; then
      printf '%s%s' "$comma" "$json"
      comma=,
    fi
  done < "$STUBS/parameters"
  printf ']'
}`;

export interface Run {
  readonly status: number;
  readonly output: string;
}

/** A machine that is removed after the test which asks for it. */
export function machine(changes: Partial<NodeBlueprint> = {}): Machine {
  const machine = new Machine(changes);
  onTestFinished(() => machine.remove());
  return machine;
}

/** A scratch folder with a boot bundle in it, in which the boot scripts run against replaced commands. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'beamstalk-node-'));
  private readonly stubs = join(this.root, 'stubs');

  constructor(changes: Partial<NodeBlueprint> = {}) {
    cpSync(BOOT_DIRECTORY, this.path('opt/beamstalk/boot'), { recursive: true });
    for (const [name, text] of generatedFiles(blueprint(changes))) this.write(`opt/beamstalk/boot/${name}`, text);
    mkdirSync(this.stubs, { recursive: true });
    // Where python3 is a shim of a version manager, each call would take as long as a whole boot.
    if (existsSync('/usr/bin/python3')) symlinkSync('/usr/bin/python3', this.path('stubs/python3'));
    this.write('stubs/replacement', REPLACEMENT);
    chmodSync(this.path('stubs/replacement'), 0o755);
    for (const name of REPLACED) symlinkSync('replacement', join(this.stubs, name));
    for (const [name, script] of Object.entries(ANSWERS)) this.answer(name, script);
    this.parameters({});
    this.write('etc/fstab', '');
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  executable(name: string): void {
    chmodSync(this.path(name), 0o755);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** What a replaced command does: bash, with the arguments of the call. */
  answer(command: string, script: string): void {
    this.write(`stubs/${command}.sh`, `${script}\n`);
  }

  /** The same for a command that is itself where no test says otherwise. */
  replace(command: string, script: string): void {
    symlinkSync('replacement', join(this.stubs, command));
    this.answer(command, script);
  }

  /** What Parameter Store holds for the environment, and what every other call to AWS does. */
  parameters(values: Readonly<Record<string, string>>, otherCalls = ''): void {
    const lines = Object.entries(values).map(([name, Value]) => {
      const Name = `/beamstalk/dev/${name}`;
      return `${JSON.stringify(Name).slice(1, -1)}\t${JSON.stringify({ Name, Value })}\n`;
    });
    this.write('stubs/parameters', lines.join(''));
    this.answer('aws', `${PARAMETER_STORE}\ncase "$*" in\n'ssm get-parameters'*) told "$@" ;;\n${otherCalls}\nesac`);
  }

  boot(environment: Readonly<Record<string, string>> = {}): Run {
    return this.bash(['opt/beamstalk/boot/boot.sh', 'stack', 'fleet'], environment);
  }

  bash(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Run {
    const { program, args, options } = this.invocation(60, command, environment);
    const { status, stdout, stderr } = spawnSync(program, args, options);
    return { status: status ?? -1, output: stdout + stderr };
  }

  /** The same beside whatever else goes on, and for longer. */
  bashAside(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
    const { program, args, options } = this.invocation(90, command, environment);
    return new Promise((resolve) => {
      const child = execFile(program, args, options, (_error, stdout, stderr) =>
        resolve({ status: child.exitCode ?? -1, output: stdout + stderr }),
      );
    });
  }

  private invocation(
    seconds: number,
    [script = '', ...parameters]: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) {
    return {
      program: 'timeout',
      // A script that never ends is a failure, not a wait; `timeout` ends what runs in its background as well.
      args: ['--signal=KILL', String(seconds), 'bash', this.path(script), ...parameters],
      options: {
        encoding: 'utf8',
        env: {
          PATH: `${this.stubs}:${process.env['PATH'] ?? ''}`,
          STUBS: this.stubs,
          BEAMSTALK_ROOT: this.root,
          BEAMSTALK_PAUSE_SECONDS: '0.01',
          BEAMSTALK_PATIENCE_SECONDS: '20',
          BEAMSTALK_BACKOFF_SECONDS: '0',
          BEAMSTALK_RETRY_SECONDS: '0',
          ...environment,
        },
      },
    } as const;
  }

  /** The calls of replaced commands so far, a line each, without the looks for an endpoint before each call to AWS. */
  calls(): readonly string[] {
    const looks = /^(getent ahostsv4 |curl -so \/dev\/null --connect-timeout )/;
    return this.read('stubs/calls')
      .split('\n')
      .slice(0, -1)
      .filter((call) => !looks.test(call));
  }

  callsOf(command: string): readonly string[] {
    return this.calls().filter((call) => call.startsWith(`${command} `));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
