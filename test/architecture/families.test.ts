import { describe, expect, test } from 'vitest';
import { familiesOf, type NodeFamily, ratiosNotHeld } from '../../lib/architecture/families';
import { architectureOf } from '../../lib/architecture/phases';
import { COEFFICIENTS } from '../../lib/capacity/coefficients';
import { blueprint } from '../../lib/commands/blueprint';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY as directory } from '../../lib/config/directory';
import { APP_VCPUS_PER_PROXY_VCPU } from '../../lib/config/node-families';
import { FIRST_PHASE_OF, PHASE_NUMBERS } from '../../lib/facts/phase-numbers';

function families(phase: number, settings: Record<string, string> = {}): readonly NodeFamily[] {
  const context = { env: 'prod', phase: String(phase), ...settings };
  return familiesOf(architectureOf(readConfiguration({ context, directory })));
}

const rolesAt = (phase: number, settings = {}): string[] => families(phase, settings).map(({ plan }) => plan.role);

describe('the node families', () => {
  test('of each phase are those of its fleets', () => {
    expect(PHASE_NUMBERS.map((phase) => rolesAt(phase))).toEqual([
      ['box'],
      ['box'],
      ...Array.from({ length: 3 }, () => ['web', 'app']),
      ...Array.from({ length: 2 }, () => ['web', 'app', 'worker']),
    ]);
    expect(rolesAt(1, { from: '0' })).toContain('mover');
    expect(rolesAt(2, { 'web.enabled': 'false' })).toEqual(['app']);
  });

  test('that users reach keep somebody when they lose what they may lose', () => {
    for (const phase of PHASE_NUMBERS.filter((one) => one >= FIRST_PHASE_OF.loadBalancer)) {
      for (const { plan, mayLose } of families(phase).filter(({ plan: { role } }) => role !== 'worker')) {
        expect(plan.minNodes).toBeGreaterThanOrEqual(2);
        expect(mayLose).toBeGreaterThan(0);
        expect(mayLose).toBeLessThan(plan.minNodes);
      }
    }
  });

  test('may lose a zone once they scale, and one node before', () => {
    const app = (phase: number): NodeFamily | undefined => families(phase).find(({ plan }) => plan.role === 'app');
    expect([app(3)?.plan.minNodes, app(3)?.mayLose]).toEqual([3, 1]);
    expect([app(4)?.plan.minNodes, app(4)?.mayLose]).toEqual([5, 2]);
  });

  test('say that one zone takes them all where they stand close together', () => {
    const lost = (role: string, settings = {}): string | undefined =>
      families(5, settings).find(({ plan }) => plan.role === role)?.lost;
    const cluster = { 'app.placement': 'cluster' };
    expect(lost('app')).not.toContain('zone');
    expect(lost('app', cluster)).toMatch(/; with its one zone, all nodes at once$/);
    for (const role of ['web', 'worker']) expect(lost(role, cluster)).toBe(lost(role));
  });

  test('say where load is shed as the phase has it', () => {
    const sheds = (phase: number, role: string, settings = {}): string | undefined =>
      families(phase, settings).find(({ plan }) => plan.role === role)?.sheds;
    expect(sheds(4, 'web')).not.toContain('429');
    expect(sheds(5, 'web')).toContain('low-priority paths get 429');
    expect(sheds(5, 'app')).not.toContain('429');
    expect(sheds(5, 'app', { 'web.enabled': 'false' })).toContain('in the release, low-priority paths get 429');
  });
});

describe('the ratio of proxies to app nodes', () => {
  test('is that of their work for a request', () => {
    const { secondsPerRequest, secondsPerProxied } = COEFFICIENTS;
    expect(secondsPerRequest.value / secondsPerProxied.value).toBeCloseTo(APP_VCPUS_PER_PROXY_VCPU, 9);
  });

  test('is held by what this repository configures, at rest and at the peak', () => {
    for (const env of ['dev', 'staging', 'prod']) {
      for (const phase of PHASE_NUMBERS) {
        const configuration = readConfiguration({ context: { env, phase: String(phase) }, directory });
        expect(ratiosNotHeld(familiesOf(architectureOf(configuration)))).toEqual([]);
      }
    }
  });

  test('is told where the app fleet may outgrow its proxies', () => {
    const settings = { 'app.instanceType': 'c7i.16xlarge', 'app.minNodes': '2', 'app.maxNodes': '9' };
    // prod has three to six proxies of two vCPUs: 128 / 20 / 2 and 576 / 20 / 2.
    expect(ratiosNotHeld(families(3, settings))).toEqual([
      'web.minNodes is 3, and 2 x c7i.16xlarge want 4: one vCPU for 20 of the app fleet',
      'web.maxNodes is 6, and 9 x c7i.16xlarge want 15: one vCPU for 20 of the app fleet',
    ]);
  });
});

test('phases --blueprint tells all of it, phase by phase', () => {
  const output = blueprint({ context: { env: 'prod' }, directory });
  expect(output).toMatch(
    /^phase 0, single server\n {2}box: 1 x c7i\.xlarge\n {4}runs {6}the release behind nginx, and Post/m,
  );
  expect(output).toMatch(/^ {2}worker: 2 to 12 x c7i\.large\n.*\n {4}how many {2}one for 3000 jobs that wait$/m);
  expect(output.match(/^phase \d/gm)).toHaveLength(PHASE_NUMBERS.length);
});
