import { ASKED_TOO_OFTEN, asked, UnreachableError } from '../preflight/asked';
import { OperatorError } from './operator-error';

/**
 * Answer of AWS, undefined when the thing is not there. Missing credentials, network or permission become one message;
 * an `OperatorError` of the question itself goes through.
 *
 * @param what Completes "AWS does not ...", such as `list the releases`.
 * @throws OperatorError when it does not answer, or refuses.
 */
export async function answered<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  let own: OperatorError | undefined;
  try {
    const outcome = await asked(async () => {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof OperatorError) own = error;
        throw error;
      }
    });
    if (own !== undefined) throw own;
    if ('answer' in outcome) return outcome.answer;
    const advice = outcome.refused.startsWith(ASKED_TOO_OFTEN)
      ? 'try again in a minute'
      : 'docs/operating.md lists what each command asks of AWS';
    throw new OperatorError(`AWS does not ${what}: ${outcome.refused}; ${advice}`);
  } catch (error) {
    throw error instanceof UnreachableError ? new OperatorError(error.message) : error;
  }
}

/**
 * The same of what has to be there.
 *
 * @param gone Message when it is not.
 * @throws OperatorError then, too.
 */
export async function answeredBy<Answer>(what: string, gone: string, ask: () => Promise<Answer>): Promise<Answer> {
  const outcome = await answered(what, async () => ({ answer: await ask() }));
  if (outcome === undefined) throw new OperatorError(gone);
  return outcome.answer;
}
