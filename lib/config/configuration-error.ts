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
    subject: string,
    readonly problems: readonly Problem[],
  ) {
    const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
    super([`${count} in ${subject}`, ...problems.map(describe)].join('\n'));
  }
}

function describe({ key, received, allowed, where }: Problem): string {
  const got = received === undefined ? '' : `received ${JSON.stringify(received)}; `;
  return `  ${key}: ${got}allowed: ${allowed}; set it in ${where}`;
}
