import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { otherPlace, type Place } from '../../lib/move/side';
import type { Random } from '../verdict/random';
import { until } from './machine';
import type { Kill } from './mover/kill';
import type { Action } from './mover/main';
import { cut, heal, type Way } from './network';
import type { Scene } from './scene';
import type { Server } from './servers';

/** Something that goes wrong while an action runs. */
export interface Fault {
  readonly what: string;
  /** The mover kills itself at one of its queries. */
  readonly kill?: Kill;
  /** Goes on beside the action; ends when what was broken has been repaired. */
  readonly happen: () => Promise<void>;
  /** True when the move cannot go on from here and has to be begun anew. */
  readonly startsAnew?: boolean;
  /** Another mover that runs the same action at the same time, and may be refused. */
  readonly twice?: boolean;
}

export interface FaultProps {
  readonly scene: Scene;
  readonly random: Random;
  readonly action: Action;
  /** Where users write when the action begins. */
  readonly serving: Place;
}

/** Queries of the mover that an action makes about, measured on 20,000 rows: it is killed before any one of them. */
const QUERIES: Readonly<Record<Action, number>> = {
  ...{ check: 40, start: 320, status: 20, rehearse: 90, switch: 110, back: 110, finish: 70, abandon: 130 },
};
/** Commits of a switch: of one side, and of the other. */
const COMMITS = 2;
/** Time that an action takes about, milliseconds: a fault comes at any moment of it. */
const TIMES: Readonly<Record<Action, number>> = {
  ...{ check: 500, start: 5000, status: 500, rehearse: 1800, switch: 2000, back: 2000, finish: 1000, abandon: 1500 },
};

function moment({ random, action }: FaultProps): number {
  // A process that begins needs the first half a second for itself.
  return 500 + random.below(TIMES[action]);
}

async function nothing(): Promise<void> {}

/** Any query; of a switch half of the time one that commits, where it is decided. */
function killOf({ random, action }: FaultProps): { readonly kill: Kill; readonly what: string } {
  const when = random.pick(['before', 'after'] as const);
  const commits = ['switch', 'back'].includes(action) && random.chance(0.5);
  const kill: Kill = commits
    ? { query: 1 + random.below(COMMITS), only: 'commit', when }
    : { query: 1 + random.below(QUERIES[action]), when };
  return { kill, what: `the mover is killed ${when} its ${commits ? 'commit' : 'query'} ${kill.query}` };
}

function moverKilled(props: FaultProps): Fault {
  return { ...killOf(props), happen: nothing };
}

function serverKilled(props: FaultProps): Fault {
  const { scene, random } = props;
  const [place, after, down] = [random.pick(['source', 'target'] as const), moment(props), random.below(4000)];
  const server = scene.servers[place];
  return {
    what: `the server of the ${place} is killed after ${after} ms, and started ${down} ms later`,
    happen: async () => {
      await pause(after);
      await server.killHard();
      await pause(down);
      await server.start();
    },
  };
}

function networkCut(props: FaultProps): Fault {
  const { scene, random } = props;
  const [place, after] = [random.pick(['source', 'target'] as const), moment(props)];
  const ways = random.pick<readonly Way[]>([['peer'], ['mover'], ['peer', 'mover'], ['users', 'peer', 'mover']]);
  const { number } = scene.servers[place];
  return {
    what: `the ${place} is cut off for 20 s after ${after} ms (${ways.join(', ')})`,
    happen: async () => {
      await pause(after);
      cut(number, ways);
      await pause(20_000);
      heal(number, ways);
    },
  };
}

function openTransaction({ scene, serving, random }: FaultProps): Fault {
  const table = random.pick(['accounts', 'clicks', 'orders', 'order_lines', 'audit']);
  return {
    what: `a transaction that has written ${table} is open for 60 s`,
    happen: async () => {
      const { authority, ...login } = scene.servers[serving].users;
      const client = new Client({ ...login, ssl: { ca: authority } });
      client.on('error', () => undefined);
      await client.connect();
      await client.query('begin');
      // As a row that was written does, without changing one.
      await client.query(`lock table ${table} in row exclusive mode`);
      await client.query('select pg_current_xact_id()');
      await pause(60_000);
      await client.query('commit');
      await client.end();
    },
  };
}

const BURST = `begin; create table burst as select md5(n::text) as words from generate_series(1, 1000000) n; rollback`;

/** Slots keep what the other side has not taken: the disk of the write-ahead log fills, and the server ends. */
function diskFull(props: FaultProps): Fault {
  const { source, target } = props.scene.servers;
  const after = moment(props);
  return {
    what: `the disk of the slots at the source is full ${after} ms after the action began, until somebody makes it larger`,
    happen: async () => {
      await pause(after);
      cut(target.number, ['peer']);
      cut(source.number, ['peer']);
      await until(
        'the end of the server',
        async () => {
          await source.sql(BURST).catch(() => undefined);
          return !source.running();
        },
        120,
      );
      heal(source.number, ['peer']);
      heal(target.number, ['peer']);
      source.resizeWal(4096);
      await source.start();
    },
  };
}

/** The server gives slots up that keep more than it may. */
function slotLost({ scene, serving }: FaultProps): Fault {
  const [at, other] = [scene.servers[serving], scene.servers[otherPlace(serving)]];
  const lost = "select from pg_replication_slots where wal_status = 'lost'";
  const allow = (size: string): Promise<unknown> =>
    at.sql(`alter system set max_slot_wal_keep_size = '${size}'`).then(() => at.sql('select pg_reload_conf()'));
  return {
    what: `the slots at the ${serving} are lost, since the other side was away for too long`,
    startsAnew: true,
    happen: async () => {
      cut(at.number, ['peer']);
      cut(other.number, ['peer']);
      await allow('32MB');
      await until(
        'the loss of a slot',
        async () => {
          await at.sql(BURST);
          await at.sql('checkpoint');
          return (await at.sql(lost)).length > 0;
        },
        120,
      );
      await allow('-1');
      heal(at.number, ['peer']);
      heal(other.number, ['peer']);
    },
  };
}

/** Changes a table that is in use, as a migration of the application does: it gives way, and tries again. */
async function alter(server: Server, change: string): Promise<void> {
  const statement = `set role app_owner; set lock_timeout = '200ms'; alter table accounts ${change}`;
  const changed = (): Promise<boolean> =>
    server.sql(statement).then(
      () => true,
      () => false,
    );
  await until(`accounts: ${change}`, changed);
}

function schemaChanged(props: FaultProps): Fault {
  const { scene, random, serving } = props;
  const [after, takenBack] = [moment(props), random.chance(0.5)];
  const server = scene.servers[serving];
  return {
    what: `a column is added at the ${serving} after ${after} ms${takenBack ? ', and dropped later' : ''}`,
    startsAnew: !takenBack,
    happen: async () => {
      await pause(after);
      await alter(server, "add column late text default 'late'");
      await pause(3000);
      if (takenBack) await alter(server, 'drop column late');
    },
  };
}

function twoMovers({ random }: FaultProps): Fault {
  return { what: 'two movers begin at once', twice: true, happen: () => pause(random.below(300)) };
}

function begunAnew(props: FaultProps): Fault {
  const { kill, what } = killOf(props);
  return { kill, what: `${what}, and the move abandoned and begun anew`, happen: nothing, startsAnew: true };
}

const ANY: readonly Action[] = ['start', 'rehearse', 'switch', 'back', 'finish'];

/** Kinds of faults, and the actions during which they come. */
export const FAULTS = {
  moverKilled: { make: moverKilled, during: [...ANY, 'switch', 'back', 'abandon'] },
  serverKilled: { make: serverKilled, during: [...ANY, 'switch', 'abandon'] },
  networkCut: { make: networkCut, during: [...ANY, 'abandon'] },
  schemaChanged: { make: schemaChanged, during: ['start', 'rehearse', 'switch', 'back'] },
  twoMovers: { make: twoMovers, during: ANY },
  begunAnew: { make: begunAnew, during: ['start', 'rehearse', 'switch'] },
  diskFull: { make: diskFull, during: ['start', 'rehearse'] },
  slotLost: { make: slotLost, during: ['rehearse'] },
  openTransaction: { make: openTransaction, during: ['start', 'rehearse', 'switch', 'back'] },
} as const satisfies Record<string, { make: (props: FaultProps) => Fault; during: readonly Action[] }>;
export type FaultName = keyof typeof FAULTS;
