import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { capacity } from '../../lib/commands/capacity';
import { type SizeProps, size } from '../../lib/commands/size';
import { readConfiguration } from '../../lib/config/configuration';
import { runCommandLine } from '../commands/command-line';

const directory = join(import.meta.dirname, '..', '..', 'config');
const folder = mkdtempSync(join(tmpdir(), 'beamstalk-size-'));
afterAll(() => rmSync(folder, { recursive: true }));

const asked = (props: Partial<SizeProps> = {}): SizeProps => ({
  ...{ environment: 'dev', settings: {}, headroom: 0.3, survivesZone: false, format: 'text', directory },
  ...props,
});

function fileWith(content: unknown): string {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('size', () => {
  test('names the cheapest, the runner-up, the bottleneck, and both ways in', () => {
    const { output, answer, exitCode } = size(asked({ settings: { 'traffic.connections': '250000' } }));
    expect(exitCode).toBe(0);
    const usd = answer.plans.map((plan) => plan.usd);
    expect(usd).toEqual([...usd].sort((a, b) => a - b));
    for (const part of [
      'The cheapest that carries it: phase',
      'first bottleneck:',
      'Runner-up: phase',
      'ALB or NLB, CDN or direct:',
      'One node or several:',
    ])
      expect(output).toContain(part);
  });

  test('with a zone that may be lost nothing stands alone, and the smaller phases say why', () => {
    const { output, answer } = size(asked({ survivesZone: true }));
    expect(answer.plans[0]?.phase).toBeGreaterThan(1);
    expect(output).toContain('phase 0: single server copies with a zone lost: 1 left of 0');
  });

  test('of nodes that stand close together is of no type that cannot, and survives no zone', () => {
    const settings = { 'app.placement': 'cluster', 'web.enabled': 'false' };
    const types = size(asked({ settings })).answer.plans.map(({ choice }) => choice['app.instanceType'] ?? '');
    expect(types.filter((type) => /^t\d/.test(String(type)))).toEqual([]);
    expect(types.some((type) => type !== '')).toBe(true);
    const { output, exitCode } = size(asked({ settings, survivesZone: true }));
    expect(exitCode).toBe(1);
    expect(output).toMatch(/phase 4 with an NLB: app connections with a zone lost: [\d,]+ of 0$/m);
  });

  test('what nothing carries ends with 1, and the reason in every phase', () => {
    const { output, exitCode, answer } = size(
      asked({
        settings: { 'traffic.writesPerMonth': '1e13', 'traffic.rowBytes': '1000000', 'traffic.keepMonths': '1200' },
      }),
    );
    expect(exitCode).toBe(1);
    expect(answer.plans).toEqual([]);
    expect(output.match(/^ {2}phase \d/gm)).toHaveLength(12);
  });

  test('writes a configuration that is read back as the plan', () => {
    const file = join(folder, 'sized.json');
    const settings = { 'traffic.connections': '1e6', 'traffic.requestsPerMonth': '1e9', 'web.enabled': 'false' };
    const { answer } = size(asked({ settings, ingress: 'sockets', survivesZone: true, write: file }));
    const read = readConfiguration({ context: { env: 'sized' }, directory: folder });
    const [best] = answer.plans;
    expect(read.phase).toBe(best?.phase);
    expect(read.app.instanceType).toBe(best?.choice['app.instanceType']);
    expect(read.traffic.connections).toBe(1_000_000);
    expect(read.web.enabled).toBe(false);
  });

  test.each([
    ['a folder that is not there', join(folder, 'none', 'sized.json')],
    ['a folder in its place', folder],
  ])('says in one message that it cannot write: %s', (_, write) => {
    expect(() => size(asked({ write }))).toThrow(/^ {2}write: received .*; allowed: a file that can be written \(E/m);
  });

  test('says which plans lack a price, in words and for machines', () => {
    const settings = { 'data.sharding.engine': 'limitless', 'traffic.connections': '1000' };
    const { answer, output } = size(asked({ settings, ingress: 'http' }));
    expect(answer.plans.filter(({ notPriced }) => notPriced > 0).map(({ phase }) => phase)).toEqual([6]);
    expect(answer.plans.at(-1)?.phase).toBe(6);
    expect(output).not.toContain('no price');
    const { plans }: { plans: { phase: number; notPriced: number }[] } = JSON.parse(
      size(asked({ settings, ingress: 'http', format: 'json' })).output,
    );
    expect(plans.find(({ phase }) => phase === 6)?.notPriced).toBe(1);
  });

  test('tells the rung above, and from which on a second node beats a bigger one', () => {
    expect(size(asked({})).output).toMatch(
      /^ {2}next rung: \w+\.\w+; a second node beats a bigger one from \w+\.\w+ on$/m,
    );
  });

  test('prints the same for machines', () => {
    const { output, answer } = size(asked({ format: 'json' }));
    const report: { plans: { phase: number; usd: number; growth: Record<string, string> }[] } = JSON.parse(output);
    expect(report.plans.map(({ phase }) => phase)).toEqual(answer.plans.map(({ phase }) => phase));
    expect(report.plans.map(({ growth }) => growth.next)).toEqual(answer.plans.map(({ growth }) => growth.next?.name));
  });

  test.each([
    [
      { 'traffic.connections': '-5' },
      /traffic\.connections: received -5; allowed: an integer from 0 to 100000000; set it in --connections/,
    ],
    [
      { 'traffic.peakFactor': '0' },
      /traffic\.peakFactor: received 0; allowed: a number from 1 to 1000; set it in --peak/,
    ],
    [{ 'traffic.readsPerMonth': 'many' }, /traffic\.readsPerMonth: received "many".*--reads/],
    [{ region: 'eu-north-1' }, /region: received "eu-north-1"; allowed: a region with prices: us-east-1/],
  ])('bad traffic gets one message: %j', (settings, message) => {
    expect(() => size(asked({ settings: settings as Record<string, string> }))).toThrow(message);
  });
});

describe('a load test', () => {
  const steps = [1, 2, 4, 8].map((concurrency) => ({ concurrency, perSecond: concurrency * 20_000 }));

  test('changes the answer, and is told', () => {
    const settings = { 'traffic.requestsPerMonth': '1e10' };
    const assumed = size(asked({ settings }));
    const fitted = size(asked({ settings, steps: fileWith({ instanceType: 'c7i.xlarge', steps }) }));
    expect(fitted.answer.plans[0]?.usd).toBeLessThan(assumed.answer.plans[0]?.usd ?? 0);
    expect(fitted.output).toContain('fitted: ');
  });

  test('that falls faster than its load grows is refused in one message, which names the file', () => {
    const falling = [
      [10, 10_000],
      [20, 2500],
      [40, 625],
      [80, 156],
    ].map(([concurrency, perSecond]) => ({ concurrency, perSecond }));
    const file = fileWith({ instanceType: 'c7i.xlarge', steps: falling });
    const message = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        return String(error);
      }
      return 'nothing was refused';
    };
    const side = { kind: 'phase', phase: 2 } as const;
    for (const run of [
      () => size(asked({ steps: file })),
      () => capacity({ side, environment: 'prod', settings: {}, format: 'text', steps: file, directory }),
    ]) {
      expect(message(run)).toContain('1 error in the load test\n  steps: received [10000,2500,625,156]; allowed: ');
      expect(message(run)).toContain(`set it in ${file}`);
    }
  });

  test.each([
    ['no JSON', /allowed: a file of JSON/],
    [{ instanceType: 'c99.large', steps }, /instanceType: received "c99.large"/],
    [{ instanceType: 'c7i.xlarge', steps: steps.slice(1) }, /steps: received 3; allowed: at least 4 steps/],
    [{ instanceType: 'c7i.xlarge', steps: [...steps, { concurrency: 0, perSecond: 1 }] }, /steps\.4: /],
    [[], /instanceType/],
  ])('%j is refused in one message', (content, message) => {
    expect(() => size(asked({ steps: fileWith(content) }))).toThrow(message);
  });
});

describe('capacity', () => {
  const of = (phase: number, settings: Record<string, string> = {}, format: 'text' | 'json' = 'text') =>
    capacity({ side: { kind: 'phase', phase }, environment: 'prod', settings, format, directory });

  test('tells the first bottleneck, its month and its relief above all ceilings', () => {
    const output = of(5);
    expect(output).toMatch(
      /first bottleneck: cache memory: .*; it gives way in month \d+\n.*\n {2}cheapest relief: cache\.class=cache\.r7g\.xlarge, \+\$/,
    );
    expect(output).toMatch(/^app +connections +10,004 of 943,713 +1 % +\d+ +assumed$/m);
    expect(output).toMatch(/^database +copies, a zone lost +1 of 1 left +100 % +never +sourced$/m);
  });

  test('without prices of the region, it knows no relief, and says so', () => {
    const zones = { region: 'eu-west-1', 'network.availabilityZones': 'eu-west-1a,eu-west-1b,eu-west-1c' };
    expect(of(2, zones)).toContain('cheapest relief: not known, as there are no prices of the region');
  });

  test('a setting that would change nothing of a folder is misuse', () => {
    const { status, stderr } = runCommandLine(['capacity', folder, '--set', 'app.minNodes=9']);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'error: a folder is taken as its templates are: --set app.minNodes changes nothing of them\n',
    });
  });

  test('names a flag for a key that every object has', () => {
    const named = Object.fromEntries([['__proto__', '1']]);
    expect(() => of(2, named)).toThrow(/__proto__: .*set it in --set __proto__=\.\.\./);
  });

  test('what is passed today is said', () => {
    expect(of(2, { 'traffic.connections': '5e6' })).toContain('passed; it gives way today');
  });

  test('prints the same for machines', () => {
    const report: { bottleneck: { months: number }; ceilings: unknown[] } = JSON.parse(of(5, {}, 'json'));
    expect(report.bottleneck.months).toBeGreaterThan(0);
    expect(report.ceilings.length).toBeGreaterThan(20);
  });

  test('gives the first bottleneck in the shape in which size gives it, as one of its own ceilings', () => {
    const { bottleneck, ceilings }: { bottleneck: object; ceilings: object[] } = JSON.parse(of(5, {}, 'json'));
    const { plans }: { plans: { bottleneck: object }[] } = JSON.parse(size(asked({ format: 'json' })).output);
    expect(Object.keys(bottleneck).sort()).toEqual(Object.keys(plans[0]?.bottleneck ?? {}).sort());
    const { headroom, ...ceiling } = bottleneck as { headroom: number; taken: number };
    expect(ceilings).toContainEqual(ceiling);
    expect(headroom).toBeCloseTo(1 - ceiling.taken, 12);
  });

  test('of a folder it tells what may outgrow what it depends on', () => {
    writeFileSync(join(folder, 'a.template.json'), JSON.stringify({ Resources: {} }));
    const output = capacity({
      side: { kind: 'directory', path: folder },
      environment: 'dev',
      settings: {},
      format: 'text',
      directory,
    });
    expect(output).toContain('nothing that scales may outgrow');
  });
});
