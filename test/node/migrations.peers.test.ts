import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PostgresPeer, startPostgresPeer } from '../peers/postgres';
import { archive, current, running, uri } from './deployed-node';
import { ANSWERS, type Machine } from './machine';

// From phase 6 on each function of the application has a database. What a node runs is real here, from rollout.sh to psql; the
// programs of the machine itself are stand-ins, and AWS answers from a table.

const FUNCTIONS = ['forum', 'users'] as const;

/** What an environment has once no function is left in the single database. */
const PARAMETERS = (port: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    FUNCTIONS.flatMap((name) => [
      [`database/${name}/endpoint`, 'localhost'],
      [`database/${name}/port`, String(port)],
      [`database/${name}/name`, name],
      [`database/${name}/application-secret`, `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`],
    ]),
  );

/** Awkward in a URL, as generated passwords are. */
const PASSWORD = 'p/w:% @x';

/**
 * A migration as Ecto does it, for each database: what is done is written down and not done again. It writes down too whether the
 * lock of that database is held meanwhile, and by how many. `then` is what it does at the end.
 */
const migration = (then = ''): string => `#!/bin/bash
set -eu
export PGSSLMODE=verify-full PGSSLROOTCERT="$DATABASE_CA_FILE"
of() { /usr/bin/psql -XqAt -v ON_ERROR_STOP=1 "$1"; }
for url in "$DATABASE_FORUM_URL" "$DATABASE_USERS_URL"; do of "$url" << 'SQL'
insert into runs (locks) select count(*) from pg_locks
  where locktype = 'advisory' and granted and objid = 1829445530 and database = (select oid from pg_database where datname = current_database());
select pg_sleep(0.5);
insert into work select 'a column' where not exists (select from work);
update runs set ended = clock_timestamp() where ended is null;
SQL
done
${then}
`;

let peer: PostgresPeer;

beforeAll(async () => {
  peer = await startPostgresPeer();
  for (const name of FUNCTIONS) {
    await peer.sql(`create role ${name} login password '${PASSWORD}'`, 'postgres');
    await peer.sql(`create database ${name} owner ${name}`, 'postgres');
  }
});
afterAll(() => peer.stop());
beforeEach(async () => {
  for (const name of FUNCTIONS) {
    await peer.sql(
      `drop table if exists runs, work; create table work (what text unique);
       create table runs (began timestamptz default clock_timestamp(), ended timestamptz, locks int);
       grant all on runs, work to ${name}`,
      name,
    );
  }
});

/** A node of the app fleet whose next release has this for its bin/migrate. */
function node(program: string, passwords: Partial<Record<(typeof FUNCTIONS)[number], string>> = {}): Machine {
  const secrets = FUNCTIONS.map(
    (name) =>
      `'secretsmanager get-secret-value '*:${name}' '*) echo '${JSON.stringify({ username: name, password: passwords[name] ?? PASSWORD })}' ;;`,
  );
  const made = running(PARAMETERS(peer.port), { role: 'app' }, secrets.join('\n'));
  // The step `ready` of a boot, which the steps of these tests leave out.
  made.write('var/lib/beamstalk/booted', '');
  made.write('opt/beamstalk/boot/database-authorities.pem', AUTHORITY());
  made.answer('setpriv', ANSWERS.setpriv);
  made.answer('curl', `case "$*" in *http_code*) printf 200 ;; esac\n${ANSWERS.curl}`);
  archive(made, '2.0.0', { 'bin/migrate': program });
  return made;
}

const AUTHORITY = (): string => readFileSync(peer.authority, 'utf8');
const ROLLOUT = ['opt/beamstalk/boot/files/bin/rollout.sh', uri('2.0.0'), 'migrate'];
const of = (name: string, statement: string) => peer.sql(statement, name);
const runsOf = (name: string) => of(name, 'select locks, ended is not null as whole from runs order by began');

const untouched = (one: Machine) => {
  expect(current(one)).toBe('echo-1.0.0');
  expect(
    one.callsOf('systemctl').filter((call) => call.startsWith('systemctl restart beamstalk.service')),
  ).toHaveLength(1);
};
/** Sessions that still hold a lock, of either database. */
const held = () =>
  peer.sql("select count(*) from pg_locks where locktype = 'advisory' and objid = 1829445530", 'postgres');

describe('the migration of a rollout', () => {
  test('runs once, under a lock in the database of each function, before the release starts', async () => {
    const one = node(migration('echo migrated both'));
    const { status, output } = await one.bashAside(ROLLOUT);
    expect(output).toMatch(
      / {2}migrated both\n(.*\n)*beamstalk: migrated in \d+ s\n(.*\n)*beamstalk: runs echo-2\.0\.0\n/,
    );
    expect([status, current(one)]).toEqual([0, 'echo-2.0.0']);
    for (const name of FUNCTIONS) expect(await runsOf(name)).toEqual([{ locks: 1, whole: true }]);
    expect(await held()).toEqual([{ count: '0' }]);
  });

  test('waits for that of another node, and finds it done', async () => {
    const nodes = [node(migration()), node(migration())];
    const runs = await Promise.all(nodes.map((one) => one.bashAside(ROLLOUT)));
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    for (const name of FUNCTIONS) {
      expect(await runsOf(name)).toEqual([
        { locks: 1, whole: true },
        { locks: 1, whole: true },
      ]);
      // All databases of the one before any of the other.
      expect(
        await of(name, 'select count(*) from runs a join runs b on a.began > b.began and a.began < b.ended'),
      ).toEqual([{ count: '0' }]);
      expect(await of(name, 'select count(*) from work')).toEqual([{ count: '1' }]);
    }
  });

  test('of one function that fails ends the rollout with its last lines, and with the old release', async () => {
    const one = node(migration("echo 'of users: alter table ...'; echo 'ERROR: column \"a\" exists' >&2; exit 3"));
    const { status, output } = await one.bashAside(ROLLOUT);
    expect(status).toBe(1);
    expect(output.trimEnd().split('\n').slice(-3)).toEqual([
      'beamstalk:   of users: alter table ...',
      'beamstalk:   ERROR: column "a" exists',
      expect.stringMatching(/^beamstalk: the migration of echo-2\.0\.0 failed with status 3 after \d+ s$/),
    ]);
    untouched(one);
    expect(await held()).toEqual([{ count: '0' }]);
  });

  test('does the same in a deployment of the pipeline, whose hook says so', async () => {
    const one = node(migration('echo \'ERROR: column "a" exists\' >&2; exit 3'));
    const hook = ['opt/beamstalk/boot/files/bin/deploy.sh', 'BeforeInstall', uri('2.0.0'), 'rolling'];
    const { status, output } = await one.bashAside(hook);
    expect(status).toBe(1);
    expect(output.trimEnd().split('\n').slice(-2)).toEqual([
      'beamstalk:   ERROR: column "a" exists',
      expect.stringMatching(
        /^beamstalk: BeforeInstall: the migration of echo-2\.0\.0 failed with status 3 after \d+ s$/,
      ),
    ]);
    for (const name of FUNCTIONS) expect(await runsOf(name)).toEqual([{ locks: 1, whole: true }]);
    untouched(one);
  });

  test('does not begin where one of the databases gives no lock', async () => {
    const one = node(migration(), { users: 'another' });
    const { status, output } = await one.bashAside(ROLLOUT);
    expect(status).toBe(1);
    expect(output).toContain('password authentication failed for user "users"');
    expect(output).toContain('beamstalk:   the lock of database users cannot be had\n');
    expect(await runsOf('forum')).toEqual([]);
    untouched(one);
    expect(await held()).toEqual([{ count: '0' }]);
  });

  test('is not believed where a lock did not last as long as it ran', async () => {
    const end = `of "$DATABASE_USERS_URL" <<< "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'migration lock' and usename = 'users'"`;
    const one = node(migration(end));
    const { status, output } = await one.bashAside(ROLLOUT);
    expect([status, output]).toEqual([1, expect.stringContaining('the lock was lost while the migration ran')]);
    untouched(one);
  });

  test('ends with its time, and leaves no lock', async () => {
    const one = node(migration('sleep 60'));
    const { status, output } = await one.bashAside(ROLLOUT, { BEAMSTALK_MIGRATION_SECONDS: '3' });
    expect([status, output]).toEqual([1, expect.stringContaining('it did not end in 3 s')]);
    untouched(one);
    expect(await held()).toEqual([{ count: '0' }]);
  });
});
