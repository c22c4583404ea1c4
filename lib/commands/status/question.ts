import { harmless } from '../environment/harmless';

/** Answer to one question of many, or the reason why there is none: what is not known is never taken for well. */
export type Question<Answer> = { readonly answer: Answer } | { readonly unknown: string };

/**
 * Asks, for so long and no longer. Whatever goes wrong concerns this question alone.
 *
 * @param limitMs Time after which the answer is not waited for.
 */
export async function question<Answer>(limitMs: number, ask: () => Promise<Answer>): Promise<Question<Answer>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Question<Answer>>((resolve) => {
    timer = setTimeout(() => resolve({ unknown: `no answer within ${limitMs / 1000} s` }), limitMs);
  });
  const answer = ask().then(
    (one): Question<Answer> => ({ answer: one }),
    (error: unknown): Question<Answer> => ({
      unknown: harmless(error instanceof Error ? error.message : String(error)),
    }),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
