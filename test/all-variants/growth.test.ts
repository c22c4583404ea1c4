import { expect, test } from 'vitest';
import { LADDER } from '../../lib/architecture/ladder';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { verdictOf } from '../../lib/verdict/verdict';
import type { Verdict } from '../../lib/verdict/verdict-schema';
import { synthesise } from '../cdk-context';
import { described } from '../verdict/described';

const known = new Map<string, Verdict>();

const EVENING = '[{"name":"evening","cron":"0 18 * * *","minNodes":2,"maxNodes":4}]';

type Row = readonly [string, Record<string, string>, Record<string, string>];

/** Growth of staging within phase 3, which has all tiers: what is set before, and what after. */
const OF_TIERS: readonly Row[] = [
  ...LADDER.slice(1).map((type, index): Row => {
    const below = LADDER[index]?.name ?? '';
    return [`nodes from ${below} to ${type.name}`, { 'app.instanceType': below }, { 'app.instanceType': type.name }];
  }),
  ['more nodes', {}, { 'app.minNodes': '4', 'app.maxNodes': '8' }],
  ['nodes close together', placed('zones'), placed('cluster')],
  ['nodes spread again', placed('cluster'), placed('zones')],
  ['one to three replicas', {}, { 'database.replicas': '3' }],
  ['three replicas to none', { 'database.replicas': '3' }, { 'database.replicas': '0' }],
  ['a larger database', {}, { 'database.class': 'db.m7g.2xlarge' }],
  ['more cache nodes', {}, { 'cache.replicas': '4' }],
  ['no egress to a NAT instance', { 'network.egress': 'none' }, { 'network.egress': 'instance' }],
  ['a NAT instance to one gateway', { 'network.egress': 'instance' }, { 'network.egress': 'gateway' }],
  ['one to three NAT gateways', gateways(1), gateways(3)],
  ['three NAT gateways to one', gateways(3), gateways(1)],
  ['ALB to NLB', {}, { ingress: 'sockets' }],
  ['NLB to ALB', { ingress: 'sockets' }, {}],
  ['web tier off', {}, { 'web.enabled': 'false' }],
  ['web tier on', { 'web.enabled': 'false' }, {}],
  ['Amazon Linux to Debian', {}, { 'node.image': 'debian-13' }],
  ['a named database', {}, { 'database.name': 'shop' }],
  ['another address range', {}, { 'network.cidr': '10.9.0.0/16' }],
];

/** Growth within phase 4. */
const OF_OPERATIONS: readonly Row[] = [
  ['rolling to blue/green', {}, { 'delivery.mode': 'blue-green', 'operations.goldenImages': 'none' }],
  ['rolling to hot upgrades', {}, { 'delivery.mode': 'hot' }],
  ['a scheduled action more', {}, { 'scaling.schedule': EVENING }],
  ['a golden image is used', {}, { 'operations.goldenImages': 'use' }],
  ['the vault locked', {}, { 'operations.vaultLock': 'compliance' }],
];

/** Growth within phase 5. */
const OF_QUEUES: readonly Row[] = [
  ['a queue more', {}, { queues: '{"reports":{}}' }],
  ['a queue less', { queues: '{"reports":{}}' }, {}],
  ['a queue to FIFO', {}, { queues: '{"jobs":{"fifo":true}}' }],
  ['jobs from the fleet to Lambda', {}, { queues: '{"jobs":{"worker":"lambda","jobSeconds":60}}' }],
  ['more workers', {}, { 'workers.minNodes': '2', 'workers.maxNodes': '6' }],
];

/** Growth within phase 6. */
const OF_DATA: readonly Row[] = [
  ['a function more', {}, { 'data.functions': '{"billing":{}}' }],
  ['a function less', { 'data.functions': '{"billing":{}}' }, {}],
  ['more shards', { 'data.sharding.clusters': '2' }, { 'data.sharding.clusters': '6' }],
  ['fewer shards', { 'data.sharding.clusters': '6' }, { 'data.sharding.clusters': '2' }],
  ['shards to DSQL', {}, { 'data.sharding.engine': 'dsql' }],
  ['a table more', {}, { 'data.tables': '{"visits":{"partitionKey":"visitor"}}' }],
  ['a table less', { 'data.tables': '{"visits":{"partitionKey":"visitor"}}' }, {}],
  ['another key of a table', {}, { 'data.tables': '{"events":{"partitionKey":"visitor"}}' }],
  ['the warehouse away', {}, { 'data.warehouse.enabled': 'false' }],
  ['documents besides', {}, { 'data.documents.enabled': 'true' }],
];

/** A record adds to what the environment has: an empty one adds nothing. */
const WITHOUT = {
  queues: '{}',
  'data.functions': '{}',
  'data.tables': '{}',
};

const GROWTH: readonly (readonly [PhaseNumber, readonly Row[]])[] = [
  [3, OF_TIERS],
  [4, OF_OPERATIONS],
  [5, OF_QUEUES],
  [6, OF_DATA],
];

function placed(placement: 'zones' | 'cluster'): Record<string, string> {
  return { 'app.instanceType': 'c7i.xlarge', 'app.placement': placement };
}

function gateways(count: number): Record<string, string> {
  return { 'network.egress': 'gateway', 'network.natGateways': String(count) };
}

test.each(GROWTH.flatMap(([phase, rows]) => rows.map((row) => [phase, ...row] as const)))(
  'growth at phase %i: %s',
  (phase, name, before, after) => {
    expect(grown(phase, name, before, after).summary).not.toEqual({
      adds: 0,
      updates: 0,
      restarts: 0,
      replaces: 0,
      removes: 0,
    });
  },
);

test('all growth is judged as the table says', async () => {
  const text = [
    '# Growth of staging within one phase, judged. Written by test/all-variants/growth.test.ts',
    '# (`npm run test:variants -- -u`); the diff is the review.',
    ...GROWTH.flatMap(growth),
  ].join('\n');
  await expect(`${text}\n`).toMatchFileSnapshot('growth.txt');
});

function growth([phase, rows]: (typeof GROWTH)[number]): string[] {
  const lines = rows.flatMap(([name, before, after]) => described(name, grown(phase, name, before, after)));
  return ['', `## growth of staging at phase ${phase}`, ...lines];
}

function grown(phase: PhaseNumber, ...[name, before, after]: Row): Verdict {
  const all = { ...before, ...after, ...undo(before, after) };
  const verdict = known.get(name) ?? verdictOf(synthesise('staging', phase, before), synthesise('staging', phase, all));
  known.set(name, verdict);
  return verdict;
}

/** What only the side before sets goes back to what the environment says. */
function undo(before: Record<string, string>, after: Record<string, string>): Record<string, string> {
  const standard: Record<string, string> = { ingress: 'http', 'web.enabled': 'true', ...WITHOUT };
  return Object.fromEntries(
    Object.keys(before)
      .filter((key) => !(key in after))
      .map((key) => [key, standard[key] ?? before[key] ?? '']),
  );
}
