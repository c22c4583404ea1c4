import { isPublicZone } from '../../../template/public-zones';
import { isKept } from '../../../template/stateful';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

const SOURCE = 'https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DeleteHostedZone.html';

export const PUBLIC_ZONE_GONE: Check = {
  rules: [
    {
      id: 'public-zone-gone',
      severity: 'needs-migration',
      summary: 'A public hosted zone is deleted: removed, or replaced by another.',
      why: 'No name in it resolves for users any more, and a zone made again has other name servers.',
      source: SOURCE,
    },
  ],
  find: ({ changes }) => zonesGone(changes),
};

/** Public zones that leave the account. One that is retained answers as before. */
function zonesGone(changes: ReadonlyMap<string, ResourceChange>): Finding[] {
  return [...changes.values()].flatMap(({ stack, id, change, was }): Finding[] => {
    if (was === undefined || !isPublicZone(was)) return [];
    const gone =
      (change === 'removes' && !isKept(was)) || (change === 'replaces' && was.UpdateReplacePolicy !== 'Retain');
    if (!gone) return [];
    return [
      {
        severity: 'needs-migration',
        rule: 'public-zone-gone',
        stack,
        id,
        message: `is ${change === 'removes' ? 'removed' : 'replaced'}, and no name in it resolves for users any more; one made again has other name servers`,
        remedy:
          'make the other zone first, with the same records, and have the registrar or the zone above name its servers; delete this one when their old answer has expired everywhere',
        source: SOURCE,
      },
    ];
  });
}
