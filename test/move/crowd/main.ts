// Writers and readers in a process of their own, so that nothing that the mover or a test computes delays what they measure.
import { type Login, otherPlace, type Place } from '../../../lib/move/side';
import { Random } from '../../verdict/random';
import { callsToParent } from '../calls';
import { type Audit, audit, type Counts, count, MOVED_KINDS } from './audit';
import { Connection } from './connection';
import { KINDS } from './ledger';
import { type Measures, Watch } from './measures';
import { read } from './reader';
import { Serving } from './serving';
import { type ClientProps, Writer } from './writer';

export interface CrowdProps {
  readonly logins: Readonly<Record<Place, Login>>;
  readonly writers: number;
  readonly readers: number;
  /** Commits of all writers together that are tried each second. */
  readonly rate: number;
  /** As the data set was made. */
  readonly rows: number;
  readonly seed: number;
  /** True when `visits` stays at the source, though other tables move. */
  readonly visitsStay: boolean;
}

let props: CrowdProps;
let serving: Serving;
let before: Partial<Counts>;
let stopped = false;
const watch = new Watch();
const writers: Writer[] = [];
let running: Promise<unknown> = Promise.resolve();

async function asOwner<Result>(
  place: Place,
  work: (client: Awaited<ReturnType<Connection['at']>>) => Promise<Result>,
): Promise<Result> {
  const connection = new Connection('audit', props.logins, 600_000);
  try {
    return await work(await connection.at(place));
  } finally {
    connection.close();
  }
}

/** Every so many-th from the keys of before the run. */
function share(count: number, number: number, key: (n: number) => string): string[] {
  const keys: string[] = [];
  for (let n = number + 1; n <= count; n += props.writers) keys.push(key(n));
  return keys;
}

async function start(given: CrowdProps): Promise<void> {
  props = given;
  serving = new Serving('source');
  before = await asOwner('source', (client) => count(client, KINDS));
  const { rows, rate, visitsStay } = props;
  const clicks = await asOwner('source', async (client) => {
    const found = await client.query<{ op: string }>('select op from clicks');
    return found.rows.map(({ op }) => op);
  });
  const clientOf = (name: string, number: number, every: number): ClientProps => {
    const random = new Random(props.seed * 1000 + number);
    const connection = new Connection(name, props.logins);
    return { name, connection, serving, watch, every, random: () => random.next(), stopped: () => stopped };
  };
  const every = (1000 * props.writers) / rate;
  for (let number = 0; number < props.writers; number++) {
    const accounts = share(rows / 10, number, String);
    const orders = share(rows / 5, number, (n) => String(999 + n));
    const own = clicks.filter((_, index) => index % props.writers === number);
    const client = clientOf(`writer ${number}`, number, every);
    writers.push(
      new Writer({ ...client, share: { accounts, clicks: own, orders }, writes: 'all', eager: number % 2 === 0 }),
    );
  }
  const visits = { share: { accounts: [], clicks: [], orders: [] }, writes: 'visits' as const, eager: true };
  writers.push(
    new Writer({
      ...clientOf(visitsStay ? 'visitor' : 'writer of visits', props.writers, every),
      ...visits,
      ...(visitsStay && { stays: 'source' as const }),
    }),
  );
  const readers = Array.from({ length: props.readers }, (_, number) =>
    read(clientOf(`reader ${number}`, 1000 + number, 50), writers),
  );
  running = Promise.all([...writers.map((writer) => writer.run()), ...readers]);
  // A fault of the harness itself must not look like a writer that waits.
  running.catch((error: unknown) => watch.breaks(`the harness: ${String(error)}`));
}

async function stop(): Promise<Measures> {
  stopped = true;
  await running;
  for (const writer of writers) if (writer.unsettled) watch.breaks('a writer could not complete its last thing');
  return watch.take();
}

/** Looks at the side that serves, and at the source for what stays there. */
async function auditOf(place: Place): Promise<Audit> {
  const ledgers = writers.map(({ ledger }) => ledger);
  if (!props.visitsStay) return await asOwner(place, (client) => audit(client, ledgers, KINDS, before));
  const moved = await asOwner(place, (client) => audit(client, ledgers, MOVED_KINDS, before));
  const stayed = await asOwner('source', (client) => audit(client, ledgers, ['visits'], before));
  return {
    lost: [...moved.lost, ...stayed.lost],
    doubled: [...moved.doubled, ...stayed.doubled],
    stale: [...moved.stale, ...stayed.stale],
    commits: moved.commits,
    rows: moved.rows + stayed.rows,
  };
}

callsToParent({
  start,
  announce: (place: Place) => serving.announce(place),
  measure: () => watch.take(),
  stop,
  audit: () => auditOf(serving.place()),
  auditOther: () => auditOf(otherPlace(serving.place())),
});
