import { beforeAll, describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { capacityOf, firstBottleneck } from '../../lib/capacity/capacity';
import { monthsLeft, taken } from '../../lib/capacity/ceiling';
import { sideReport } from '../../lib/commands/cost/report';
import { pageOf } from '../../lib/commands/explore/html';
import { Model, tightest } from '../../lib/commands/explore/model';
import { grown, takenIn } from '../../lib/commands/explore/months';
import type { PageData } from '../../lib/commands/explore/page-data';
import { pictureOf } from '../../lib/commands/explore/parts';
import { slidersFor } from '../../lib/commands/explore/sliders';
import { stepOf } from '../../lib/commands/explore/step';
import { DEFAULTS } from '../../lib/config/defaults';
import type { Traffic } from '../../lib/config/traffic-settings';
import { billOf } from '../../lib/cost/bill';
import { reducedForBill } from '../../lib/cost/reduced';
import { verdictOf } from '../../lib/verdict/verdict';
import { built, configured } from '../capacity/environment';
import { synthesise } from '../cdk-context';
import { BOOK } from '../cost/book';
import { NO_TRAFFIC } from '../cost/traffic';

const TRAFFIC = DEFAULTS.traffic;
const HEAVY: Traffic = { ...TRAFFIC, users: 1e7, connections: 1e6, requestsPerMonth: 1e10, readsPerMonth: 1e11 };
const NUMBERS = [2, 3] as const;

/** What the page is written with, of two phases: through JSON, as in the page. */
function written(): PageData {
  const phases = NUMBERS.map((number) => ({
    ...{ number, name: PHASES[number]?.name ?? '', adds: PHASES[number]?.adds ?? '' },
    configuration: configured('prod', number),
    templates: reducedForBill(synthesise('prod', number), TRAFFIC, BOOK),
  }));
  const data: PageData = {
    ...{ version: 1, environment: 'prod', region: 'us-east-1', written: '2026-11-30', traffic: TRAFFIC },
    ...{ configured: configured('prod', 3), settings: [], phases },
  };
  return JSON.parse(JSON.stringify(data)) as PageData;
}

let model: Model;
beforeAll(() => {
  model = new Model(written());
});

describe('the model of the page', () => {
  test.each([
    ['expected', TRAFFIC],
    ['no', NO_TRAFFIC],
    ['heavy', HEAVY],
  ])('bills every phase as its whole templates under %s traffic', (_, traffic) => {
    for (const number of NUMBERS) {
      const whole = sideReport(`phase ${number}`, billOf(synthesise('prod', number), traffic, BOOK), traffic);
      expect(model.view(number, traffic).bill).toEqual(whole);
    }
  });

  test('keeps of templates a sixth at most', () => {
    const size = (value: unknown): number => JSON.stringify(value).length;
    expect(size(model.phase(3).templates)).toBeLessThan(size(synthesise('prod', 3)) / 6);
  });

  test('finds the first bottleneck of the architecture', () => {
    const { first, capacity } = model.view(3, HEAVY);
    const expected = capacityOf(built('prod', 3), HEAVY);
    expect(capacity).toEqual(expected);
    expect(first).toEqual(firstBottleneck(expected));
  });

  test('says which phases carry the traffic', () => {
    expect(model.phases(TRAFFIC).map(({ carries }) => carries)).toEqual([true, true]);
    expect(model.phases({ ...HEAVY, connections: 1e8 }).map(({ carries }) => carries)).toEqual([false, false]);
  });

  test('refuses a traffic as the commands do', () => {
    expect(model.contradiction(TRAFFIC)).toBeUndefined();
    const idle = { ...TRAFFIC, connections: 0, requestsPerMonth: 0 };
    expect(model.contradiction(idle)).toMatch(/^traffic\.requestsPerMonth must be more than 0/);
  });
});

describe('headroom', () => {
  test('has the tightest ceiling of each tier, the first bottleneck among them', () => {
    const { capacity, first } = model.view(3, HEAVY);
    const tiers = tightest(capacity);
    expect(tiers).toContain(first?.ceiling);
    expect(new Set(tiers.map(({ tier }) => tier)).size).toBe(tiers.length);
    for (const { event } of tiers) expect(event).toBeUndefined();
  });

  test('is gone in the month after the last that is left', () => {
    const traffic = { ...TRAFFIC, growthPercentPerMonth: 10 };
    const growing = tightest(model.view(3, traffic).capacity).filter((one) => !one.fixed && taken(one) > 0);
    expect(growing.length).toBeGreaterThan(2);
    for (const ceiling of growing) {
      const months = monthsLeft(ceiling, 0.1);
      expect(takenIn(ceiling, traffic, months)).toBeLessThanOrEqual(1);
      expect(takenIn(ceiling, traffic, months + 1)).toBeGreaterThan(1);
    }
  });

  test('grows with all that is counted', () => {
    const later = grown({ ...TRAFFIC, growthPercentPerMonth: 100 }, 2);
    expect(later).toMatchObject({ connections: 4 * TRAFFIC.connections, jobsPerMonth: 4 * TRAFFIC.jobsPerMonth });
    expect(later.payloadBytes).toBe(TRAFFIC.payloadBytes);
  });
});

describe('the picture', () => {
  test('shows what a step adds, changes and retires', () => {
    const boxes = pictureOf(built('prod', 2), built('prod', 1));
    const changeOf = (id: string): string | undefined => boxes.find((box) => box.id === id)?.change;
    expect(changeOf('box')).toBe('retired');
    expect(changeOf('app')).toBe('added');
    expect(changeOf('database')).toBe('stays');
  });

  test.each(PHASES)('has no two boxes of one id in phase $number', ({ number }) => {
    const ids = pictureOf(built('prod', number)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('marks data that one zone may take with it, and no others', () => {
    const risky = (number: number, settings = {}): string[] =>
      pictureOf(built('prod', number, settings)).flatMap(({ id, data }) => (data?.risk === undefined ? [] : [id]));
    expect(risky(0)).toEqual(['localDatabase']);
    expect(risky(1, { 'database.multiAz': false })).toEqual(['database']);
    expect(risky(3)).toEqual([]);
  });

  test('tells the step as the verdict does', () => {
    const [before, after] = [synthesise('prod', 0), synthesise('prod', 1)];
    const climb = { environment: 'prod', before: { phase: 0 }, after: { phase: 1 }, phases: PHASES };
    const phase = PHASES[1];
    const step = phase && stepOf(phase, verdictOf(before, after, climb));
    expect(step).toMatchObject({ moves: 'data' });
    expect(step?.findings.map(({ severity }) => severity)).toContain('needs-migration');
  });
});

describe('the sliders', () => {
  test('stop at what the environment expects, and stay within the schema', () => {
    const traffic = { ...TRAFFIC, connections: 12_345, peakFactor: 3.7 };
    for (const { key, stops } of slidersFor(traffic)) {
      expect(stops).toContain(traffic[key]);
      expect(stops).toEqual([...new Set(stops)].sort((a, b) => a - b));
      for (const value of [stops[0], stops.at(-1)]) {
        const settings = {
          [`traffic.${key}`]: value,
          'traffic.requestsPerMonth': key === 'requestsPerMonth' ? value : 1e6,
        };
        expect(() => configured('prod', 3, { 'traffic.connections': 5, ...settings })).not.toThrow();
      }
    }
  });
});

describe('the page', () => {
  test('lets no text of its data end the script, and asks no network', () => {
    const data = { ...model.data, region: '</script><script>alert(1)</script>' };
    const page = pageOf(data, { script: 'const end = "</script>";', style: '' });
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page).toContain("default-src 'none'");
    const [, json = ''] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json)).toEqual(data);
  });
});
