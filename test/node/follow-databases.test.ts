import { existsSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { archive, current, running, uri } from './deployed-node';
import type { Machine } from './machine';
import { IN_ENVIRONMENT, parameterStore } from './parameter-store';

const FOLLOW = ['opt/beamstalk/boot/files/bin/follow-databases.sh', 'once'] as const;
const UNIT = 'etc/systemd/system/beamstalk-databases.service';
const SECRETS = `*arn:users*) echo '{"username":"app","password":"own/word"}' ;;
*arn:single*) echo '{"username":"app","password":"word"}' ;;
*health*) ;;`;

/** While 0 to 1 expands: a box with a database of its own, beside the managed one. */
const EXPANDS = { 'database/endpoint': 'single.test', 'database/application-secret': 'arn:single' };
/** While 5 to 6 expands. */
const FEDERATES = {
  ...EXPANDS,
  'database/users/endpoint': 'users.test',
  'database/users/name': 'users',
  'database/users/application-secret': 'arn:users',
};

const HEALTHY = `case "$*" in *http_code*) printf 200 ;; *latest/api/token*) echo token ;; *meta-data/instance-id*) echo i-1 ;;
*meta-data/local-ipv4*) echo 10.0.0.7 ;; *target-lifecycle-state*) echo InService ;; *) exit 0 ;; esac`;

function node(role: 'box' | 'app', parameters: Readonly<Record<string, string>>): Machine {
  // The step `database` itself makes a server: what it leaves is here.
  const steps = role === 'box' ? (['fetch', 'check', 'database', 'release'] as const) : undefined;
  const made = running(parameters, { role, ...(steps && { steps }) }, SECRETS, (machine) => {
    machine.write('opt/beamstalk/boot/steps/database.sh', 'exit 0\n');
    machine.write('data/postgresql/password', 'local-word');
  });
  made.answer('curl', HEALTHY);
  made.write('var/lib/beamstalk/booted', '');
  made.write('proc/meminfo', 'MemAvailable: 2000000 kB\n');
  made.answer(
    'systemctl',
    `case "$*" in *MemoryCurrent*) echo 1000000 ;; *NRestarts*) echo 0 ;;
*InvocationID*) cat "$STUBS/run-\${!#}" 2> /dev/null ;; 'restart '*) echo "$EPOCHREALTIME" > "$STUBS/run-$2" ;; esac`,
  );
  crash(made);
  return made;
}

/** Has systemd start the release of a node again, with the environment that there is. */
function crash(of: Machine): void {
  of.write('stubs/run-beamstalk.service', `${performance.now()}\n`);
}

/** Has the release of a node be one that can be told. */
function canBeTold(of: Machine): void {
  of.write('opt/beamstalk/releases/echo-1.0.0/bin/databases-changed', '');
  of.executable('opt/beamstalk/releases/echo-1.0.0/bin/databases-changed');
}

/** One look, at a Parameter Store that says where the data are; the parameters that the command line sees say the same. */
async function look(
  of: Machine,
  parameters: Readonly<Record<string, string>>,
  where: Readonly<Record<string, string>>,
  seconds = '2',
) {
  const { url } = await parameterStore([where]);
  of.parameters({ 'release/uri': 's3://bucket/releases/1/echo-1.0.0.tar.gz', ...parameters, ...where }, SECRETS);
  return await of.bashAside(FOLLOW, {
    ...IN_ENVIRONMENT,
    AWS_ENDPOINT_URL: url,
    BEAMSTALK_HEALTH_SECONDS: '2',
    BEAMSTALK_LOOK_SECONDS: seconds,
    BEAMSTALK_TELL_PAUSES: '1 1',
  });
}

const file = (of: Machine): unknown => JSON.parse(of.read('run/beamstalk/databases'));
const urlIn = (of: Machine, name = 'release.env'): string | undefined =>
  /^DATABASE_URL="(.*)"$/m.exec(of.read(`etc/beamstalk/${name}`))?.[1];
const tellings = (of: Machine): readonly string[] =>
  of.callsOf('setpriv').filter((call) => call.includes('/bin/databases-changed'));
const untold = (of: Machine): unknown => {
  const { output } = of.bash(['opt/beamstalk/boot/files/bin/node-status.sh']);
  return (JSON.parse(output) as { untold: unknown }).untold;
};

/** Has the program that a release is told by say `no pool`, and then do what the bash says. */
function fails(of: Machine, then: string): void {
  of.answer(
    'setpriv',
    `if [[ "$*" == *databases-changed* ]]; then echo 'no pool'; ${then}; fi\n${of.read('stubs/setpriv.sh')}`,
  );
}

const MANAGED = {
  DATABASE_URL: 'postgres://app:word@single.test:5432/app',
  DATABASE_SSL: 'true',
  DATABASE_SECRET_ARN: 'arn:single',
};
const LOCAL = { DATABASE_URL: 'postgres://app:local-word@127.0.0.1:5432/app', DATABASE_SSL: 'false' };

describe('a box whose data move', () => {
  it('tells its release, and writes the environment of the next start', async () => {
    const box = node('box', EXPANDS);
    canBeTold(box);
    expect(urlIn(box)).toBe(LOCAL.DATABASE_URL);
    const { status, output } = await look(box, EXPANDS, { 'database/source': 'managed' });
    expect({ status, output }).toEqual({
      status: 0,
      output: 'beamstalk: the data are elsewhere now: database=managed\nbeamstalk: echo-1.0.0 knows it\n',
    });
    expect(file(box)).toEqual(MANAGED);
    expect(tellings(box)).toHaveLength(1);
    expect(urlIn(box)).toBe(MANAGED.DATABASE_URL);
    expect(untold(box)).toBe(false);
    // And back.
    expect((await look(box, EXPANDS, { 'database/source': 'local' })).status).toBe(0);
    expect(file(box)).toEqual(LOCAL);
    expect(tellings(box)).toHaveLength(2);
    expect(urlIn(box)).toBe(LOCAL.DATABASE_URL);
  });

  it('has a release that cannot be told start anew beside the one that serves', async () => {
    const box = node('box', EXPANDS);
    const { status, output } = await look(box, EXPANDS, { 'database/source': 'managed' });
    expect(status).toBe(0);
    expect(output).toContain('beamstalk: echo-1.0.0 has no bin/databases-changed\n');
    expect(output).toContain('beamstalk: runs echo-1.0.0\n');
    expect(current(box)).toBe('echo-1.0.0');
    expect(box.read('var/lib/beamstalk/slot')).toBe('2\n');
    expect(urlIn(box, 'release-2.env')).toBe(MANAGED.DATABASE_URL);
    expect(box.callsOf('systemctl')).toContain('systemctl restart beamstalk-2.service');
    expect(untold(box)).toBe(false);
    // It is not fetched once more.
    expect(box.callsOf('aws').filter((call) => call.includes('echo-1.0.0.tar.gz '))).toHaveLength(1);
  });

  it('does the same with one whose program goes on failing, and tells its last word each time', async () => {
    const box = node('box', EXPANDS);
    canBeTold(box);
    fails(box, 'exit 3');
    const { output } = await look(box, EXPANDS, { 'database/source': 'managed' }, '8');
    expect(output).toContain(`beamstalk: the data are elsewhere now: database=managed
beamstalk: echo-1.0.0 did not take it: no pool: once more in 1 s
beamstalk: echo-1.0.0 did not take it: no pool: once more in 1 s
beamstalk: echo-1.0.0 did not take it: no pool
`);
    expect(tellings(box)).toHaveLength(3);
    expect(box.read('var/lib/beamstalk/slot')).toBe('2\n');
    expect(untold(box)).toBe(false);
  });

  it('tells a release once more that did not take it at first, and leaves it alone', async () => {
    const box = node('box', EXPANDS);
    canBeTold(box);
    fails(box, 'if [[ ! -e "$STUBS/failed" ]]; then touch "$STUBS/failed"; exit 3; fi; exit 0');
    const { output } = await look(box, EXPANDS, { 'database/source': 'managed' }, '8');
    expect(output).toBe(`beamstalk: the data are elsewhere now: database=managed
beamstalk: echo-1.0.0 did not take it: no pool: once more in 1 s
beamstalk: echo-1.0.0 knows it
`);
    expect(tellings(box)).toHaveLength(2);
    expect(existsSync(box.path('var/lib/beamstalk/slot'))).toBe(false);
  });

  it('asks the run after a crash, also one that the run before could not be told', async () => {
    const box = node('app', FEDERATES);
    canBeTold(box);
    const answers = box.read('stubs/setpriv.sh');
    fails(box, 'exit 3');
    await look(box, FEDERATES, { 'database/users/source': 'own' }, '6');
    expect(untold(box)).toBe(true);
    // It starts with the environment of after the switch, and knows.
    crash(box);
    expect(untold(box)).toBe(false);
    box.answer('setpriv', answers);
    const { output } = await look(box, FEDERATES, { 'database/users/source': 'own' });
    expect(output).toBe('');
    // With that of before it does not, and is asked.
    const written = box.read('etc/beamstalk/release.env');
    rmSync(box.path('etc/beamstalk/release.env'));
    box.write('etc/beamstalk/release.env', written.replace('database/users=own', 'database/users=shared'));
    crash(box);
    const again = await look(box, FEDERATES, { 'database/users/source': 'own' });
    expect(again.output).toBe('beamstalk: echo-1.0.0 knows it\n');
  });

  it('tries again what did not start, and leaves what serves alone until then', async () => {
    const box = node('box', EXPANDS);
    rmSync(box.path('var/lib/beamstalk/booted'));
    const { output } = await look(box, EXPANDS, { 'database/source': 'managed' });
    expect(output).toContain('beamstalk: echo-1.0.0 did not start anew: once more in a minute\n');
    expect(untold(box)).toBe(true);
    expect(existsSync(box.path('var/lib/beamstalk/slot'))).toBe(false);
    box.write('var/lib/beamstalk/booted', '');
    const { url } = await parameterStore([{ 'database/source': 'managed' }]);
    const ran = await box.bashAside(FOLLOW, { ...IN_ENVIRONMENT, AWS_ENDPOINT_URL: url, BEAMSTALK_LOOK_SECONDS: '1' });
    expect(ran.output).toContain('beamstalk: runs echo-1.0.0\n');
    expect(untold(box)).toBe(false);
    expect(box.read('var/lib/beamstalk/slot')).toBe('2\n');
  });

  it('says to its release what is so now as soon as it follows', async () => {
    const box = node('box', EXPANDS);
    const { url } = await parameterStore([{}]);
    const ran = await box.bashAside(FOLLOW, {
      ...IN_ENVIRONMENT,
      AWS_ENDPOINT_URL: url,
      BEAMSTALK_LOOK_SECONDS: '1',
    });
    expect(ran).toEqual({ status: 0, output: '' });
    expect(file(box)).toEqual(LOCAL);
  });
});

/** Has a box look, at a Parameter Store of its own, while the command line goes on seeing what it saw. */
async function lookAt(of: Machine, answers: Parameters<typeof parameterStore>[0], seconds = '3') {
  const { url } = await parameterStore(answers);
  return await of.bashAside(FOLLOW, {
    ...IN_ENVIRONMENT,
    AWS_ENDPOINT_URL: url,
    BEAMSTALK_HEALTH_SECONDS: '2',
    BEAMSTALK_LOOK_SECONDS: seconds,
    BEAMSTALK_TELL_PAUSES: '1 1',
  });
}

/** Has a box start with the data at home, and its release let the users go for so many seconds, the first time. */
function drainsFor(of: Machine, seconds: number): void {
  of.write('opt/beamstalk/releases/echo-1.0.0/bin/drain', '');
  of.executable('opt/beamstalk/releases/echo-1.0.0/bin/drain');
  of.answer(
    'setpriv',
    `if [[ "$*" == */bin/drain* && ! -e "$STUBS/drains" ]]; then touch "$STUBS/drains"; exec sleep ${seconds}; fi\n${of.read('stubs/setpriv.sh')}`,
  );
  const environment = of.read('etc/beamstalk/release.env').replaceAll('=managed', '=local');
  rmSync(of.path('etc/beamstalk/release.env'));
  of.write('etc/beamstalk/release.env', environment);
}

it('a box takes no late word of an earlier switch for the news, also where it writes the next start', async () => {
  const box = node('box', { ...EXPANDS, 'database/source': 'local 1764490000.4' });
  canBeTold(box);
  const { output } = await lookAt(box, [
    { 'database/source': 'managed 1764490000.5' },
    { 'database/source': 'local 1764490000.4' },
  ]);
  expect(output).toBe('beamstalk: the data are elsewhere now: database=managed\nbeamstalk: echo-1.0.0 knows it\n');
  expect(file(box)).toEqual(MANAGED);
  expect(urlIn(box)).toBe(MANAGED.DATABASE_URL);
  // Nor does its next start, beside the one that serves.
  expect(box.bash(['opt/beamstalk/boot/files/bin/rollout.sh', uri('1.0.0'), 'again']).status).toBe(0);
  expect(urlIn(box, 'release-2.env')).toBe(MANAGED.DATABASE_URL);
}, 120_000);

it('a box whose next start could not be written says to its release what it said before, and writes it later', async () => {
  const box = node('box', EXPANDS);
  canBeTold(box);
  const step = 'opt/beamstalk/boot/steps/release.sh';
  const whole = box.read(step);
  box.write(step, whole.replace('begin_step\n', 'begin_step\nfail "nobody gives a secret"\n'));
  const first = await look(box, EXPANDS, { 'database/source': 'managed' });
  expect(first.output).toContain('beamstalk: settle: ');
  expect(urlIn(box)).toBe(LOCAL.DATABASE_URL);
  // It begins anew, and nobody answers.
  await lookAt(box, [{ status: 400 }]);
  expect(file(box)).toEqual(MANAGED);
  box.write(step, whole);
  await lookAt(box, [{ status: 400 }]);
  expect(urlIn(box)).toBe(MANAGED.DATABASE_URL);
  expect(tellings(box)).toHaveLength(1);
}, 120_000);

it('a way back does not wait for users that a release lets go who cannot be told, and has it start once more', async () => {
  const box = node('box', { ...EXPANDS, 'database/source': 'managed 1764490000.1' });
  // The command line sees the first switch alone.
  drainsFor(box, 40);
  const drains = (): boolean => existsSync(box.path('stubs/drains'));
  const began = performance.now();
  const { output } = await lookAt(
    box,
    [() => ({ 'database/source': drains() ? 'local 1764490000.2' : 'managed 1764490000.1' })],
    '12',
  );
  expect(performance.now() - began).toBeLessThan(38_000);
  expect(output).toContain('echo-1.0.0 has to start anew: echo-1.0.0 ends with the users that it has\n');
  expect(output.match(/beamstalk: runs echo-1\.0\.0\n/g)).toHaveLength(2);
  expect(box.read('var/lib/beamstalk/slot')).toBe('1\n');
  expect(urlIn(box)).toBe(LOCAL.DATABASE_URL);
  expect(untold(box)).toBe(false);
}, 120_000);

it('a box listens again after its hour, while users of before are still let go', async () => {
  const box = node('box', { ...EXPANDS, 'database/source': 'managed 1764490000.1' });
  drainsFor(box, 60);
  box.write(
    'run/hours.sh',
    `follow="$BEAMSTALK_ROOT/opt/beamstalk/boot/files/bin/follow-databases.sh"
bash "$follow" once; touch "$STUBS/second"; bash "$follow" once`,
  );
  const second = (): boolean => existsSync(box.path('stubs/second'));
  const { url } = await parameterStore([
    () => ({ 'database/source': second() ? 'local 1764490000.2' : 'managed 1764490000.1' }),
  ]);
  const began = performance.now();
  const environment = { AWS_ENDPOINT_URL: url, BEAMSTALK_HEALTH_SECONDS: '2', BEAMSTALK_LOOK_SECONDS: '6' };
  const { output } = await box.bashAside(['run/hours.sh'], { ...IN_ENVIRONMENT, ...environment });
  expect(performance.now() - began).toBeLessThan(50_000);
  expect(output).toContain('echo-1.0.0 serves; 0 connections of echo-1.0.0 are let go\n');
  expect(output).toContain('beamstalk: the data are elsewhere now: database=local\n');
  expect(output).toContain('echo-1.0.0 has to start anew: echo-1.0.0 ends with the users that it has\n');
  expect(file(box)).toEqual(LOCAL);
  expect(untold(box)).toBe(false);
}, 120_000);

describe('a release that crashed after it was told', () => {
  /** A box whose release was told, and whose next start could not be written. */
  async function toldAlone(): Promise<Machine> {
    const box = node('box', EXPANDS);
    canBeTold(box);
    const step = 'opt/beamstalk/boot/steps/release.sh';
    const whole = box.read(step);
    box.write(step, whole.replace('begin_step\n', 'begin_step\nfail "nobody gives a secret"\n'));
    await look(box, EXPANDS, { 'database/source': 'managed' });
    expect(tellings(box)).toHaveLength(1);
    expect(urlIn(box)).toBe(LOCAL.DATABASE_URL);
    box.write(step, whole);
    return box;
  }

  it('is told once more, when its environment was that of before', async () => {
    const box = await toldAlone();
    crash(box);
    const { output } = await look(box, EXPANDS, { 'database/source': 'managed' });
    expect(output).toBe('beamstalk: echo-1.0.0 knows it\n');
    expect(tellings(box)).toHaveLength(2);
  });

  it('is told once more, when its environment was written after its start', async () => {
    const box = await toldAlone();
    crash(box);
    expect((await box.bashAside([FOLLOW[0], 'settle'], IN_ENVIRONMENT)).status).toBe(0);
    expect(urlIn(box)).toBe(MANAGED.DATABASE_URL);
    await look(box, EXPANDS, { 'database/source': 'managed' });
    expect(tellings(box)).toHaveLength(2);
  });

  it('is left alone, when its environment was that of after', async () => {
    const box = await toldAlone();
    await look(box, EXPANDS, { 'database/source': 'managed' });
    expect(urlIn(box)).toBe(MANAGED.DATABASE_URL);
    crash(box);
    expect((await look(box, EXPANDS, { 'database/source': 'managed' })).output).toBe('');
    expect(tellings(box)).toHaveLength(1);
  });
});

it('a box hears of a way back while it settles what was before', async () => {
  const box = node('box', EXPANDS);
  canBeTold(box);
  // The command line, which is slow, says what it was at first.
  const { url } = await parameterStore([{ 'database/source': 'managed' }, { 'database/source': 'managed' }, {}]);
  // Three answers, and what is done of each: on a machine with other gates beside, five seconds were too few for it.
  const environment = { ...IN_ENVIRONMENT, AWS_ENDPOINT_URL: url, BEAMSTALK_LOOK_SECONDS: '15' };
  const { output } = await box.bashAside(FOLLOW, environment);
  expect(output.match(/data are elsewhere now: .*/g)).toEqual([
    'data are elsewhere now: database=managed',
    'data are elsewhere now: database=local',
  ]);
  expect(tellings(box)).toHaveLength(2);
  expect(file(box)).toEqual(LOCAL);
  expect(urlIn(box)).toBe(LOCAL.DATABASE_URL);
});

describe('a node of a fleet, when a function leaves the single database', () => {
  it('tells its release of that function', async () => {
    const app = node('app', FEDERATES);
    canBeTold(app);
    expect((await look(app, FEDERATES, { 'database/users/source': 'own' })).status).toBe(0);
    expect(file(app)).toEqual({
      ...MANAGED,
      DATABASE_USERS_URL: 'postgres://app:own%2Fword@users.test:5432/users',
      DATABASE_USERS_SECRET_ARN: 'arn:users',
    });
    expect(tellings(app)).toHaveLength(1);
  });

  it('leaves its start to whoever sees to the others, and its next one finds it', async () => {
    const app = node('app', FEDERATES);
    const restarts = (): number =>
      app.callsOf('systemctl').filter((call) => call.endsWith('restart beamstalk.service')).length;
    const before = restarts();
    const { status, output } = await look(app, FEDERATES, { 'database/users/source': 'own' });
    expect(status).toBe(0);
    expect(output).toContain('beamstalk: echo-1.0.0 has to start anew on this node: beamstalk release restart\n');
    expect(restarts()).toBe(before);
    expect(untold(app)).toBe(true);
    expect(app.read('etc/beamstalk/release.env')).toContain(
      'DATABASE_USERS_URL="postgres://app:own%2Fword@users.test:5432/users"\n',
    );
  });
});

describe('the unit that follows', () => {
  it.each([
    ['a box whose climb expands', 'box', EXPANDS],
    ['a node while functions have two places', 'app', FEDERATES],
  ] as const)('is there on %s', (_, role, parameters) => {
    const one = node(role, parameters);
    expect(one.read(UNIT)).toContain('/files/bin/follow-databases.sh\n');
  });

  it.each([
    ['a box alone', 'box', {}],
    ['a node with one database', 'app', EXPANDS],
  ] as const)('is not there on %s', (_, role, parameters) => {
    expect(existsSync(node(role, parameters).path(UNIT))).toBe(false);
  });

  it('has the time that a rollout takes to go back when it is stopped in the middle of one', () => {
    const box = node('box', EXPANDS);
    const stops = (unit: string): number => Number(/^TimeoutStopSec=(\d+)$/m.exec(box.read(unit))?.[1]);
    const health = Number(/^HEALTH_SECONDS=.*:-(\d+)\}"$/m.exec(box.read('opt/beamstalk/boot/lib.sh'))?.[1]);
    // The new release does not get well, stops, and the old one gets well.
    expect(stops(UNIT)).toBeGreaterThan(health + stops('etc/systemd/system/beamstalk.service') + health);
  });

  it('goes when there is one place again, with what it wrote', () => {
    const app = node('app', FEDERATES);
    app.write('run/beamstalk/databases', '{}');
    const { 'database/endpoint': _gone, ...own } = FEDERATES;
    app.parameters({ 'release/uri': 's3://bucket/releases/1/echo-1.0.0.tar.gz', ...own }, SECRETS);
    app.write(
      'run/again.sh',
      'rm -f "$BEAMSTALK_ROOT/run/beamstalk/parameters"; exec bash "$BEAMSTALK_ROOT/opt/beamstalk/boot/steps/release.sh"',
    );
    expect(app.bash(['run/again.sh']).status).toBe(0);
    expect(app.callsOf('systemctl')).toContain('systemctl disable --quiet --now beamstalk-databases.service');
    expect(existsSync(app.path('run/beamstalk/databases'))).toBe(false);
  });
});

it('a release that is to start anew is the one that runs', () => {
  const box = node('box', EXPANDS);
  archive(box, '2.0.0');
  const { status, output } = box.bash([
    'opt/beamstalk/boot/files/bin/rollout.sh',
    's3://bucket/releases/1/echo-2.0.0.tar.gz',
    'again',
  ]);
  expect(status).toBe(1);
  expect(output).toContain('the node runs s3://bucket/releases/1/echo-1.0.0.tar.gz, which is another release\n');
});
