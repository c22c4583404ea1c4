/** One thing that is wrong with a configuration, in the words the user needs. */
export interface Problem {
  /** Dotted path, for example `app.instanceType`. */
  readonly key: string;
  /** The value as received; left out when the key itself is the problem. */
  readonly received?: unknown;
  /** Text as it was received, when JSON would show it otherwise, for example `1e999`. */
  readonly written?: string;
  /** Set when nobody said the value: it stands in no file and on no command line. */
  readonly isDefault?: true;
  /** Allowed values, without a leading capital. */
  readonly allowed: string;
  /** Place to set it: a file, or the command line. */
  readonly where: string;
  /** Another place, for what is set nowhere yet: a flag, such as `--context app.maxNodes=...`. */
  readonly orBy?: string;
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

function describe({ key, received, written, isDefault, allowed, where, orBy }: Problem): string {
  const value = received === undefined ? '' : `received ${shown(written ?? json(received))}`;
  const got = value === '' ? '' : `${value}${isDefault ? ', the default' : ''}; `;
  return `  ${key}: ${got}allowed: ${allowed}; set it in ${where}${orBy === undefined ? '' : ` or by ${orBy}`}`;
}

/** JSON knows no infinite number and writes null for it, which nobody gave. */
function json(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner,
  );
}

function shown(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}
