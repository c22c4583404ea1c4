/** One thing that is wrong with a configuration, in the words the user needs. */
export interface Problem {
  /** Dotted path, for example `app.instanceType`. */
  readonly key: string;
  /** The value as received; left out when the key itself is the problem. */
  readonly received?: unknown;
  /** What is allowed, without a leading capital. */
  readonly allowed: string;
  /** Where to set it: a file, or the command line. */
  readonly where: string;
}

/** Bad input by the user: shown as its message alone, never with a stack trace. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(
    readonly subject: string,
    readonly problems: readonly Problem[],
  ) {
    const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
    super([`${count} in ${subject}`, ...problems.map(describe)].join('\n'));
  }
}

/** A value is shown up to here: a whole file given by mistake must not push the message off the screen. */
const SHOWN = 80;

function describe({ key, received, allowed, where }: Problem): string {
  const got = received === undefined ? '' : `received ${shown(JSON.stringify(received))}; `;
  return `  ${key}: ${got}allowed: ${allowed}; set it in ${where}`;
}

function shown(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}
