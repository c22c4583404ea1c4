import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isOfSwitch } from '../../lib/climb/move-record';
import { projectPath } from '../../lib/facts/project-path';
import type { Check, Evidence, Frozen, Status } from '../../lib/move/results';
import { bootSteps } from '../../lib/node/boot-steps';
import { Machine, type Run } from '../node/machine';
import { IN_ENVIRONMENT, parameterStore } from '../node/parameter-store';
import { programs } from './machine';
import { type Server, startServer } from './servers';

// Runs what the mover of an environment runs: move.sh with the real engine between real servers. Parameter Store and Secrets
// Manager are a stand-in; what is written to the one is what nodes and gate would read.

const MOVE = 'opt/beamstalk/boot/files/bin/move.sh';
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
let source: Server;
let target: Server;

beforeAll(async () => {
  source = await startServer({ number: 9, title: 'source' });
  target = await startServer({ number: 10, title: 'target' });
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

const AS_OWNER = 'set session authorization app; set role app_owner;';

/** A mover that has booted, and what it reads and may write. */
class Mover {
  readonly machine = new Machine({ role: 'mover', steps: bootSteps({ role: 'mover' }) });
  private readonly path: string;

  constructor(
    private readonly words: readonly string[],
    parameters: Readonly<Record<string, string>>,
    settings: object,
    secrets: Readonly<Record<string, object>>,
    readonly store: Awaited<ReturnType<typeof parameterStore>>,
  ) {
    const { machine } = this;
    onTestFinished(() => machine.remove());
    for (const [name, secret] of Object.entries(secrets)) machine.write(`secrets/${name}`, JSON.stringify(secret));
    machine.write('settings', JSON.stringify(settings));
    machine.parameters(
      parameters,
      `'ssm get-parameter --name /beamstalk/dev/moves/'*) cat "$BEAMSTALK_ROOT/settings" ;;
       'secretsmanager get-secret-value '*) cat "$BEAMSTALK_ROOT/secrets/\${4##*:}" ;;`,
    );
    machine.write('var/lib/beamstalk/booted', '');
    machine.write('var/log/.keep', '');
    symlinkSync(projectPath('.build', 'move.cjs'), machine.path('opt/beamstalk/boot/move.cjs'));
    const authorities = [source, target].map(({ side }) => side.administrator.authority).join('');
    machine.write('opt/beamstalk/boot/database-authorities.pem', authorities);
    // Those of the Debian root, in place of the packages of a node.
    const { pgDump } = programs();
    const at = dirname(pgDump);
    const psql = `#!/bin/sh\nexec chroot '${process.env['MOVES_ROOT']}' /usr/lib/postgresql/17/bin/psql "$@"\n`;
    writeFileSync(join(at, 'psql'), psql, { mode: 0o755 });
    symlinkSync(process.execPath, join(at, 'node'));
    const os = machine.read('opt/beamstalk/boot/os.sh');
    machine.write('opt/beamstalk/boot/os.sh', os.replaceAll(/POSTGRES_BIN=.*/g, `POSTGRES_BIN=${at}`));
    this.path = `${machine.path('stubs')}:${at}:${process.env['PATH']}`;
  }

  run(action: string): Promise<Run> {
    return this.machine.bashAside([MOVE, action, ...this.words], {
      PATH: this.path,
      ...IN_ENVIRONMENT,
      AWS_ENDPOINT_URL: this.store.url,
      // A folder that the root has as well.
      TMPDIR: process.env['TMPDIR'] ?? '',
    });
  }

  /** Result of an action that works; what it said comes behind it. */
  async result<Result>(action: string): Promise<Result> {
    const { status, output } = await this.run(action);
    if (status !== 0) throw new Error(`${action} ended with ${status}: ${output}`);
    // Lines that it said on the way come behind.
    const [json = ''] = /^[\s\S]*?\n[}\]]$/m.exec(output) ?? [];
    return JSON.parse(json) as Result;
  }

  /** What the nodes were told by the mover itself: names, words, and numbers without the time of the start. */
  told(): string[] {
    return this.store.puts.map(({ name, value }) => `${name} ${value.replace(/ \d+\./, ' ')}`);
  }

  /** Parameters as the command line has written them, each with its value. */
  written(): string[] {
    return this.machine
      .callsOf('aws')
      .filter((call) => call.startsWith('aws ssm put-parameter '))
      .map((call) => call.replace(/^.* --name \/beamstalk\/dev\/(\S+) .* --value /, '$1 '));
  }
}

/** Findings that keep a move from starting. */
const refusals = (findings: Check) => findings.filter(({ level }) => level !== 'note');

function login({ side }: Server, who: 'administrator' | 'owner'): object {
  return { username: side[who].user, password: side[who].password };
}

describe('the mover of an environment', () => {
  test('moves the tables of a function there, back and there again, and writes what was verified', async () => {
    await source.sql(
      `${AS_OWNER} create table users (id serial primary key, name text);
       insert into users (name) select 'user ' || n from generate_series(1, 1000) n; create table stays (id int primary key)`,
    );
    const mover = new Mover(
      ['5-6', 'users'],
      {
        'database/endpoint': source.side.administrator.host,
        'database/secret': `${ARN}single`,
        'database/application-secret': `${ARN}app`,
        'database/users/endpoint': target.side.administrator.host,
        'database/users/secret': `${ARN}users`,
        'database/users/application-secret': `${ARN}users-app`,
      },
      { tables: ['public.users'] },
      {
        single: login(source, 'administrator'),
        app: login(source, 'owner'),
        users: login(target, 'administrator'),
        'users-app': login(target, 'owner'),
      },
      await parameterStore([{}]),
    );
    expect(refusals(await mover.result<Check>('check'))).toEqual([]);
    expect((await mover.run('switch')).output).toBe('beamstalk: users has not been started: run check, then start\n');
    expect(await mover.run('start')).toMatchObject({ status: 0, output: expect.stringContaining('copying rows') });
    expect(await mover.result<Status>('status')).toMatchObject({ step: 'ready', serving: 'source', problems: [] });
    expect((await mover.result<Frozen>('rehearse')).verification).toMatchObject({ equal: true, rows: 1000 });
    for (const action of ['switch', 'back', 'switch']) {
      expect((await mover.result<Frozen>(action)).verification.equal).toBe(true);
    }
    expect(mover.told()).toEqual(
      ['own 1', 'shared 2', 'own 3'].map((word) => `/beamstalk/dev/database/users/source ${word}`),
    );
    await target.sql(`${AS_OWNER} insert into users (name) values ('at the target')`);
    const evidence = await mover.result<Evidence>('finish');
    expect(evidence).toMatchObject({ move: 'users', epoch: 3, tables: 1, rows: 1000 });
    expect(isOfSwitch(evidence, mover.store.puts.at(-1)?.value ?? '')).toBe(true);
    const [name = '', value = ''] = mover.written().at(-1)?.split(/ (.*)/) ?? [];
    expect(name).toBe('climb/verified/5-6/users');
    expect(JSON.parse(value)).toEqual({
      ...{ environment: 'dev', climb: '5-6', function: 'users' },
      ...{ source: source.side.administrator.host, target: target.side.administrator.host },
      ...{ begun: evidence.begun, epoch: 3, tables: 1, rows: 1000 },
      ...{ digest: evidence.digest, verifiedAt: evidence.verifiedAt },
    });
    mover.machine.write('left.sh', 'ls -d "$BEAMSTALK_ROOT"/run/beamstalk/move.*; true');
    expect(mover.machine.bash(['left.sh']).output).toMatch(/^ls: cannot access [^\n]*\n$/);
  });

  test('moves all tables out of the box, by the roles that the box has made for it', async () => {
    const database = 'app';
    // As open-database.sh makes them, in a database of one application user.
    const { password } = source.side.administrator;
    const quoted = `E'${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    await source.sql(
      `create role beamstalk_mover login createrole replication password ${quoted};
       create role beamstalk_mover_owner login password ${quoted};
       grant pg_create_subscription, pg_monitor, app_owner to beamstalk_mover;
       grant create on database ${database} to beamstalk_mover;
       grant app_owner to beamstalk_mover_owner; alter role beamstalk_mover_owner set role = app_owner`,
    );
    for (const server of [source, target]) {
      await server.sql(
        `drop schema public cascade; create schema public authorization app_owner; drop schema if exists beamstalk_move cascade`,
      );
    }
    await source.sql(
      `${AS_OWNER} create table notes (id serial primary key, body text); insert into notes (body) values ('one'), ('two')`,
    );
    const mover = new Mover(
      ['0-1'],
      {
        'database/endpoint': target.side.administrator.host,
        'database/secret': `${ARN}rds`,
        'database/application-secret': `${ARN}rds-app`,
        'mover/box-secret': `${ARN}box`,
      },
      { tables: 'all', address: source.side.administrator.host, certificate: source.side.administrator.authority },
      {
        box: { username: 'beamstalk_mover', password },
        rds: login(target, 'administrator'),
        'rds-app': login(target, 'owner'),
      },
      await parameterStore([{}]),
    );
    expect(refusals(await mover.result<Check>('check'))).toEqual([]);
    expect(await mover.run('start')).toMatchObject({ status: 0, output: expect.stringContaining('copying rows') });
    expect((await mover.result<Frozen>('switch')).verification).toMatchObject({ equal: true, rows: 2 });
    await mover.result<Evidence>('finish');
    // By the switch, and once more by what ends the move, since nobody could tell them later.
    const told = '/beamstalk/dev/database/source managed 1';
    expect(mover.told()).toEqual([told, told]);
    expect(mover.written()).toEqual([
      expect.stringMatching(
        /^climb\/verified\/0-1 \{"environment": "dev", "climb": "0-1", "source": "box", "target": /,
      ),
    ]);
    expect(await target.sql('select count(*)::int as rows from notes')).toEqual([{ rows: 2 }]);
  });
});
