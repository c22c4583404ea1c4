import { memoized } from '../../../template/memoized';
import { referencesIn } from '../../../template/references';
import type { Templates } from '../../../template/template';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const MOVED_STACKS: Check = {
  rules: [
    {
      id: 'stack-moved',
      severity: 'refused',
      summary: 'A stack would be created anew, empty, in another region.',
      why: 'CloudFormation knows a stack in its own region only: the old one stays, with its data, and no deployment reaches it.',
    },
  ],
  find: ({ before, after }) => movedStacks(before, after),
};

/** The regions of stacks, as far as others name them: who refers to an output of another stack says where that is. */
export const regionsIn = memoized((templates: Templates): ReadonlyMap<string, string> => {
  const references = Object.values(templates).flatMap(({ Resources }) => referencesIn(Resources));
  return new Map(
    references.flatMap((reference) =>
      reference.kind === 'stack-output' && reference.region !== undefined ? [[reference.stack, reference.region]] : [],
    ),
  );
});

/** Stacks that would be made anew in another region: CloudFormation knows each in its own region only. */
export function movedStacks(before: Templates, after: Templates): Finding[] {
  const now = regionsIn(after);
  return [...regionsIn(before)].flatMap(([stack, region]): Finding[] => {
    const other = now.get(stack);
    if (other === undefined || other === region) return [];
    return [
      {
        severity: 'refused',
        rule: 'stack-moved',
        stack,
        message: `${stack} is in ${region} and would be created anew, empty, in ${other}: the old one stays in the account with all its contents, and no deployment reaches it any more`,
        remedy: 'leave its region as it is (region, operations.copyRegion)',
      },
    ];
  });
}
