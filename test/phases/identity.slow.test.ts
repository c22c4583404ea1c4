import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { holds } from '../../lib/template/stateful';
import { synthesise } from '../cdk-context';
import { ENVIRONMENTS, WITH_DOMAIN } from '../variants';

/** What a phase retires: it leaves the template and stays in the account. */
const RETIRED: readonly { readonly by: PhaseNumber; readonly ids: RegExp }[] = [
  // The box's own database.
  { by: 1, ids: /^BoxDataVolume/ },
  // The single write master, whose functions have databases of their own. The constructs library puts the stack's name
  // before the id of its secret.
  { by: 6, ids: /^([a-z]+data)?(Database|Readers)/ },
];

/** `MultiAZ` is reported as possibly replacing, but RDS changes it in place (a standby is added or removed). */
const IN_PLACE = new Set(['MultiAZ']);

const CHOICES = [
  ...ENVIRONMENTS.map((environment) => ({ environment, choice: 'as configured', overrides: {} })),
  { environment: 'prod', choice: 'with a domain', overrides: WITH_DOMAIN },
  { environment: 'prod', choice: 'with sockets', overrides: { ingress: 'sockets' } },
];

/** Every stack that any phase may have. */
const STACKS = [
  'gate',
  'network',
  'data',
  'federation',
  'logins',
  'shards(-\\d+)?',
  'tables',
  'no-sql',
  'app',
  'edge',
  'edge-global',
  'async',
  'workers',
  'warehouse',
  'delivery',
  'operations',
  'operations-global',
  'backup-copy',
];

const CLIMBS = PHASES.flatMap((lower) =>
  PHASES.filter((higher) => higher.number > lower.number).map((higher) => ({ from: lower.number, to: higher.number })),
);

describe.each(CHOICES)('$environment $choice', ({ environment, overrides }) => {
  test.each(CLIMBS)('what holds data stays itself from phase $from to $to', ({ from, to }) => {
    const before = synthesise(environment, from, overrides);
    const after = synthesise(environment, to, overrides);
    const lost: string[] = [];
    let held = 0;
    for (const [stack, template] of Object.entries(before)) {
      const differences = fullDiff(template, after[stack] ?? {});
      for (const [id, resource] of Object.entries(template.Resources)) {
        if (holds(resource) === undefined) continue;
        held++;
        const later = after[stack]?.Resources[id];
        if (later === undefined) {
          lost.push(`${stack}/${id} disappears`);
          // What a climb takes out of the template stays in the account.
          expect(resource).toMatchObject({ DeletionPolicy: 'Retain' });
          continue;
        }
        const updates = differences.resources.changes[id]?.propertyUpdates ?? {};
        for (const [property, { changeImpact = ResourceImpact.NO_CHANGE }] of Object.entries(updates)) {
          const replaces = [ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE].includes(changeImpact);
          if (replaces && !IN_PLACE.has(property)) lost.push(`${stack}/${id} is replaced by ${property}`);
        }
      }
    }
    expect(held).toBeGreaterThan(0);
    const retired = RETIRED.filter(({ by }) => from < by && by <= to && (by === 1 ? from === 0 : from > 0));
    const unexpected = lost.filter((loss) => !retired.some(({ ids }) => ids.test(loss.split('/')[1] ?? '')));
    expect(unexpected).toEqual([]);
    expect(lost.length > unexpected.length).toBe(retired.length > 0);
  });

  test('the network keeps every subnet and every route table in every phase', () => {
    const [first, ...later] = PHASES.map(({ number }) => networkOf(environment, number, overrides));
    expect(Object.keys(first ?? {})).toHaveLength(1 + 9 + 9);
    for (const network of later) expect(network).toEqual(first);
  });

  test('exports are the same in every phase, so that none is taken away while it is imported', () => {
    const [first, ...later] = PHASES.map(({ number }) => exportsOf(synthesise(environment, number, overrides)));
    expect(first).toHaveLength(2 + 1 + 9);
    for (const exports of later) expect(exports).toEqual(first);
  });

  test('no stack and no logical id is named after a phase', () => {
    for (const { number } of PHASES) {
      for (const [stack, { Resources }] of Object.entries(synthesise(environment, number, overrides))) {
        expect(stack).toMatch(new RegExp(`^${environment}-(${STACKS.join('|')})$`));
        expect(Object.keys(Resources).filter((id) => /phase/i.test(id))).toEqual([]);
      }
    }
  });
});

test('an identity that breaks is noticed', () => {
  const before = { Type: 'AWS::RDS::DBInstance', Properties: { DBName: 'app' } };
  const after = { Type: 'AWS::RDS::DBInstance', Properties: { DBName: 'other' } };
  const { changes } = fullDiff({ Resources: { Database: before } }, { Resources: { Database: after } }).resources;
  expect(changes['Database']?.propertyUpdates['DBName']?.changeImpact).toBe(ResourceImpact.WILL_REPLACE);
});

function exportsOf(templates: ReturnType<typeof synthesise>): string[] {
  return Object.values(templates).flatMap(({ Outputs = {} }) =>
    Object.values(Outputs as Record<string, { readonly Export?: { readonly Name: string } }>).flatMap(
      ({ Export }) => Export?.Name ?? [],
    ),
  );
}

function networkOf(environment: string, phase: PhaseNumber, overrides: object): Record<string, unknown> {
  const kept = new Set(['AWS::EC2::VPC', 'AWS::EC2::Subnet', 'AWS::EC2::RouteTable']);
  const { Resources } = synthesise(environment, phase, { ...overrides })[`${environment}-network`] ?? { Resources: {} };
  return Object.fromEntries(Object.entries(Resources).filter(([, { Type }]) => kept.has(Type)));
}
