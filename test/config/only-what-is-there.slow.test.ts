import { describe, expect, test } from 'vitest';
import { architectureOf, PHASES } from '../../lib/architecture/phases';
import { CHECKS } from '../../lib/config/checks';
import type { Configuration } from '../../lib/config/configuration';
import { DEFAULTS } from '../../lib/config/defaults';
import { schemaAt } from '../../lib/config/overrides';
import type { Settings } from '../../lib/config/schema';
import { isTree, isWithin, overlay, type Tree } from '../../lib/config/tree';
import { problem, read } from './configuration-folder';

/** Settings that change what others are judged by. */
const TOGETHER: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { 'release.architecture': 'arm64', 'box.instanceType': 't4g.small' },
  { 'release.architecture': 'arm64', 'app.instanceType': 't4g.small' },
  { 'node.image': 'debian-13' },
  { 'network.egress': 'none' },
  { ingress: 'sockets' },
  { 'domain.name': 'a.example.com', 'domain.hostedZoneId': 'Z0123456789', 'domain.hostedZoneName': 'example.com' },
];

interface State {
  readonly phase: number;
  readonly from?: number;
}

const STATES: readonly State[] = [
  ...PHASES.map(({ number: phase }): State => ({ phase })),
  ...[
    [1, 0],
    [2, 0],
    [2, 1],
    [6, 1],
    [6, 5],
  ].map(([phase = 0, from = 0]): State => ({ phase, from })),
];

/** Dotted keys of single values, with what they are by default. */
function leaves(tree: Tree, path = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const whole = path === '' ? key : `${path}.${key}`;
    return isTree(value) ? leaves(value, whole) : [[whole, value] as [string, unknown]];
  });
}

/** Other values that a key may have, by what its schema says. */
function others(key: string, value: unknown): unknown[] {
  const def = schemaAt(key)?.def as { type: string; entries?: Record<string, string> } | undefined;
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [Math.floor(value / 2), value + 1, value * 3];
  if (def?.type !== 'enum') return [];
  const values = Object.values(def.entries ?? {});
  // Of the many instance types one of each architecture.
  return values.length > 20 ? ['t3.micro', 't4g.micro'] : values.filter((one) => one !== value);
}

function treeWith(settings: Readonly<Record<string, unknown>>): Tree {
  const tree = structuredClone(DEFAULTS) as unknown as Tree;
  for (const [key, value] of Object.entries(settings)) {
    overlay(tree, key.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as Tree);
  }
  return tree;
}

/** Keys of which something is built, found by what the architecture of a configuration reads. */
function built(tree: Tree, from: number | undefined): ReadonlySet<string> {
  const keys = new Set<string>();
  const watched = <T extends object>(value: T, path: string): T =>
    new Proxy(value, {
      get(target, part, receiver) {
        const inner: unknown = Reflect.get(target, part, receiver);
        if (typeof part !== 'string' || !Object.hasOwn(target, part)) return inner;
        const key = path === '' ? part : `${path}.${part}`;
        if (typeof inner === 'object' && inner !== null) return watched(inner, key);
        keys.add(key);
        return inner;
      },
    });
  const configuration = { ...(tree as unknown as Settings), environment: 'test', ...(from !== undefined && { from }) };
  // A phase may copy a whole branch: what it copied is read here.
  JSON.stringify(architectureOf(watched(configuration as Configuration, '')));
  return keys;
}

/** What all rules say of a tree, by the key that each complains about. */
function complaints(tree: Tree, { phase, from }: State): [key: string, allowed: string][] {
  return CHECKS.flatMap(({ keys, violated }) => {
    const wrong = violated(tree as unknown as Settings, Math.min(phase, from ?? phase));
    if (wrong === undefined) return [];
    return [typeof wrong === 'string' ? [keys[0], wrong] : [wrong.key, wrong.allowed]] as [string, string][];
  });
}

const DEFAULT_TREE = DEFAULTS as unknown as Tree;
const JUDGED = leaves(DEFAULT_TREE).filter(
  ([key]) => key !== 'phase' && CHECKS.some(({ keys }) => keys.some((read) => isWithin(key, read))),
);

describe.each(STATES)('at phase $phase from $from', (state) => {
  test('no setting of what is built is refused for the sake of what is not', () => {
    const refused = new Map<string, string>();
    let tried = 0;
    for (const together of TOGETHER) {
      for (const [key, value] of JUDGED) {
        for (const other of others(key, value)) {
          tried++;
          const settings = { ...together, [key]: other };
          const tree = treeWith({ ...settings, phase: state.phase });
          const isSaid = (at: string): boolean => Object.keys(settings).some((said) => isWithin(at, said));
          // What is set at odds with itself may be told so early.
          const unsaid = complaints(tree, state).filter(([at]) => !isSaid(at));
          if (unsaid.length === 0) continue;
          const there = built(tree, state.from);
          if (!Object.keys(settings).every((said) => there.has(said))) continue;
          const missing = (at: string): boolean => !leaves(tree).some(([leaf]) => isWithin(leaf, at));
          for (const [at, allowed] of unsaid) {
            // A key without a default is asked for by what was set in the same branch.
            const asked = missing(at) && Object.keys(settings).some((said) => said.split('.')[0] === at.split('.')[0]);
            if (asked ? OF_THE_BOX.has(at) && !hasBox(state) : ![...there].some((one) => isWithin(one, at))) {
              refused.set(`${at}: ${allowed}`, JSON.stringify(settings));
            }
          }
        }
      }
    }
    expect(tried).toBeGreaterThan(500);
    expect([...refused]).toEqual([]);
  });
});

/** Keys without a default that only the single server uses. */
const OF_THE_BOX: ReadonlySet<string> = new Set(['domain.email']);
const hasBox = ({ phase, from = phase }: State): boolean => Math.min(phase, from) < 2;

describe('the release and who runs it', () => {
  const graviton = { 'release.architecture': 'arm64' };

  test('a Graviton box does not wait for a fleet to be of its kind', () => {
    expect(read({}, { ...graviton, 'box.instanceType': 't4g.small' }).phase).toBe(0);
  });

  test('nor Graviton fleets for a box that has gone', () => {
    const context = { ...graviton, 'app.instanceType': 't4g.small', phase: '3' };
    expect(read({}, context).phase).toBe(3);
    expect(problem({ ...context, phase: '2', from: '1' })).toContain(
      'box.instanceType: received "t3.medium", the default',
    );
  });
});
