import { PHASES } from '../architecture/phases';
import type { QuotaId } from '../facts/quotas';
import { type SynthesisProps, synthesise } from '../synthesis';
import { inWordsOfFlags } from './in-words-of-flags';
import { beyondDefaults } from './needs-in-words';
import { placedNeeds } from './preflight/rows';
import { table } from './table';

/**
 * Builds, synthesises and validates every phase of an environment, and says what each adds and what the account must have.
 *
 * @returns A table with a line per phase, and a line for each that needs more than AWS gives by default.
 */
export function phases({ context, ...place }: SynthesisProps): string {
  const all = PHASES.map((phase) => {
    const { templates, regions } = inWordsOfFlags(() =>
      synthesise({ context: { ...context, phase: phase.number }, ...place }),
    );
    return { ...phase, templates, needs: placedNeeds({ templates, regions }, NOTHING) };
  });
  const rows = all.map(({ number, name, adds, templates, needs }) => {
    const stacks = Object.values(templates);
    const resources = stacks.reduce((sum, { Resources }) => sum + Object.keys(Resources).length, 0);
    const peak = (quota: QuotaId): number =>
      Math.max(0, ...needs.filter((need) => need.quota === quota).map((need) => need.peak));
    return [number, name, stacks.length, resources, peak('vcpus'), peak('elastic-ips'), adds].map(String);
  });
  const heads = ['phase', 'name', 'stacks', 'resources', 'vCPUs', 'addresses', 'adds'];
  const beyond = all.flatMap(({ number, needs }) => {
    const words = beyondDefaults(needs);
    return words === '' ? [] : [`phase ${number}: ${words}\n`];
  });
  const intro =
    '\nvCPUs and Elastic IP addresses are counted at their peak. More than AWS gives an account by default:\n';
  return [table(heads, rows), ...(beyond.length === 0 ? [] : [intro, ...beyond])].join('');
}

/** Deployed templates of a new environment: none. */
const NOTHING = { templates: {}, regions: {} };
