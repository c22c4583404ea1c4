import { describe, expect, test } from 'vitest';
import { Model } from '../../lib/commands/explore/model';
import type { PageData } from '../../lib/commands/explore/page-data';
import { pictureOf } from '../../lib/commands/explore/parts';
import { shownConfiguration, shownSettings } from '../../lib/commands/explore/shown';
import type { Configuration } from '../../lib/config/configuration';
import { DEFAULTS } from '../../lib/config/defaults';
import type { Traffic } from '../../lib/config/traffic-settings';
import { PHASE_NUMBERS } from '../../lib/facts/phase-numbers';
import { configured } from '../capacity/environment';
import { NO_TRAFFIC } from '../cost/traffic';
import { HIDDEN, NAMES } from './explore-names';

const HEAVY: Traffic = { ...DEFAULTS.traffic, connections: 1e6, requestsPerMonth: 1e10, readsPerMonth: 1e11 };
const TRAFFICS = [DEFAULTS.traffic, NO_TRAFFIC, HEAVY];

/** Model of a page with configurations as they are given; bills of templates are another test's. */
function modelOf(of: (configuration: Configuration) => Configuration): Model {
  const phases = PHASE_NUMBERS.map((number) => ({
    ...{ number, name: '', adds: '', templates: {} },
    configuration: of(configured('prod', number, NAMES)),
  }));
  const data: PageData = {
    ...{ version: 1, environment: 'prod', region: 'us-east-1', written: '2026-11-30', traffic: DEFAULTS.traffic },
    ...{ configured: of(configured('prod', 3, NAMES)), settings: [], phases },
  };
  return new Model(JSON.parse(JSON.stringify(data)) as PageData);
}

describe('a configuration as the page has it', () => {
  test('holds no name of anything outside', () => {
    expect(JSON.stringify(configured('prod', 5, NAMES))).toMatch(HIDDEN);
    for (const phase of PHASE_NUMBERS) {
      expect(JSON.stringify(shownConfiguration(configured('prod', phase, NAMES)))).not.toMatch(HIDDEN);
    }
  });

  test('comes to the same capacity, relief, picture and sizes as the whole', () => {
    const [whole, shown] = [modelOf((one) => one), modelOf(shownConfiguration)];
    for (const traffic of TRAFFICS) {
      for (const phase of PHASE_NUMBERS) {
        const [a, b] = [whole.view(phase, traffic), shown.view(phase, traffic)];
        expect(b.capacity).toEqual(a.capacity);
        expect(b.relief).toEqual(a.relief);
        expect(pictureOf(b.architecture)).toEqual(pictureOf(a.architecture));
      }
      expect(shown.contradiction(traffic)).toEqual(whole.contradiction(traffic));
    }
    expect(shown.size(HEAVY)).toEqual(whole.size(HEAVY));
    expect(shown.size(HEAVY).plans.length).toBeGreaterThan(0);
  });
});

test('commands of the page name what it does not hold, and leave it to the reader', () => {
  const settings = {
    'app.instanceType': 'c7g.xlarge',
    'traffic.users': '1e7',
    'domain.name': 'app.acme-secrets.example',
  };
  expect(shownSettings({ ...settings, queues: '{"acme":null}' })).toEqual([
    'app.instanceType=c7g.xlarge',
    'traffic.users=1e7',
    'domain.name=...',
    'queues=...',
  ]);
});
