import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../lib/architecture/architecture';
import { architectureOf, PHASES } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { VARIANTS } from '../variants';

type Context = Readonly<Record<string, unknown>>;

const configuration = (context: Context) => readConfiguration({ context, directory: CONFIGURATION_DIRECTORY });
const architecture = (phase: PhaseNumber, context: Context = {}) =>
  architectureOf(configuration({ ...context, phase }));

/** Everything that the variants set but how far they are, each once. */
const CONTEXTS: readonly Context[] = [
  ...new Map(
    VARIANTS.map(({ context: { phase: _phase, from: _from, ...rest } }) => [JSON.stringify(rest), rest]),
  ).values(),
];

/** Dotted paths at which two values differ: `+` came, `-` went, `*` changed. */
function differences(before: unknown, after: unknown, path = ''): string[] {
  if (before === after) return [];
  if (!isTree(before) || !isTree(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [`* ${path}`];
  }
  const prefix = path === '' ? '' : `${path}.`;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((key) => {
    if (!Object.hasOwn(after, key)) return [`- ${prefix}${key}`];
    if (!Object.hasOwn(before, key)) return [`+ ${prefix}${key}`];
    return differences(before[key], after[key], `${prefix}${key}`);
  });
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The table of the design: what may differ between a phase and the one below, and nothing else. */
const STEPS: readonly { to: PhaseNumber; always: readonly string[]; sometimes: readonly string[] }[] = [
  { to: 1, always: ['* storage.userFiles', '+ database', '- localDatabase'], sometimes: [] },
  {
    to: 2,
    always: ['+ app', '+ cluster', '+ edge', '+ ingress', '- box'],
    // An environment without a way out keeps having none; the web tier can be switched off.
    sometimes: [
      ...['* network.egress', '* network.egress.kind', '+ network.egress.gateways', '+ web'],
      // What private nodes cannot reach by IPv6.
      '* network.interfaceEndpoints',
    ],
  },
  {
    to: 3,
    always: ['+ cache', '* ingress.stickySessions', '+ database.readers'],
    sometimes: ['* database.multiAz'],
  },
  {
    to: 4,
    always: ['+ app.scaling', '+ delivery', '+ alerts', '+ operations'],
    // The minimum survives the loss of a zone.
    sometimes: [
      ...['+ web.scaling', '* app.minNodes', '* web.minNodes', '+ node.sentrySecretArn'],
      // Settings of the delivery, and events that it hears of.
      ...['+ node.goldenImages', '+ storage.sourceEvents'],
      // Where to, without a way out for IPv4.
      '* network.interfaceEndpoints',
    ],
  },
  { to: 5, always: ['+ async'], sometimes: ['+ storage.uploadEvents'] },
  {
    to: 6,
    always: ['+ functions', '+ tables', '+ readModels', '- database'],
    sometimes: ['+ sharding', '+ warehouse', '+ noSql'],
  },
];

describe.each(STEPS)('the step to phase $to', ({ to, always, sometimes }) => {
  test.each(CONTEXTS)('changes what its name promises and nothing else of the phase below: %j', (context) => {
    const below = architecture((to - 1) as PhaseNumber, context);
    const changed = differences(below, architecture(to, context));
    expect(changed).toEqual(expect.arrayContaining([...always]));
    expect(changed.filter((path) => !always.includes(path) && !sometimes.includes(path))).toEqual([]);
  });
});

const PARTS = [
  ...[
    'box',
    'localDatabase',
    'database',
    'ingress',
    'cluster',
    'app',
    'web',
    'edge',
    'cache',
    'delivery',
    'alerts',
    'operations',
  ],
  ...['async', 'functions', 'sharding', 'tables', 'readModels', 'warehouse', 'noSql'],
];

describe('what each phase builds', () => {
  const parts = (phase: PhaseNumber, context: Context = {}): string[] =>
    PARTS.filter((part) => Object.hasOwn(architecture(phase, context), part));

  test.each([
    [0, ['box', 'localDatabase']],
    [1, ['box', 'database']],
    [2, ['database', 'ingress', 'cluster', 'app', 'web', 'edge']],
    [3, ['database', 'ingress', 'cluster', 'app', 'web', 'edge', 'cache']],
    [4, ['database', 'ingress', 'cluster', 'app', 'web', 'edge', 'cache', 'delivery', 'alerts', 'operations']],
    [5, ['database', 'ingress', 'cluster', 'app', 'web', 'edge', 'cache', 'delivery', 'alerts', 'operations', 'async']],
    [6, PARTS.filter((part) => !['box', 'localDatabase', 'database', 'noSql'].includes(part))],
  ] as const)('phase %i', (phase, expected) => {
    expect(parts(phase)).toEqual(expected);
  });

  test('the web tier is there unless it is switched off', () => {
    expect(parts(2, { 'web.enabled': 'false' })).toEqual(['database', 'ingress', 'cluster', 'app', 'edge']);
  });

  test('nodes know each other by certificates unless they speak plain', () => {
    expect(architecture(2).cluster).toEqual({ certificateDays: 4 });
    expect(architecture(2, { 'cluster.certificateDays': '14' }).cluster).toEqual({ certificateDays: 14 });
    // For as long as a copy that somebody took is good.
    expect(() => architecture(2, { 'cluster.certificateDays': '15' })).toThrow('certificateDays');
    expect(parts(2, { 'cluster.distribution': 'plain' })).not.toContain('cluster');
  });

  test('app nodes stand close together where it is asked for, and nobody else does', () => {
    const close = { 'app.placement': 'cluster', 'app.instanceType': 'c7i.large' };
    for (const phase of [2, 4, 6] as const) {
      expect(architecture(phase).app).not.toHaveProperty('placement');
      const { app, web, async } = architecture(phase, close);
      expect(app?.placement).toBe('cluster');
      for (const other of [web, async?.workers.fleet]) expect(other ?? {}).not.toHaveProperty('placement');
    }
    expect(architecture(1, close)).toEqual(architecture(1, { 'app.instanceType': 'c7i.large' }));
  });

  test('phase 0 is one box that nobody reaches by SSH until somebody is listed', () => {
    expect(architecture(0).box).toMatchObject({ role: 'box', minNodes: 1, maxNodes: 1, sshFrom: [] });
    expect(architecture(0, { 'box.sshFrom': '203.0.113.0/24' }).box?.sshFrom).toEqual(['203.0.113.0/24']);
  });

  test('the way out for IPv4 appears when private nodes do', () => {
    const egress = (phase: PhaseNumber, context: Context) => architecture(phase, context).network.egress;
    const gateways = { 'network.egress': 'gateway', 'network.natGateways': '3' };
    for (const phase of [0, 1] as const) expect(egress(phase, gateways)).toEqual({ kind: 'none' });
    for (const phase of [2, 3] as const) {
      expect(egress(phase, gateways)).toEqual({ kind: 'gateway', gateways: 3 });
      expect(egress(phase, { 'network.egress': 'instance' })).toEqual({ kind: 'instance' });
      expect(egress(phase, { 'network.egress': 'none' })).toEqual({ kind: 'none' });
    }
  });

  test('clients stick to a node until sessions live in the cache', () => {
    expect(architecture(2).ingress?.stickySessions).toBe(true);
    expect(architecture(3).ingress?.stickySessions).toBe(false);
  });

  test('the primary has a standby from phase 3, and before that where the environment says so', () => {
    const multiAz = (phase: PhaseNumber, setting: string) =>
      architecture(phase, { 'database.multiAz': setting }).database?.multiAz;
    expect([multiAz(1, 'false'), multiAz(2, 'false'), multiAz(3, 'false')]).toEqual([false, false, true]);
    expect([multiAz(1, 'true'), multiAz(2, 'true'), multiAz(3, 'true')]).toEqual([true, true, true]);
  });

  test('readers have the class of the writer unless they have one of their own', () => {
    const readers = (context: Context) =>
      architecture(3, { 'database.class': 'db.r7g.large', ...context }).database?.readers;
    expect(readers({ 'database.replicas': '3' })).toMatchObject({ count: 3, class: 'db.r7g.large' });
    expect(readers({ 'database.replicaClass': 'db.r7g.xlarge' })).toMatchObject({ count: 1, class: 'db.r7g.xlarge' });
    expect(readers({ 'database.replicas': '0' })?.count).toBe(0);
  });

  test('readers have the version of the writer unless they go before it, in one database as in many', () => {
    const versions = (context: Context) => {
      const { database, functions = [] } = architecture(6, { from: '5', 'database.engineVersion': '17.9', ...context });
      return [database, ...functions].map((plan) => [plan?.engineVersion, plan?.readers?.engineVersion]);
    };
    expect(versions({})).toEqual(Array.from({ length: 4 }, () => ['17.9', '17.9']));
    const ahead = { 'database.replicaEngineVersion': '17.10' };
    expect(versions(ahead)).toEqual(Array.from({ length: 4 }, () => ['17.9', '17.10']));
  });

  test('there is no domain until one is configured', () => {
    expect(architecture(0)).not.toHaveProperty('domain');
  });
});

describe('a phase', () => {
  test('has the number of its place, and a name and words of its own', () => {
    expect(PHASES.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(PHASES.map(({ name }) => name)).size).toBe(7);
    for (const { adds } of PHASES) expect(adds).not.toBe('');
  });

  test.each(PHASES.filter(({ number }) => number > 0))('$number retires what it says, of what was there', (phase) => {
    const below = architecture((phase.number - 1) as PhaseNumber);
    const gone = Object.keys(below).filter((part) => !Object.hasOwn(architecture(phase.number), part));
    expect(gone).toEqual([...phase.retires]);
  });

  test.each(PHASES.filter(({ retires }) => retires.length > 0))(
    '$number, which retires something, says what a climb has to move',
    ({ moves }) => {
      expect(moves).toBeDefined();
    },
  );
});

describe('a climb that expands', () => {
  const expanded = (from: number, phase: PhaseNumber): Architecture => architecture(phase, { from });
  const CLIMBS = PHASES.flatMap(({ number: phase }) =>
    PHASES.filter(({ number }) => number < phase).map(({ number: from }) => ({ from, phase })),
  );

  test.each(CLIMBS)('from $from to $phase has all that was there and all that comes', ({ from, phase }) => {
    const union = expanded(from, phase);
    expect(Object.keys(union)).toEqual(
      expect.arrayContaining([...Object.keys(architecture(from)), ...Object.keys(architecture(phase))]),
    );
    expect(differences(architecture(phase), union).filter((path) => !path.startsWith('+ '))).toEqual([]);
  });

  test('has a mover exactly where data move, of the architecture of its nodes, with a move for each part', () => {
    const moves = (from: number, phase: PhaseNumber) => expanded(from, phase).mover?.moves.map(({ name }) => name);
    const functions = Object.keys(configuration({}).data.functions);
    for (const { from, phase } of CLIMBS) {
      expect(moves(from, phase)).toEqual(
        from > 0 && (from > 5 || phase < 6)
          ? undefined
          : [...(from === 0 ? ['0-1'] : []), ...(phase === 6 ? functions.map((name) => `5-6/${name}`) : [])],
      );
    }
    const typeOf = (context: Context) => architecture(1, { from: 0, ...context }).mover?.instanceType.name;
    expect([typeOf({}), typeOf({ 'box.instanceType': 't4g.medium' })]).toEqual(['t3.small', 't4g.small']);
    for (const { number } of PHASES) expect(architecture(number)).not.toHaveProperty('mover');
  });

  test('keeps nothing that an earlier climb has retired', () => {
    expect(expanded(1, 2)).toHaveProperty('box');
    expect(expanded(1, 2)).not.toHaveProperty('localDatabase');
    expect(expanded(2, 3)).not.toHaveProperty('box');
  });
});

describe('an architecture', () => {
  test.each(VARIANTS)('is the same twice, is plain data and leaves the configuration alone: $name', ({ context }) => {
    const settings = frozen(configuration(context));
    const first = architectureOf(settings);
    expect(architectureOf(settings)).toEqual(first);
    expect(structuredClone(first)).toEqual(first);
    expect(differences(first, JSON.parse(JSON.stringify(first)))).toEqual([]);
  });

  test('says nothing of the phase', () => {
    expect(JSON.stringify(architecture(6))).not.toMatch(/phase/i);
  });
});

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}
