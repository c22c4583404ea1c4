import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import { machine } from '../../test/node/machine';
import {
  function_,
  loginAs,
  newFunction,
  postgres,
  prepare,
  rotate,
  rotation,
  rowsOf,
  secrets,
  useCredentials,
  valueAt,
} from '../../test/peers/credentials-bench';

useCredentials();

describe('nodes', () => {
  test('that live shorter than a rotation open connections at any time: none fails over six rotations', async () => {
    await prepare();
    const fleet = [new RunningNode(), new RunningNode(), new RunningNode()];
    for (let rotation = 0; rotation < 6; rotation++) {
      await rotate();
      await pause(150);
      // One by one, as a group replaces what has lived its time.
      for (const [at, old] of fleet.entries()) {
        fleet[at] = new RunningNode();
        await pause(30);
        await old.end();
      }
    }
    const outcome = fleet.map((node) => node.failures.length);
    for (const node of fleet) await node.end();
    expect(outcome).toEqual([0, 0, 0]);
    expect(RunningNode.failed).toEqual([]);
    expect(RunningNode.connections).toBeGreaterThan(100);
  });

  test('that live on are not locked out: the rotation waits for them, says for whom, and goes on', async () => {
    await prepare();
    const old = new RunningNode();
    await pause(100);
    await rotate();
    for (let attempt = 0; attempt < 3; attempt++) {
      const version = secrets.beginRotation('application');
      await expect(function_.invoke(rotation('createSecret', version))).rejects.toThrow(
        /the password of app is not changed: \d+ sessions of app, from (127\.0\.0\.1|::1), are open/,
      );
      await pause(100);
    }
    expect(valueAt().username).toBe('app_clone');
    const replacement = new RunningNode();
    await old.end();
    await rotate();
    expect(valueAt().username).toBe('app');
    await replacement.end();
    expect(RunningNode.failed).toEqual([]);
  });

  test('whose sessions a restart of the server has just ended are waited for', async () => {
    await prepare();
    await rotate();
    await postgres.restart();
    const careful = newFunction({ settledSeconds: 600 });
    const version = secrets.beginRotation('application');
    await expect(careful.invoke(rotation('createSecret', version))).rejects.toThrow(/the server started \d+ s ago/);
    await careful.end();
    await rotate();
  });

  test('the DATABASE_URL of a boot opens connections across a rotation, and the box follows at night before the next', async () => {
    await prepare();
    const box = machine({ steps: ['release', 'credentials'] });
    box.write('opt/beamstalk/current/responder.py', '');
    box.write('secret', secrets.value('application'));
    box.parameters(
      {
        'database/endpoint': 'localhost',
        'database/port': String(postgres.port),
        'database/application-secret': 'arn:app',
      },
      `*arn:app*) cat "$BEAMSTALK_ROOT/secret" ;;`,
    );
    expect(box.boot()).toMatchObject({ status: 0 });
    const connect = async (): Promise<unknown> => {
      const url = /^DATABASE_URL="(.*)"$/m.exec(box.read('etc/beamstalk/release.env'))?.[1];
      const client = new Client({ connectionString: url, ssl: { ca: readFileSync(postgres.authority) } });
      await client.connect();
      try {
        return (await rowsOf(client, 'select session_user, current_user'))[0];
      } finally {
        await client.end();
      }
    };
    const users: unknown[] = [];
    for (let rotation = 0; rotation < 4; rotation++) {
      users.push(await connect());
      await rotate();
      // The one of the boot is not the current one any more, and still right.
      await connect();
      box.write('secret', secrets.value('application'));
      expect(box.bash(['opt/beamstalk/boot/files/bin/credentials.sh'])).toMatchObject({ status: 0 });
    }
    expect(users).toEqual(
      ['app', 'app_clone', 'app', 'app_clone'].map((user) => ({ session_user: user, current_user: 'app_owner' })),
    );
  });

  beforeEach(() => {
    RunningNode.failed = [];
    RunningNode.connections = 0;
  });
});

/** A release that does nothing about passwords: it reads the secret once, and its pool opens connections for ever. */
class RunningNode {
  static failed: string[] = [];
  static connections = 0;
  readonly failures: string[] = [];
  private readonly pool: Pool;
  private readonly work: Promise<void>[];
  private ended = false;

  constructor() {
    const { username, password } = valueAt();
    // Each connection serves a few queries and gives way to a new one; not all at once, as with a real pool.
    this.pool = new Pool({ ...loginAs(username, password), max: 3, maxUses: 4 });
    this.pool.on('connect', () => {
      RunningNode.connections += 1;
    });
    this.pool.on('error', () => undefined);
    this.work = [1, 2, 3].map((worker) => this.run(worker));
  }

  async end(): Promise<void> {
    this.ended = true;
    await Promise.all(this.work);
    await this.pool.end();
  }

  private async run(worker: number): Promise<void> {
    while (!this.ended) {
      try {
        await this.pool.query('select pg_sleep(0.005 * $1)', [worker]);
      } catch (error) {
        this.failures.push(String(error));
        RunningNode.failed.push(String(error));
      }
    }
  }
}
