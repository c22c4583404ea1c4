import { expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { synthesise } from '../cdk-context';
import { WITH_DOMAIN } from '../variants';

/** Climbs that move something away from the single server, which goes on serving while they expand. */
const FROM_THE_BOX = PHASES.filter(({ number, moves }) => moves !== undefined && number <= 2).map(
  ({ number }) => number,
);

const CASES = (['dev', 'staging', 'prod'] as const).flatMap((environment) =>
  FROM_THE_BOX.flatMap((phase) => [
    { environment, phase, settings: {}, name: `${environment} ${phase - 1} to ${phase}+${phase - 1}` },
    {
      environment,
      phase,
      settings: { ...WITH_DOMAIN, 'network.egress': 'gateway' },
      name: `${environment} ${phase - 1} to ${phase}+${phase - 1}, with a domain`,
    },
  ]),
);

test.each(CASES)('the single server goes on as it is: $name', ({ environment, phase, settings }) => {
  const below = (phase - 1) as PhaseNumber;
  const before = synthesise(environment, below, settings);
  const after = synthesise(environment, phase, { ...settings, from: String(below) });
  const fleet = (templates: typeof before): unknown =>
    Object.fromEntries(
      Object.entries(templates[`${environment}-app`]?.Resources ?? {})
        .filter(([, { Type }]) => /^AWS::(AutoScaling::AutoScalingGroup|EC2::LaunchTemplate)$/.test(Type))
        .filter(([id]) => id.startsWith('BoxFleet'))
        .map(([id, { Properties }]) => [id, Properties]),
    );
  expect(Object.keys(fleet(before) as object)).toHaveLength(2);
  expect(fleet(after)).toEqual(fleet(before));
});
