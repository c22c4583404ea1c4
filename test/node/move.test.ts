import { describe, expect, it } from 'vitest';
import { saidPlace } from '../../lib/climb/said-place';
import { bootSteps } from '../../lib/node/boot-steps';
import { type Machine, machine } from './machine';

// Tests of what `beamstalk move` has the mover do: the description that it writes, what it tells, and what it leaves behind. The engine is
// a stand-in here; between real servers it runs in test/move.

const MOVE = 'opt/beamstalk/boot/files/bin/move.sh';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
const FUNCTION = {
  'database/endpoint': 'single.test',
  'database/name': 'shop',
  'database/secret': `${SECRET}single`,
  'database/application-secret': `${SECRET}app`,
  'database/users/endpoint': 'users.test',
  'database/users/port': '5433',
  'database/users/name': 'users',
  'database/users/secret': `${SECRET}users`,
  'database/users/application-secret': `${SECRET}users-app`,
};
const BOX = {
  'database/endpoint': 'single.test',
  'database/name': 'shop',
  'database/secret': `${SECRET}single`,
  'database/application-secret': `${SECRET}app`,
  'mover/box-secret': `${SECRET}box`,
};
const EVIDENCE = {
  move: 'users',
  begun: 1764490000,
  epoch: 3,
  tables: 2,
  rows: 7,
  digest: 'ab12',
  verifiedAt: '2026-11-30T04:00:00.000Z',
};

/** A mover that has booted, with the settings of one move. */
function mover(parameters: Readonly<Record<string, string>>, move: string, settings: object | undefined): Machine {
  const made = machine({ role: 'mover', steps: bootSteps({ role: 'mover' }) });
  const known = settings === undefined ? '' : `'${JSON.stringify(settings)}'`;
  made.parameters(
    parameters,
    `'ssm get-parameter --name /beamstalk/dev/moves/${move} '*)
       ${known === '' ? 'echo ParameterNotFound >&2; return 254' : `printf '%s\\n' ${known}`} ;;
     'secretsmanager get-secret-value --secret-id '*)
       printf '{"username": "user of %s", "password": "quoted \\\\"%s\\\\""}\\n' "\${4##*:}" "\${4##*:}" ;;
     'ssm put-parameter '*) [[ ! -e "$STUBS/refused" ]] ;;`,
  );
  made.write('var/lib/beamstalk/booted', '');
  made.write('var/log/.keep', '');
  made.write('opt/beamstalk/boot/move.cjs', '');
  for (const name of ['node', 'psql']) {
    made.write(`stubs/${name}`, made.read('stubs/replacement'));
    made.executable(`stubs/${name}`);
  }
  made.answer('psql', 'cat > "$STUBS/sql"; env | grep PGPASSWORD >> "$STUBS/sql"');
  // The engine: keeps what it was given, says what goes on, and gives a result.
  made.answer('node', `cp -p "$3" "$STUBS/move.json"; echo 'rows are equal' >&2; echo '${JSON.stringify(EVIDENCE)}'`);
  return made;
}

const puts = (made: Machine): readonly string[] => made.callsOf('aws').filter((call) => call.includes('put-parameter'));
const described = (made: Machine): unknown => JSON.parse(made.read('stubs/move.json'));

describe('a move on the mover', () => {
  it('is described with the logins of both sides, for as long as it runs', () => {
    const settings = { tables: ['public.users'], accepted: ['collation'], limits: { patienceSeconds: 60 } };
    const made = mover(FUNCTION, '5-6/users', settings);
    const { status, output } = made.bash([MOVE, 'start', '5-6', 'users']);
    expect(output).toBe(`${JSON.stringify(EVIDENCE)}\nrows are equal\n`);
    expect(status).toBe(0);
    const login = (name: string) => ({ user: `user of ${name}`, password: `quoted "${name}"` });
    const authority = made.path('opt/beamstalk/boot/database-authorities.pem');
    expect(described(made)).toEqual({
      id: 'users',
      source: {
        title: 'the single database',
        ...{ host: 'single.test', port: 5432, database: 'shop', authority },
        ...{ administrator: login('single'), owner: login('app') },
      },
      target: {
        title: 'the database of users',
        ...{ host: 'users.test', port: 5433, database: 'users', authority },
        ...{ administrator: login('users'), owner: login('users-app') },
      },
      programs: { pgDump: '/usr/lib/postgresql/17/bin/pg_dump', pgRestore: '/usr/lib/postgresql/17/bin/pg_restore' },
      announce: {
        ...{ parameter: '/beamstalk/dev/database/users/source', region: 'eu-west-1' },
        ...{ endpoint: expect.stringMatching(/^https:\/\/ssm\.eu-west-1\./), source: 'shared', target: 'own' },
      },
      ...settings,
    });
    const listed = made.callsOf('node')[0] ?? '';
    expect(listed).toMatch(/^node \S+\/move\.cjs start \S+\/run\/beamstalk\/move\.\w+\/move\.json --json$/);
  });

  it('leaves nothing that holds a password, whatever becomes of it', () => {
    const made = mover(FUNCTION, '5-6/users', { tables: ['public.users'] });
    made.answer('node', `stat -c %a "$3" > "$STUBS/mode"; echo 'beamstalk: users is copied: ab' >&2; exit 1`);
    const { status, output } = made.bash([MOVE, 'start', '5-6', 'users']);
    expect({ status, output }).toEqual({ status: 1, output: 'beamstalk: users is copied: ab\n' });
    expect(made.read('stubs/mode')).toBe('600\n');
    made.write(
      'left.sh',
      'grep -rl "quoted" "$BEAMSTALK_ROOT/run" "$BEAMSTALK_ROOT/var"; ls "$BEAMSTALK_ROOT/run/beamstalk"',
    );
    expect(made.bash(['left.sh']).output).not.toMatch(/move|run\//);
    expect(made.calls().filter((call) => call.includes('quoted'))).toEqual([]);
  });

  it('says the end of a long story, all of which is in the log', () => {
    const made = mover(FUNCTION, '5-6/users', { tables: ['public.users'] });
    made.answer('node', 'for ((at = 1; at <= 100; at++)); do echo "line $at" >&2; done; exit 1');
    const { output } = made.bash([MOVE, 'start', '5-6', 'users']);
    expect(output.trim().split('\n')).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 81}`));
    const log = made.read('var/log/beamstalk-move.log').trim().split('\n');
    expect(log[0]).toMatch(/^\d{4}-\S+Z start 5-6\/users$/);
    expect(log.slice(1, 101)).toEqual(Array.from({ length: 100 }, (_, index) => `line ${index + 1}`));
    expect(log[101]).toMatch(/Z start 5-6\/users ended with 1$/);
  });

  it('lets the administrators replicate before the first look, and asks nothing of the box', () => {
    const made = mover(FUNCTION, '5-6/users', { tables: ['public.users'] });
    made.answer('psql', 'cat >> "$STUBS/sql"; echo "$PGPASSWORD" >> "$STUBS/sql"');
    expect(made.bash([MOVE, 'check', '5-6', 'users']).status).toBe(0);
    expect(made.read('stubs/sql').match(/GRANT rds_replication|quoted "\w+"/g)).toEqual([
      ...['GRANT rds_replication', 'quoted "users"', 'GRANT rds_replication', 'quoted "single"'],
    ]);
    const hosts = made.callsOf('psql').map((call) => /host=(\S+) port=(\d+) .*sslmode=(\S+)/.exec(call)?.slice(1));
    expect(hosts).toEqual([
      ['users.test', '5433', 'verify-full'],
      ['single.test', '5432', 'verify-full'],
    ]);
    made.answer('psql', 'echo "psql: error: FATAL: no" >&2; exit 2');
    const { status, output } = made.bash([MOVE, 'check', '5-6', 'users']);
    expect(status).toBe(1);
    expect(output).toBe(
      'beamstalk: the administrator of the database of users cannot be let replicate: psql: error: FATAL: no\n',
    );
    expect(made.bash([MOVE, 'status', '5-6', 'users']).status).toBe(0);
  });

  it('from the box goes by the address and the certificate that the box has told', () => {
    const made = mover(BOX, '0-1', { tables: 'all', address: '10.0.0.7', certificate: 'PEM\nOF\nBOX\n' });
    made.answer('node', `cp "$3" "$STUBS/move.json"; cp "$(dirname "$3")/box.pem" "$STUBS/box.pem"; echo '{}'`);
    expect(made.bash([MOVE, 'rehearse', '0-1'])).toMatchObject({ status: 0 });
    expect(described(made)).toMatchObject({
      id: 'climb_0_1',
      tables: 'all',
      source: {
        ...{ title: 'the box', host: '10.0.0.7', port: 5432, database: 'shop' },
        administrator: { user: 'user of box', password: 'quoted "box"' },
        owner: { user: 'beamstalk_mover_owner', password: 'quoted "box"' },
      },
      target: { title: 'the database', host: 'single.test', database: 'shop' },
      announce: expect.objectContaining({
        parameter: '/beamstalk/dev/database/source',
        ...{ source: 'local', target: 'managed' },
      }),
    });
    expect(made.read('stubs/box.pem')).toBe('PEM\nOF\nBOX\n\n');
  });

  it('says yes to what the operator was asked', () => {
    const made = mover(FUNCTION, '5-6/users', { tables: ['public.users'] });
    for (const action of ['switch', 'back', 'abandon']) made.bash([MOVE, action, '5-6', 'users']);
    expect(made.callsOf('node').map((call) => call.replace(/^.*move\.json /, ''))).toEqual([
      ...['--json --yes', '--json --yes', '--json'],
    ]);
  });

  it('writes the record of what was verified when it is finished, and none when it is not', () => {
    const made = mover(FUNCTION, '5-6/users', { tables: ['public.users'] });
    expect(made.bash([MOVE, 'finish', '5-6', 'users']).status).toBe(0);
    const [put = '', ...others] = puts(made);
    expect(others).toEqual([]);
    expect(put).toMatch(/ --name \/beamstalk\/dev\/climb\/verified\/5-6\/users --type String --overwrite --value /);
    expect(JSON.parse(put.replace(/^.*--value /, ''))).toEqual({
      ...{ environment: 'dev', climb: '5-6', function: 'users', source: 'single.test', target: 'users.test' },
      ...{ begun: 1764490000, epoch: 3, tables: 2, rows: 7, digest: 'ab12', verifiedAt: EVIDENCE.verifiedAt },
    });
    made.answer('node', 'exit 1');
    expect(made.bash([MOVE, 'finish', '5-6', 'users']).status).toBe(1);
    expect(puts(made)).toHaveLength(1);
  });

  it('fails when the record cannot be written: finish is run again', () => {
    const made = mover(FUNCTION, '5-6/users', { tables: ['public.users'] });
    made.write('stubs/refused', '');
    expect(made.bash([MOVE, 'finish', '5-6', 'users']).status).not.toBe(0);
  });

  it('without a proof writes that, and no other action takes the word', () => {
    const made = mover(FUNCTION, '5-6/users', { tables: ['public.users'] });
    made.answer('node', `echo '{"move": "users", "begun": 1764490000, "epoch": 3, "proven": false}'`);
    expect(made.bash([MOVE, 'finish', '5-6', 'users', '--without-proof']).status).toBe(0);
    expect(made.callsOf('node')[0]).toMatch(/\/move\.cjs finish \S+\/move\.json --json --without-proof$/);
    expect(JSON.parse(puts(made)[0]?.replace(/^.*--value /, '') ?? '')).toEqual({
      ...{ environment: 'dev', climb: '5-6', function: 'users', source: 'single.test', target: 'users.test' },
      ...{ begun: 1764490000, epoch: 3, proven: false },
    });
    expect(made.bash([MOVE, 'back', '5-6', 'users', '--without-proof'])).toEqual({
      status: 1,
      output: 'beamstalk: --without-proof is for finish alone\n',
    });
    const box = mover(BOX, '0-1', { tables: 'all', address: '10.0.0.5', certificate: 'CERTIFICATE' });
    expect(box.bash([MOVE, 'finish', '0-1', '--without-proof']).status).toBe(0);
    expect(box.callsOf('node')[0]).toMatch(/ finish \S+\/move\.json --json --without-proof$/);
  });

  it('of nothing is the word for the nodes and the record', () => {
    const made = mover(FUNCTION, '5-6/users', { tables: 'none' });
    expect(made.bash([MOVE, 'start', '5-6', 'users'])).toEqual({
      status: 1,
      output: 'beamstalk: nothing of 5-6/users moves, as its settings say: finish it, or name its tables\n',
    });
    expect(made.bash([MOVE, 'finish', '5-6', 'users']).status).toBe(0);
    const [word = '', record = ''] = puts(made);
    const { place, number } = saidPlace(
      word.replace(/^.*database\/users\/source --type String --overwrite --value /, ''),
    );
    expect(place).toBe('own');
    expect(number?.begun).toBeGreaterThan(Date.now() / 1000 - 60);
    expect(JSON.parse(record.replace(/^.*--value /, ''))).toMatchObject({
      ...{ target: 'users.test', ...number, tables: 0, rows: 0 },
    });
    expect(made.callsOf('node')).toEqual([]);
  });

  it('of nothing is no move of the box, whose data are there', () => {
    const made = mover(BOX, '0-1', { tables: 'none' });
    expect(made.bash([MOVE, 'finish', '0-1'])).toMatchObject({ status: 1 });
    expect(puts(made)).toEqual([]);
  });

  it.each(['refused', 'empty'])('ends at a secret that is %s, before a database is asked', (answer) => {
    const made = machine({ role: 'mover', steps: bootSteps({ role: 'mover' }) });
    made.parameters(
      FUNCTION,
      `'ssm get-parameter --name /beamstalk/dev/moves/5-6/users '*) printf '%s\\n' '{"tables":["public.users"]}' ;;
     'secretsmanager get-secret-value --secret-id '*) ${answer === 'empty' ? 'return 0' : 'echo AccessDenied >&2; return 254'} ;;`,
    );
    made.write('var/lib/beamstalk/booted', '');
    expect(made.bash([MOVE, 'check', '5-6', 'users']).status).not.toBe(0);
    expect(made.callsOf('psql')).toEqual([]);
    expect(made.callsOf('node')).toEqual([]);
  });

  it.each([
    [['look', '5-6', 'users'], "'look' is no action of a move"],
    [['start', '4-5'], "'4-5' is no climb that moves data"],
    [['start', '5-6'], "'' is no function"],
    [['start', '5-6', 'a/../b'], "'a/../b' is no function"],
  ])('refuses %j in one line', (words, message) => {
    const made = mover(FUNCTION, '5-6/users', { tables: ['public.users'] });
    expect(made.bash([MOVE, ...words])).toEqual({ status: 1, output: `beamstalk: ${message}\n` });
  });

  it('refuses without settings, without a database, and before the machine has booted', () => {
    const none = mover(FUNCTION, '5-6/users', undefined);
    expect(none.bash([MOVE, 'status', '5-6', 'users']).output).toBe(
      'beamstalk: no move 5-6/users is under way, as moves/5-6/users is not there: run check\n',
    );
    const { 'database/users/endpoint': _, ...others } = FUNCTION;
    const gone = mover(others, '5-6/users', { tables: 'all' });
    expect(gone.bash([MOVE, 'status', '5-6', 'users']).output).toBe(
      'beamstalk: parameter /beamstalk/dev/database/users/endpoint is missing\n',
    );
    const booting = mover(FUNCTION, '5-6/users', { tables: 'all' });
    booting.write('rm.sh', 'rm "$BEAMSTALK_ROOT/var/lib/beamstalk/booted"');
    booting.bash(['rm.sh']);
    expect(booting.bash([MOVE, 'status', '5-6', 'users'], { BEAMSTALK_PATIENCE_SECONDS: '0' }).output).toBe(
      'beamstalk: this machine has not booted to its end after 0 s\n',
    );
  });
});

describe('the boot of a mover', () => {
  it('installs what moves data, and is ready without a release', () => {
    const made = machine({ role: 'mover', steps: bootSteps({ role: 'mover' }) });
    made.answer('dpkg', 'exit 1');
    made.write('opt/beamstalk/boot/move.cjs', 'x');
    expect(made.boot()).toMatchObject({ status: 0 });
    expect(made.callsOf('apt-get').at(-1)).toContain('nodejs postgresql-client-17');
    expect(made.callsOf('aws').filter((call) => call.includes('signal-resource'))).toHaveLength(1);
    expect(made.calls().filter((call) => call.includes('127.0.0.1'))).toEqual([]);
  });

  it('says so when its bundle brings no mover', () => {
    const made = machine({ role: 'mover', steps: bootSteps({ role: 'mover' }) });
    expect(made.boot().output).toContain('boot failed at step mover: the boot bundle has no move.cjs');
  });
});
