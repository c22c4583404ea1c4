import { describe, expect, test } from 'vitest';
import { type Configuration, readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { billOf } from '../../lib/cost/bill';
import { saidAtSynth } from '../../lib/cost/said-at-synth';
import { LAST_PHASE, type PhaseNumber } from '../../lib/facts/phase-numbers';
import { synthesise } from '../cdk-context';
import { BOOK } from './book';

const read = (env: string, phase: PhaseNumber, more: Readonly<Record<string, string>> = {}): Configuration =>
  readConfiguration({ context: { env, phase, ...more }, directory: CONFIGURATION_DIRECTORY });

describe('the budget of production', () => {
  test('is the bill of its last phase and a quarter, in steps of 500', () => {
    const { traffic, operations } = read('prod', LAST_PHASE);
    const { total } = billOf(synthesise('prod', LAST_PHASE), traffic, BOOK);
    expect(operations.budgetUSD).toBe(Math.ceil((total * 1.25) / 500) * 500);
  });

  test.each([0, 2, 4, LAST_PHASE] as const)('is enough at phase %i', (phase) => {
    expect(saidAtSynth(read('prod', phase), synthesise('prod', phase)).join()).not.toContain('its budget');
  });
});

describe('a bill above the budget', () => {
  const templates = synthesise('dev', 2);

  test('is told with both figures and the command that says why', () => {
    const [said, ...others] = saidAtSynth(read('dev', 2, { 'operations.budgetUSD': '100' }), templates);
    expect(others).toEqual([]);
    expect(said).toMatch(
      /^dev at phase 2 comes to \$2\d\d a month at list prices, more than its budget of \$100 \(operations\.budgetUSD\): `beamstalk cost 2 --env dev` says why$/,
    );
  });

  test('is told of a phase that expands by the name that the command takes', () => {
    const expanding = read('dev', 2, { from: '1', 'operations.budgetUSD': '100' });
    expect(saidAtSynth(expanding, templates).join()).toContain('`beamstalk cost 2+1 --env dev`');
  });

  test('is not known, and not told, in a region without prices', () => {
    const zones = 'eu-west-1a,eu-west-1b,eu-west-1c';
    const there = { region: 'eu-west-1', 'network.availabilityZones': zones, 'operations.budgetUSD': '1' };
    expect(saidAtSynth(read('dev', 2, there), templates)).toEqual([]);
  });
});

describe('rows that do not fit', () => {
  const templates = synthesise('dev', 2);

  test('are told with the resource, and the command that says what gives way', () => {
    const said = saidAtSynth(read('dev', 2, { 'traffic.writesPerMonth': '1e9' }), templates);
    expect(said).toEqual([
      expect.stringMatching(
        /^dev at phase 2, dev-data\/Database\w+ \(AWS::RDS::DBInstance\): rows of .* may hold 200 GB: .*; `beamstalk capacity 2 --env dev` says what gives way$/,
      ),
    ]);
  });

  test('are not told where they do', () => {
    expect(saidAtSynth(read('dev', 2), templates)).toEqual([]);
  });
});
