import type { Need } from '../account/needs';
import { quotaOf, standardIn } from '../facts/quotas';
import type { PlacedNeed } from './preflight/rows';

/** Needs beyond what AWS gives an account by default, such as `38 vCPUs (5)`; empty when nothing does. */
export function beyondDefaults(needs: readonly PlacedNeed[]): string {
  return needs
    .filter(({ quota, peak, region }) => peak > standardIn(quota, region))
    .map(({ quota, peak, region }) => `${peak} ${SHORT[quota] ?? quotaOf(quota).name} (${standardIn(quota, region)})`)
    .join(', ');
}

/** Shorter than AWS's own names, where those would fill a line. */
const SHORT: Readonly<Partial<Record<Need['quota'], string>>> = {
  vcpus: 'vCPUs',
  'vcpus-x': 'vCPUs of X instances',
};

/** Needs near or beyond the defaults of AWS, with what a step takes at its peak. */
export function nearDefaults(
  needs: readonly Need[],
  region: string | undefined,
): { readonly what: string; readonly why?: string }[] {
  return needs
    .filter(({ quota, peak }) => peak >= NEAR * standardIn(quota, region))
    .map(({ quota, rest, peak, because }) => {
      const { name } = quotaOf(quota);
      const standard = standardIn(quota, region);
      const what = `${SHORT[quota] ?? name}: ${peak} at the peak, ${standard} by default`;
      return because.length === 0 ? { what } : { what, why: `${rest} at rest, ${because.join(', ')}` };
    });
}

/** Share of a default from which it is worth a line. */
const NEAR = 0.8;
