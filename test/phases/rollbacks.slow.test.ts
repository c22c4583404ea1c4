import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { type ClimbState, judge } from '../../lib/climb/gate-rules';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { synthesise } from '../cdk-context';
import { WITH_DOMAIN } from '../variants';

type State = ClimbState & { readonly phase: PhaseNumber };
type Templates = ReturnType<typeof synthesise>;

const STATES: readonly State[] = PHASES.flatMap(({ number, moves }) => [
  ...(moves === undefined ? [] : [{ phase: number, from: (number - 1) as PhaseNumber }]),
  { phase: number },
]);

/** Every climb that the gate lets through once what moves is recorded as verified. */
const CLIMBS = STATES.flatMap((before) =>
  STATES.filter((after) => {
    const verified = PHASES.filter(({ number }) => number <= before.phase).map(
      ({ number }) => `${number - 1}-${number}`,
    );
    return before !== after && judge({ environment: 'prod', before, after, verified }, PHASES).allowed;
  }).map((after) => ({ before, after, name: `${nameOf(before)} to ${nameOf(after)}` })),
).filter(({ before, after }) => (after.from ?? after.phase) >= (before.from ?? before.phase));

function nameOf({ phase, from }: ClimbState): string {
  return from === undefined ? String(phase) : `${phase}+${from}`;
}

const at = ({ phase, from }: State, settings: Readonly<Record<string, string>>): Templates =>
  synthesise('prod', phase, from === undefined ? settings : { ...settings, from: String(from) });

/** All weak references in a value: stack and output. */
function referencesIn(value: unknown): (readonly [stack: string, output: string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key !== 'Fn::GetStackOutput') return referencesIn(inner);
    const { StackName, OutputName } = inner as { StackName: string; OutputName: string };
    return [[StackName, OutputName] as const];
  });
}

/**
 * Outputs that stacks of the step before would no longer find although their subject is there: a stack whose update
 * fails is taken back to its template of before, after those that it stands on have been updated.
 */
function unresolved(before: Templates, after: Templates): string[] {
  return dropped(before, after).filter((reference) => {
    const [stack = '', output = ''] = reference.split('/');
    return subjectOf(before, stack, output).some((id) => after[stack]?.Resources[id]);
  });
}

/** Outputs that templates of before read and that are no more. */
function dropped(before: Templates, after: Templates): string[] {
  const gone = Object.values(before).flatMap(({ Resources }) =>
    referencesIn(Resources).filter(
      ([stack, output]) => !Object.hasOwn((after[stack]?.['Outputs'] ?? {}) as object, output),
    ),
  );
  return [...new Set(gone.map(([stack, output]) => `${stack}/${output}`))].sort();
}

/** Logical ids of the resources that an output is about. */
function subjectOf(templates: Templates, stack: string, output: string): string[] {
  const outputs = templates[stack]?.['Outputs'] as Readonly<Record<string, { readonly Value: unknown }>> | undefined;
  const { Ref, 'Fn::GetAtt': attribute } = (outputs?.[output]?.Value ?? {}) as {
    Ref?: string;
    'Fn::GetAtt'?: readonly [string, string];
  };
  return [Ref ?? attribute?.[0] ?? ''];
}

test('every climb is there, by one phase and by more', () => {
  const names = CLIMBS.map(({ name }) => name);
  for (const name of ['0 to 1+0', '1+0 to 1', '1 to 2+1', '2+1 to 2', '2 to 3', '2 to 5', '5 to 6+5', '6+5 to 6']) {
    expect(names).toContain(name);
  }
});

describe.each([
  ['as configured', {}],
  ['with a domain', WITH_DOMAIN],
  ['with sockets and a domain', { ...WITH_DOMAIN, ingress: 'sockets' }],
] as const)('%s', (_choice, settings) => {
  test.each(CLIMBS)(
    'a stack that is taken back from $name finds what it refers to, as long as that is there',
    ({ before, after }) => {
      expect(unresolved(at(before, settings), at(after, settings))).toEqual([]);
    },
  );
});

const propertiesOf = (resources: Templates[string]['Resources']): unknown =>
  Object.fromEntries(Object.entries(resources).map(([id, { Properties }]) => [id, Properties]));

const CONTRACTIONS = CLIMBS.filter(({ before, after }) => before.from !== undefined && after.from === undefined);

describe.each([
  ['as configured', {}],
  ['with a domain and Limitless', { ...WITH_DOMAIN, 'data.sharding.engine': 'limitless' }],
] as const)('%s', (_choice, settings) => {
  test.each(CONTRACTIONS.filter(({ before, after }) => before.phase === after.phase))(
    'a stack that is taken back from $name finds all that it refers to, while the single database is kept',
    ({ before, after }) => {
      const kept = { ...settings, 'data.singleDatabase': 'kept' };
      expect(dropped(at(before, settings), at(after, kept))).toEqual([]);
    },
  );

  test('nobody is told of a single database that is kept, or may use it', () => {
    const kept = at({ phase: 6 }, { ...settings, 'data.singleDatabase': 'kept' });
    const gone = at({ phase: 6 }, settings);
    for (const [stack, { Resources }] of Object.entries(kept)) {
      if (/-(data|logins)$/.test(stack)) continue;
      expect(propertiesOf(Resources)).toEqual(propertiesOf(gone[stack]?.Resources ?? {}));
    }
    const parameters = (templates: Templates): unknown[] =>
      Object.values(templates).flatMap(({ Resources }) =>
        Object.values(Resources).flatMap(({ Type, Properties }) =>
          Type === 'AWS::SSM::Parameter' ? [(Properties as { Name: unknown }).Name] : [],
        ),
      );
    expect(parameters(kept)).toEqual(parameters(gone));
  });
});
