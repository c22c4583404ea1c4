import { parseArgs } from 'node:util';

/** What a rehearsal is asked to do. */
export interface Options {
  /** Environment whose file in `config/` is deployed. */
  readonly environment: string;
  /** First phase to deploy; every later one up to `to` is an update of the same stacks. */
  readonly from: number;
  readonly to: number;
  /** Endpoint of an engine that already runs; left out, one is started and stopped. */
  readonly engine?: string;
  /** Further settings, as for `cdk deploy --context`. */
  readonly context: Readonly<Record<string, string>>;
}

/** What the choices may be. */
export interface Allowed {
  readonly environments: readonly string[];
  readonly lastPhase: number;
}

/** The user asked for something that is not on offer: one message, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** prod has what the smaller ones lack: gateways in three zones, interface endpoints, several replicas. */
const DEFAULT_ENVIRONMENT = 'prod';

export function usage({ environments, lastPhase }: Allowed): string {
  return `Usage: npm run rehearse -- [options]

Deploys phase after phase into a local AWS engine and reads back what really exists.

  --env NAME           ${environments.join(', ')} (default ${DEFAULT_ENVIRONMENT})
  --from N, --to N     first and last phase, 0 to ${lastPhase} (default: all)
  --context KEY=VALUE  a setting, as for cdk deploy; may be repeated
  --engine URL         use the engine that already runs there; it is neither started nor stopped
  --help               this text
`;
}

/**
 * Parses a command line.
 *
 * @returns the options, or undefined when the user asked for help.
 * @throws UsageError that says what was received and what is allowed.
 */
export function parseArguments(args: readonly string[], allowed: Allowed): Options | undefined {
  const values = read(args);
  if (values.help) return undefined;
  const environment = values.env ?? DEFAULT_ENVIRONMENT;
  if (!allowed.environments.includes(environment)) {
    throw new UsageError(`--env: received "${environment}"; allowed: ${allowed.environments.join(', ')}`);
  }
  const from = phase('--from', values.from ?? '0', allowed.lastPhase);
  const to = phase('--to', values.to ?? String(allowed.lastPhase), allowed.lastPhase);
  if (from > to) throw new UsageError(`--from ${from} comes after --to ${to}`);
  return {
    environment,
    from,
    to,
    context: Object.fromEntries((values.context ?? []).map(setting)),
    ...(values.engine !== undefined && { engine: endpoint(values.engine) }),
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        env: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        engine: { type: 'string' },
        context: { type: 'string', short: 'c', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    // Node's own message goes on about positional arguments after its first sentence.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(`${sentence}; npm run rehearse -- --help lists the options`);
  }
}

function phase(option: string, text: string, last: number): number {
  if (/^\d$/.test(text) && Number(text) <= last) return Number(text);
  throw new UsageError(`${option}: received "${text}"; allowed: a phase from 0 to ${last}`);
}

function setting(text: string): readonly [string, string] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new UsageError(`--context: received "${text}"; allowed: KEY=VALUE`);
  }
  if (['phase', 'env', 'from'].includes(key)) throw new UsageError(`--context ${key}: use --env, --from or --to`);
  return [key, value];
}

function endpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Dummy credentials and everything that is deployed stay on this machine.
  const local = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === undefined || !local) {
    throw new UsageError(`--engine: received "${text}"; allowed: http://localhost:PORT, on this machine only`);
  }
  return url.origin;
}
