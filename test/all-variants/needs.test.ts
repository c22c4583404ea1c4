import { describe, expect, test } from 'vitest';
import { needsOf } from '../../lib/account/needs';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { QUOTA_IDS } from '../../lib/facts/quotas';
import { synthesise } from '../cdk-context';
import { VARIANTS } from '../variants';

/** From so many of one type on, somebody has to have looked at what AWS allows of it. */
const MANY = 15;

/** Types that no quota of `quotas.json` counts, with what AWS allows of them by default, or why nothing limits them. */
const FAR_FROM_IT: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': '5,000 in a region',
  'AWS::CloudWatch::CompositeAlarm': 'counts with the alarms',
  'AWS::IAM::Policy': 'part of its role',
  'AWS::Lambda::Function': 'no number, but 75 GB of code in a region',
  'Custom::DatabaseRoles': 'a call of a function, and nothing that stays',
  'AWS::SecretsManager::Secret': '500,000 in a region',
  'AWS::SecretsManager::SecretTargetAttachment': 'part of its secret',
  'AWS::Logs::LogGroup': '1,000,000 in a region',
  'AWS::Route53::RecordSet': '10,000 in a hosted zone',
};

const templatesOf = ({ env = 'dev', phase, ...overrides }: Readonly<Record<string, string>>) =>
  synthesise(env, Number(phase) as PhaseNumber, overrides);

test('whatever there are many of is counted against what AWS allows of it', () => {
  const counts = new Map<string, number>();
  for (const { context } of VARIANTS) {
    const here = new Map<string, number>();
    for (const { Resources } of Object.values(templatesOf(context))) {
      for (const { Type } of Object.values(Resources)) here.set(Type, (here.get(Type) ?? 0) + 1);
    }
    for (const [type, count] of here) counts.set(type, Math.max(count, counts.get(type) ?? 0));
  }
  const many = [...counts].filter(([, count]) => count >= MANY).map(([type]) => type);
  expect(many.length).toBeGreaterThanOrEqual(8);
  const uncounted = many.filter((type) => !Object.hasOwn(FAR_FROM_IT, type) && !isCounted(type));
  expect(uncounted).toEqual([]);
  expect(Object.keys(FAR_FROM_IT).filter((type) => isCounted(type))).toEqual([]);
});

/** Tells whether one more of a type takes more of some quota. */
function isCounted(type: string): boolean {
  const one = { Resources: { A: { Type: type, Properties: {} } } };
  return needsOf({ s: one }).some(({ quota }) => quota !== 'stacks');
}

describe.each(VARIANTS)('$name', ({ context }) => {
  test('takes at its peak at least what it takes at rest, and of each quota once', () => {
    const needs = needsOf(templatesOf(context));
    expect(needs.map(({ quota }) => quota)).toEqual(QUOTA_IDS.filter((id) => needs.some(({ quota }) => quota === id)));
    expect(needs.filter(({ rest, peak, most }) => rest > peak || peak > most)).toEqual([]);
    expect(needs.some(({ quota }) => quota === 'vcpus')).toBe(true);
  });
});
