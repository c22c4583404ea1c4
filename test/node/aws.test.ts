import { describe, expect, it } from 'vitest';
import { type Machine, machine } from './machine';

/** What the resolver and the network say of a name: an address inside or outside, or why nobody answers. */
type Reach = 'inside' | 'outside' | 'does not resolve' | 'does not answer';

/** A node for whose looks at AWS only the given names exist; `aws` says how it was called. */
function node(names: Readonly<Record<string, Reach>>): Machine {
  const made = machine({ region: 'us-east-1' });
  const cases = (of: (reach: Reach) => string) =>
    Object.entries(names)
      .map(([name, reach]) => `*${name}*) ${of(reach)} ;;`)
      .join('\n');
  made.answer(
    'getent',
    `case "$*" in\n${cases((reach) => (reach === 'inside' ? "echo '10.1.2.3 STREAM'" : "echo '52.1.2.3 STREAM'"))}\nesac`,
  );
  const status = { inside: 0, outside: 0, 'does not answer': 28, 'does not resolve': 6 };
  made.answer('curl', `case "$*" in\n${cases((reach) => `exit ${status[reach]}`)}\n*) exit 6 ;;\nesac`);
  made.answer('aws', 'echo "dual-stack=$AWS_USE_DUALSTACK_ENDPOINT $*"');
  return made;
}

/** Runs a line of bash with the functions of the boot scripts. */
function run(made: Machine, line: string, environment: Readonly<Record<string, string>> = {}) {
  made.write('opt/beamstalk/boot/line.sh', `source "\${BASH_SOURCE[0]%/*}/lib.sh"\nset -euo pipefail\n${line}\n`);
  return made.bash(['opt/beamstalk/boot/line.sh'], environment);
}

describe('a call to AWS', () => {
  it.each<[string, Readonly<Record<string, Reach>>, string]>([
    ['IPv6 alone', { 'ssm.us-east-1.api.aws': 'outside', 'ssm.us-east-1.amazonaws.com': 'does not answer' }, 'true'],
    ['IPv4 alone', { 'ssm.us-east-1.api.aws': 'does not answer', 'ssm.us-east-1.amazonaws.com': 'outside' }, 'false'],
    ['both', { 'ssm.us-east-1.api.aws': 'outside', 'ssm.us-east-1.amazonaws.com': 'outside' }, 'true'],
    ['an interface endpoint', { 'ssm.us-east-1.api.aws': 'outside', 'ssm.us-east-1.amazonaws.com': 'inside' }, 'false'],
    ['a region without the newer name', { 'ssm.us-east-1.amazonaws.com': 'outside' }, 'false'],
  ])('goes to a name that answers: %s', (_, names, dualStack) => {
    expect(run(node(names), 'aws ssm get-parameter --name x')).toEqual({
      status: 0,
      output: `dual-stack=${dualStack} ssm get-parameter --name x\n`,
    });
  });

  it('says nothing of names that it has not tried, in a script that goes on without a reader', () => {
    const names = { 'ssm.us-east-1.api.aws': 'outside', 'ssm.us-east-1.amazonaws.com': 'outside' } as const;
    // The names come one by one, and the second when nobody asks for it any more.
    const slowly = `printf() { local word; for word in "\${@:2}"; do builtin printf "$1" "$word"; sleep 0.3; done; }`;
    expect(run(node(names), `trap '' PIPE\n${slowly}\naws ssm x\nsleep 0.6`).output).toBe('dual-stack=true ssm x\n');
  });

  it('knows no name that AWS does not document', () => {
    const everything = { 'cloudformation.us-east-1': 'outside', 'secretsmanager.us-east-1': 'outside' } as const;
    const made = node(everything);
    expect(run(made, 'aws cloudformation x; aws secretsmanager y').output).toBe(
      'dual-stack=false cloudformation x\ndual-stack=false secretsmanager y\n',
    );
    expect(made.read('stubs/calls')).not.toContain('api.aws');
  });

  it('that reaches nobody says what was tried, after as many tries as the command line would make', () => {
    const made = node({ 'ssm.us-east-1.amazonaws.com': 'does not answer' });
    expect(run(made, 'AWS_MAX_ATTEMPTS=2 aws ssm get-parameter --name x || echo "status $?" >&2').output).toBe(
      'beamstalk: ssm cannot be reached: ssm.us-east-1.api.aws does not resolve, ssm.us-east-1.amazonaws.com does not answer\nstatus 255\n',
    );
    expect(made.read('stubs/calls').match(/^curl .*ssm\.us-east-1\.api\.aws/gm)).toHaveLength(2);
    expect(made.callsOf('aws')).toEqual([]);
  });

  it('to a service that the table does not have is refused', () => {
    expect(run(node({}), 'AWS_MAX_ATTEMPTS=1 aws polly describe-voices || true').output).toContain(
      'AWS documents no name for it',
    );
  });

  it('keeps the status of the command line, and the place of the script that made it', () => {
    const made = node({ 'ssm.us-east-1.api.aws': 'outside' });
    made.answer('aws', 'exit 254');
    expect(run(made, 'aws ssm x || echo "status $?"').output).toBe('status 254\n');
    const { output } = run(made, 'begin_step\naws ssm get-parameter --name x', { BEAMSTALK_PAUSE_SECONDS: '0' });
    expect(output).toBe('');
    expect(made.read('run/beamstalk/reason')).toMatch(
      /`aws ssm get-parameter --name x` ended with status 254 \(line\.sh/,
    );
  });

  it('goes where an engine is that stands in for AWS', () => {
    const made = node({});
    expect(run(made, 'aws ssm x', { AWS_ENDPOINT_URL: 'http://localhost:1' }).output).toBe('dual-stack= ssm x\n');
  });
});

describe('the signal', () => {
  const answering = { 'cloudformation.us-east-1.amazonaws.com': 'outside' } as const;
  const SIGNAL = `STACK=s FLEET=f; echo i-1 > "$RUN/instance-id"; signal SUCCESS`;
  const prepared = (made: Machine): Machine => {
    made.write('run/beamstalk/x', '');
    return made;
  };

  it('is tried until it is taken', () => {
    const made = prepared(node(answering));
    made.answer(
      'aws',
      'echo x >> "$STUBS/tries"; [[ $(wc -l < "$STUBS/tries") -ge 4 ]] || { echo Throttled >&2; exit 254; }',
    );
    expect(run(made, SIGNAL)).toEqual({ status: 0, output: '' });
    expect(made.callsOf('aws')).toHaveLength(4);
  });

  it('is not repeated when CloudFormation says that nobody waits', () => {
    const made = prepared(node(answering));
    made.answer(
      'aws',
      `echo 'An error occurred (ValidationError) when calling the SignalResource operation: Stack s is in UPDATE_COMPLETE state' >&2; exit 254`,
    );
    expect(run(made, SIGNAL).output).toBe(
      'beamstalk: nobody waits for the signal SUCCESS: Stack s is in UPDATE_COMPLETE state\n',
    );
    expect(made.callsOf('aws')).toHaveLength(1);
  });

  it('that is lost is said with the names that were tried', () => {
    const made = prepared(node({}));
    const { output, status } = run(made, SIGNAL, { BEAMSTALK_SIGNAL_SECONDS: '1' });
    expect(output).toContain(
      'beamstalk: CloudFormation did not take the signal SUCCESS of i-1 for f in s in 1 s: ' +
        'beamstalk: cloudformation cannot be reached: cloudformation.us-east-1.amazonaws.com does not resolve\n',
    );
    expect(status).toBe(0);
  });
});
