import { ConfigurationError, type Problem } from '../config/configuration-error';

/** Context that commands have words of their own for. */
const WORDS: Readonly<Record<string, string>> = {
  env: '--env ...',
  phase: 'A or B, such as 2',
  from: 'A or B, such as 2+1',
};

/**
 * The same complaint in the words of a command, which sets by `--set` what `cdk` sets by `--context`.
 *
 * @param flag What sets a key there, or undefined when nothing does.
 * @param own Words of this command alone.
 */
export function asFlags(
  error: ConfigurationError,
  flag?: string,
  own: Readonly<Record<string, string>> = {},
): ConfigurationError {
  const inWords = (words: string): string =>
    words.replace(/--context (\S+)=\.\.\./g, (whole, key: string) => {
      return wordsOf(key, own) ?? (flag === undefined ? whole : `${flag} ${key}=...`);
    });
  const problems = error.problems.map(({ orBy, ...problem }): Problem => {
    const other = flag === undefined || orBy === undefined ? {} : { orBy: inWords(orBy) };
    return { ...problem, where: inWords(problem.where), ...other };
  });
  return new ConfigurationError(error.subject, problems);
}

/** Words of a key, which may be one that every object has by itself, such as `__proto__`. */
function wordsOf(key: string, own: Readonly<Record<string, string>>): string | undefined {
  return [own, WORDS].find((words) => Object.hasOwn(words, key))?.[key];
}
