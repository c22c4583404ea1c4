import type { Verdict } from '../../verdict/verdict-schema';

/** The verdict in one sentence. */
export const SENTENCES: Readonly<Record<Verdict['verdict'], { readonly word: string; readonly means: string }>> = {
  safe: { word: 'SAFE', means: 'Nothing that holds data is removed, replaced or left with fewer guards.' },
  'needs-migration': { word: 'NEEDS A MIGRATION', means: 'Deployed as it is, it would leave data or traffic behind.' },
  refused: {
    word: 'REFUSED',
    means: 'Deployed as it is, it would lose data, fail half-way, expose something or leave users unanswered.',
  },
};
