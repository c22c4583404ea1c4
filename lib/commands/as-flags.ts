import { ConfigurationError } from '../config/configuration-error';

/** Context that this command has a word of its own for. */
const WORDS: Readonly<Record<string, string>> = {
  env: '--env ...',
  phase: 'A or B, such as 2',
  from: 'A or B, such as 2+1',
};

/** The same complaint in the words of this command, which sets by `--set` what `cdk` sets by `--context`. */
export function asFlags(error: ConfigurationError, flag: string): ConfigurationError {
  return new ConfigurationError(
    error.subject,
    error.problems.map((problem) => {
      const [, key] = /^--context (.*)=\.\.\.$/.exec(problem.where) ?? [];
      return key === undefined ? problem : { ...problem, where: WORDS[key] ?? `${flag} ${key}=...` };
    }),
  );
}
