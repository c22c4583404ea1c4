// main.ts ROOT [PART...]: measures a generated node beside the same release on defaults, in turns, and says which ratios are
// met. Ratios judge, whatever machine this is; seconds and bytes are told. A ratio that is missed ends with exit code 1.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { cpuOver } from './cpu-of-pings';
import { judged, median, type Ratio } from './judged';
import { type Held, type Nodes, SideFailed, type Step, side } from './side';
import { defaults, generated } from './sizes';

const PARTS = ['boot', 'burst', 'hold', 'cluster'] as const;
type Part = (typeof PARTS)[number];

/** Sizes that are measured whole: the smallest and one in the middle of the usual ladder; and one more that boots. */
const MEASURED = ['t3.medium', 'c7i.4xlarge'] as const;
const LARGEST = 'c7i.48xlarge';

/**
 * Backlog of OTP's `gen_tcp:listen/2`, and of servers that stand on it: Ranch and Thousand Island both say 1024.
 * Source: https://www.erlang.org/doc/apps/kernel/gen_tcp.html#listen/2, https://ninenines.eu/docs/en/ranch/2.1/manual/ranch/
 * and https://hexdocs.pm/thousand_island/ThousandIsland.html (2026-11-30)
 */
const OTP_BACKLOG = 5;
const SERVERS_BACKLOG = 1024;

/** Soft limit of open files of a service that asks for none: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html (2026-11-30) */
const SERVICE_OPEN_FILES = 1024;

/** Rounds of bursts, of which the median counts. */
const ROUNDS = 3;
const BURST = 19_000;
const BURST_LIMIT_SECONDS = 8;
/** Users that wait to be accepted at any time, in one burst and in the other. */
const USUAL = 2_000;
const CROWDED = 10_000;
/** Descriptors of a node besides its connections: files, peers and the listener. */
const OTHER_FILES = 500;
const HELD = 10_000;
const SETTLE_SECONDS = 6;
const PINGS = [
  { per_second: 200, seconds: 5 },
  { per_second: 2_000, seconds: 8 },
] as const;
/** Percent of the machine that other programs may take while CPU is compared. */
const OTHERS_JUDGED_PERCENT = 10;
const CLUSTER_HELD = 200_000;
/** Memory of the machine for each node of the cluster with its clients, assumed: measured 0.4 GiB for 19,500 connections. */
const CLUSTER_NODE_BYTES = 600 * 2 ** 20;

const TARGETS = {
  overOtp: 10,
  overServers: 1.3,
  overServersCrowded: 3,
  nodeBytesEach: 5_500,
  cpuOverDefault: 0.5,
  /** Assumed: what is still under way when the seconds are over. */
  answered: 0.99,
} as const;

/** Exit code of a run without a figure that has a target, or on a machine that is too busy for the only one. */
const NOTHING_JUDGED = 3;

const [root, ...named] = process.argv.slice(2);
try {
  const ratios = bench();
  if (ratios.length === 0) console.log('nothing of this run is judged');
  process.exitCode = ratios.length === 0 ? NOTHING_JUDGED : judged(ratios) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SideFailed)) throw error;
  console.error(`bench:node: ${error.message}`);
  process.exitCode = 1;
}

function bench(): Ratio[] {
  if (root === undefined) throw new SideFailed('usage: main.ts ROOT [PART...]');
  const unknown = named.find((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new SideFailed(`no part is called ${unknown}; there are ${PARTS.join(', ')}`);
  const wants = (part: Part): boolean => named.length === 0 || named.includes(part);
  const began = performance.now();
  const most = openFilesOfAProcess();
  console.log(`${cpus().length} cores, ${availableGib().toFixed(0)} GiB free, ${most} descriptors a process at most`);

  const sizes = new Map([...MEASURED, LARGEST].map((type) => [type, generated(root, type)]));
  const of = (type: string): Nodes => {
    const settings = sizes.get(type);
    if (settings === undefined) throw new SideFailed(`${type} is not measured`);
    if (settings.openFiles > most) {
      console.log(`${type} asks for ${settings.openFiles} descriptors, this machine gives ${most}`);
    }
    return { settings, openFiles: Math.min(settings.openFiles, most) };
  };
  const nodes = { measured: MEASURED.map((type) => ({ name: type, ...of(type) })), largest: of(LARGEST) };
  const plain = (backlog: number, openFiles = most): Nodes => ({ settings: defaults(backlog), openFiles });

  const ratios: Ratio[] = [];
  if (wants('boot'))
    boots(root, [
      { name: "OTP's and the kernel's defaults", ...plain(OTP_BACKLOG) },
      ...nodes.measured,
      { name: LARGEST, ...nodes.largest },
    ]);
  if (wants('burst')) ratios.push(...bursts(root, plain, nodes.measured));
  if (wants('hold')) ratios.push(...holds(root, plain, nodes.measured));
  if (wants('cluster')) {
    const [smallest] = nodes.measured;
    if (smallest !== undefined) ratios.push(...cluster(root, smallest));
  }
  console.log(`took ${Math.round((performance.now() - began) / 1000)} s`);
  return ratios;
}

type Named = Nodes & { readonly name: string };
type Plain = (backlog: number, openFiles?: number) => Nodes;

function boots(at: string, all: readonly Named[]): void {
  for (const one of all) {
    const { bootMs, leftToTheMachine, steps } = side(at, one, [{ do: 'idle', seconds: 5 }]);
    const { cpuPercent, residentBytes } = steps[0];
    console.log(
      `boot, ${one.name}: answers after ${bootMs} ms, ${mebibytes(residentBytes)} MiB resident, ${cpuPercent.toFixed(2)} % of a core idle` +
        (leftToTheMachine.length > 0 ? `; left to the machine: ${leftToTheMachine.join(', ')}` : ''),
    );
  }
}

function bursts(at: string, plain: Plain, measured: readonly Named[]): Ratio[] {
  const sides: readonly Named[] = [
    { name: `OTP's defaults, backlog ${OTP_BACKLOG}`, ...plain(OTP_BACKLOG) },
    { name: `a server's defaults, backlog ${SERVERS_BACKLOG}`, ...plain(SERVERS_BACKLOG) },
    ...measured,
  ];
  const burst = (inFlight: number): Extract<Step, { do: 'burst' }> => ({
    ...{ do: 'burst', count: Math.min(BURST, plain(OTP_BACKLOG).openFiles - OTHER_FILES) },
    ...{ in_flight: inFlight, limit_seconds: BURST_LIMIT_SECONDS },
  });
  const rates = sides.map(() => ({ usual: [] as number[], crowded: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, one] of sides.entries()) {
      // With a backlog of 5 nearly all wait for the kernel to ask again, however many they are.
      const { steps } = side(at, one, [burst(USUAL), ...(index > 0 ? [burst(CROWDED)] : [])]);
      for (const [place, { perSecond }] of steps.entries()) {
        rates[index]?.[place === 0 ? 'usual' : 'crowded'].push(perSecond);
      }
    }
  }
  const perSecond = (index: number, which: 'usual' | 'crowded'): number => median(rates[index]?.[which] ?? []);
  for (const [index, { name }] of sides.entries()) {
    const crowded = index > 0 ? `, ${Math.round(perSecond(index, 'crowded'))} with ${CROWDED}` : '';
    console.log(
      `burst, ${name}: ${Math.round(perSecond(index, 'usual'))} accepted a second with ${USUAL} in flight${crowded}`,
    );
  }
  return measured.flatMap(({ name }, place): Ratio[] => {
    const usual = perSecond(place + 2, 'usual');
    return [
      [`${name}: accepted a second over OTP's defaults`, usual / perSecond(0, 'usual'), 'least', TARGETS.overOtp],
      [`${name}: over a server's defaults`, usual / perSecond(1, 'usual'), 'least', TARGETS.overServers],
      [
        `${name}: the same with 10,000 in flight`,
        perSecond(place + 2, 'crowded') / perSecond(1, 'crowded'),
        'least',
        TARGETS.overServersCrowded,
      ],
    ];
  });
}

function holds(at: string, plain: Plain, measured: readonly Named[]): Ratio[] {
  const hold = (each: number, limitSeconds: number): Extract<Step, { do: 'hold' }> => ({
    ...{ do: 'hold', each, limit_seconds: limitSeconds, settle_seconds: SETTLE_SECONDS, pings: PINGS, ask: true },
  });
  const limited = side(at, plain(SERVERS_BACKLOG, SERVICE_OPEN_FILES), [
    { ...hold(2 * SERVICE_OPEN_FILES, 5), pings: [], ask: false },
  ]).steps[0];
  console.log(
    `held, ${SERVICE_OPEN_FILES} descriptors, as a service has by default: ${limited.held} of ${limited.wanted} connections`,
  );
  const both = [{ name: 'defaults', ...plain(SERVERS_BACKLOG) }, ...measured].map(({ name, ...nodes }) => {
    const told = side(at, nodes, [hold(HELD, 20)]).steps[0];
    tellHeld(name, told);
    return { name, pinged: told.pings.at(-1) };
  });
  const [byDefault, ...ours] = both;
  // Busy or slow it may be; one that says nothing has not run, and there is nothing to compare with.
  if (!((byDefault?.pinged?.answered ?? 0) > 0)) throw new SideFailed('the defaults have answered no ping');
  const comparable = { answered: TARGETS.answered, othersPercent: OTHERS_JUDGED_PERCENT };
  return ours.flatMap(({ name, pinged }): Ratio[] => {
    const answered = allAnswered(name, pinged);
    const what = `${name}: CPU of each of 2,000 pings a second over the default`;
    const { value, not } = cpuOver(pinged, byDefault?.pinged, comparable);
    if (not === undefined) return [[what, value, 'most', TARGETS.cpuOverDefault], answered];
    console.log(`not judged: ${what} ${value.toFixed(2)}: ${not}`);
    return [answered];
  });
}

function allAnswered(name: string, pinged: Held['pings'][number] | undefined): Ratio {
  const share = pinged === undefined ? Number.NaN : pinged.answered / pinged.asked;
  return [`${name}: pings answered of 2,000 a second`, share, 'least', TARGETS.answered];
}

function cluster(at: string, { name, settings, openFiles }: Named): Ratio[] {
  const each = openFiles - OTHER_FILES;
  const wanted = Math.ceil(CLUSTER_HELD / each);
  const fits = Math.floor((availableGib() * 2 ** 30) / CLUSTER_NODE_BYTES);
  if (fits < wanted) console.log(`the memory of this machine holds ${fits} nodes of the ${wanted} that it takes`);
  const count = Math.min(wanted, fits);
  if (count < 2)
    throw new SideFailed(`a cluster takes two nodes, and ${2 * CLUSTER_NODE_BYTES} bytes of memory that is free`);
  const { steps } = side(at, { settings, openFiles, count }, [
    { do: 'members' },
    { do: 'hold', each, limit_seconds: 90, settle_seconds: SETTLE_SECONDS, pings: [PINGS[1]], ask: true },
  ]);
  const [{ members }, told] = steps;
  console.log(`cluster: ${count} nodes of a ${name}, of which each is joined with ${members - 1} others`);
  tellHeld(`${count} nodes`, told);
  return [
    ['cluster: connections held', Math.min(told.held, told.pings[0]?.alive ?? 0), 'least', CLUSTER_HELD],
    ['cluster: nodes that are joined', members, 'least', count],
    allAnswered('cluster', told.pings[0]),
    ['cluster: bytes of node memory for each connection', told.nodeBytesEach, 'most', TARGETS.nodeBytesEach],
  ];
}

function tellHeld(name: string, { held, wanted, openingSeconds, pings, ...bytes }: Held): void {
  console.log(
    `held, ${name}: ${held} of ${wanted} connections, opened in ${openingSeconds.toFixed(1)} s; each ${Math.round(bytes.nodeBytesEach)} bytes of the node (${Math.round(bytes.residentBytesEach)} resident), ${Math.round(bytes.kernelBytesEach)} of the kernel`,
  );
  for (const { answered, asked, cpuPercent, p50Ms, p99Ms } of pings) {
    console.log(
      `  ${answered} of ${asked} pings answered, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, ${cpuPercent.toFixed(1)} % of a core`,
    );
  }
}

function openFilesOfAProcess(): number {
  const hard = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return Math.min(Number(hard), 65_536);
}

function availableGib(): number {
  const kib = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib) / 2 ** 20;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
