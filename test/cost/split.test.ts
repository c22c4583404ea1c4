import { describe, expect, test } from 'vitest';
import { architectureOf } from '../../lib/architecture/phases';
import { loadOf } from '../../lib/capacity/load';
import { rowSharesOf } from '../../lib/capacity/row-shares';
import { shareOf } from '../../lib/capacity/tiers/databases';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { outlineOf } from '../../lib/cost/outline/outline';
import { Survey } from '../../lib/cost/survey';
import { PHASE_NUMBERS } from '../../lib/facts/phase-numbers';
import { STORE_KINDS, type StoreKind, shareOfKind } from '../../lib/facts/row-shares';

test('the shares of all kinds come to one, whatever kinds there are', () => {
  for (let set = 1; set < 2 ** STORE_KINDS.length; set++) {
    const there = new Set(STORE_KINDS.filter((_, at) => (set >> at) % 2 === 1));
    const sum = STORE_KINDS.reduce((all, kind) => all + shareOfKind(kind, there), 0);
    expect(sum, [...there].join()).toBeCloseTo(1, 12);
  }
});

const SETTINGS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'data.sharding.engine': 'none' },
  { 'data.sharding.engine': 'dsql' },
  { 'data.sharding.engine': 'limitless' },
  { 'data.tables': '{"events":null}', 'data.readModels': '{"events-by-kind":null}' },
  { 'data.documents.enabled': 'true', 'data.graph.enabled': 'true', 'data.wideColumns.enabled': 'true' },
  { 'data.functions': '{"forum":null}' },
  { queues: '{"mail":null}' },
];
const CASES = ['dev', 'prod'].flatMap((env) =>
  PHASE_NUMBERS.flatMap((phase) =>
    (phase < 5 ? SETTINGS.slice(0, 1) : phase < 6 ? SETTINGS.slice(-1) : SETTINGS).map((settings) => ({
      ...{ env, phase, settings },
    })),
  ),
);

describe.each(CASES)('bill and capacity split $env at phase $phase alike: $settings', ({ env, phase, settings }) => {
  const configuration = readConfiguration({ context: { env, phase, ...settings }, directory: CONFIGURATION_DIRECTORY });
  const architecture = architectureOf(configuration);
  const survey = new Survey(outlineOf(architecture), configuration.traffic);
  const load = loadOf(configuration.traffic, architecture);
  const { database, sharded } = rowSharesOf(architecture);
  const inAll = (kind: StoreKind): number => survey.load(kind).gb * survey.stores(kind).length;

  test('rows', () => {
    expect(survey.dataGB).toBeCloseTo(load.dataGiB, 9);
    const databases = survey.stores('relational').length;
    if (databases > 0) expect(inAll('relational') / databases).toBeCloseTo(shareOf(load, database).dataGiB, 9);
    expect(inAll('aurora') + inAll('dsql')).toBeCloseTo(shareOf(load, sharded).dataGiB, 9);
  });

  test('jobs', () => {
    expect(survey.workQueues).toHaveLength(architecture.async?.queues.length ?? 0);
  });
});
