import { actionOf } from './authorization';

/** One call of AWS by a script or a handler: what it asks for, and where it stands. */
export interface Call {
  /** `ssm:GetParameter`; several when one command asks for several. */
  readonly actions: readonly string[];
  /** Name of the parameter that it is about, as far as the text tells; `*` for what it does not. */
  readonly parameter?: string;
  readonly where: string;
  /** Function of a shell library that makes the call. */
  readonly within?: string;
}

/** What makes calls with a role: a script, a handler, an agent, a service of AWS. */
export interface Caller {
  /** `<stack>/<logical id>` of the role. */
  readonly role: string;
  readonly calls: readonly Call[];
}

/** Services whose commands bear another name than their actions. */
const PREFIXES: Readonly<Record<string, string>> = { deploy: 'codedeploy', elbv2: 'elasticloadbalancing', s3api: 's3' };

/** Commands that ask for something else than their name says. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  's3api get-object': ['s3:GetObject', 's3:GetObjectVersion'],
  's3api head-object': ['s3:GetObject'],
  's3api list-objects-v2': ['s3:ListBucket'],
  's3api put-object': ['s3:PutObject'],
  'elbv2 wait target-deregistered': ['elasticloadbalancing:DescribeTargetHealth'],
  'elbv2 wait target-in-service': ['elasticloadbalancing:DescribeTargetHealth'],
};

/** How scripts call what holds an `s3://` address, where its text does not say so. */
const ADDRESSES = /^"?(s3:\/\/|\$\{?(uri|kept|TOOLS|TOOLCHAIN_URI)\b)/;

/** A shell script, with the functions that it defines apart. */
export interface Script {
  readonly name: string;
  /** All commands, outside of functions. */
  readonly main: readonly string[];
  readonly functions: ReadonlyMap<string, readonly string[]>;
  readonly variables: ReadonlyMap<string, string>;
}

/** Reads a script as far as calls need it: commands in one line each, comments gone, functions by their names. */
export function scriptOf(name: string, text: string): Script {
  const main: string[] = [];
  const functions = new Map<string, string[]>();
  const variables = new Map<string, string>();
  let open: string[] | undefined;
  for (const line of text.replace(/\\\n\s*/g, ' ').split('\n')) {
    if (/^\s*#/.test(line)) continue;
    const [, started] = /^(?:function )?([a-z_][a-z0-9_]*)\(\) *[{(]/.exec(line) ?? [];
    if (started !== undefined) {
      open = [];
      functions.set(started, open);
    }
    const [, variable, value] = /^\s*(?:local |export )?([a-z_]+)="?([^"$(]*\$ENVIRONMENT[^"]*)"?$/.exec(line) ?? [];
    if (variable !== undefined && value !== undefined) variables.set(variable, value);
    (open ?? main).push(line);
    if (/^[})]/.test(line) || (started !== undefined && /[})] *$/.test(line))) open = undefined;
  }
  return { name, main, functions, variables };
}

/** The calls that a script makes, those of the functions it uses, its own or a library's, included. */
export function callsOf(script: Script, libraries: readonly Script[] = []): Call[] {
  const functions = new Map(
    [...libraries, script].flatMap((one) => [...one.functions].map(([f, b]) => [f, [one, b]] as const)),
  );
  const seen = new Set<string>();
  const from = (owner: Script, lines: readonly string[], within?: string): Call[] => {
    const own = lines.flatMap((line) => callsInLine(owner, line, aliases, within));
    const words = new Set(lines.flatMap((line) => line.match(/(?<![\w$-])[a-z_][a-z0-9_]*(?![\w=-])/g) ?? []));
    const called = [...functions].filter(([name]) => words.has(name) && !seen.has(name));
    for (const [name] of called) seen.add(name);
    return [...own, ...called.flatMap(([name, [place, body]]) => from(place, body, name))];
  };
  const aliases = aliasesIn(functions);
  return from(script, script.main);
}

/** Functions that hand all they get to one service: `elbv2() { aws elbv2 "$@"; }`. */
function aliasesIn(functions: ReadonlyMap<string, readonly [Script, readonly string[]]>): ReadonlyMap<string, string> {
  return new Map(
    [...functions].flatMap(([name, [, body]]) => {
      const [, service] = /\baws ([a-z0-9]+) "\$@"/.exec(body.join('\n')) ?? [];
      return service === undefined ? [] : [[name, service] as const];
    }),
  );
}

const STARTS = String.raw`(?:^|[\s;&|({])`;

function callsInLine(
  script: Script,
  line: string,
  aliases: ReadonlyMap<string, string>,
  within: string | undefined,
): Call[] {
  const names = ['aws', ...aliases.keys()].join('|');
  const expression = new RegExp(
    `${STARTS}(${names}) +((?:--[a-z-]+(?:[ =][^-\\s]\\S*)? +)*)([a-z0-9][a-z0-9-]*)( +[a-z0-9-]+)?([^|;&]*)`,
    'g',
  );
  return [...line.matchAll(expression)].flatMap(([whole, name = '', , first = '', second = '', rest = '']) => {
    const alias = aliases.get(name);
    const [service, command, others] =
      alias === undefined ? [first, second.trim(), rest] : [alias, first, `${second}${rest}`];
    if (command === '' || whole.includes('--no-sign-request')) return [];
    const parameter = service === 'ssm' ? parameterIn(script, others) : undefined;
    return [
      {
        actions: actionsFor(script, service, command, others),
        where: `${script.name}: ${line.trim()}`,
        ...(parameter !== undefined && { parameter }),
        ...(within !== undefined && { within }),
      },
    ];
  });
}

function actionsFor(script: Script, service: string, command: string, rest: string): readonly string[] {
  const [waited = ''] = command === 'wait' ? rest.trim().split(' ') : [];
  const known = COMMANDS[`${service} ${command}${waited && ` ${waited}`}`];
  if (known !== undefined) return known;
  if (service === 's3' && command === 'cp') return copied(script, rest);
  const name = command.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const action = `${PREFIXES[service] ?? service}:${name}`;
  return [OPERATIONS[action] ?? action];
}

function copied(script: Script, rest: string): readonly string[] {
  const [from = '', to = ''] = (rest.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? []).filter((word) => !word.startsWith('-'));
  const [fromThere, toThere] = [from, to].map((word) => ADDRESSES.test(word.replace(/^'/, '')));
  if (fromThere === toThere) throw new Error(`${script.name}: which way does \`aws s3 cp${rest}\` copy? See calls.ts`);
  return fromThere ? ['s3:GetObject'] : ['s3:PutObject'];
}

function parameterIn(script: Script, rest: string): string | undefined {
  const [, written] = /--(?:names?|path) "?([^"\s]+)/.exec(rest) ?? [];
  const known = written?.replace(/\$\{?([a-z_]+)\}?/g, (all, name: string) => script.variables.get(name) ?? all);
  return known?.replace(/\$\{?ENVIRONMENT\}?/g, '<environment>').replace(/\$\{?\w+\}?/g, '*');
}

/** Packages of the SDK whose service bears another name among actions. */
const CLIENTS: Readonly<Record<string, string>> = {
  sesv2: 'ses',
  'secrets-manager': 'secretsmanager',
  'auto-scaling': 'autoscaling',
  'cloudwatch-logs': 'logs',
};

/** Operations whose action bears another name. */
const OPERATIONS: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };

/** Libraries that call AWS by themselves. */
const LIBRARIES: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /\bDynamoDBPersistenceLayer\(/,
    // Source: https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/ (2026-11-21)
    ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
  ],
];

/** The calls that a source file in TypeScript makes by the AWS SDK. @throws Error for a command of no known client. */
export function callsInSource(name: string, text: string): Call[] {
  const clients = new Map<string, string>();
  for (const [, names = '', client = ''] of text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9-]+)'/g)) {
    for (const one of names.split(',')) clients.set(one.replace(/^\s*type\s/, '').trim(), CLIENTS[client] ?? client);
  }
  const commands = [...text.matchAll(/\bnew (\w+)Command\(|\bpaginate(\w+)\(/g)].map(([, made, paged]): Call => {
    const operation = made ?? paged ?? '';
    const client = clients.get(made === undefined ? `paginate${operation}` : `${operation}Command`);
    if (client === undefined) throw new Error(`${name}: of which client is ${operation}?`);
    const action = `${client}:${operation}`;
    return { actions: [OPERATIONS[action] ?? action], where: `${name}: ${operation}` };
  });
  const byLibraries = LIBRARIES.filter(([sign]) => sign.test(text)).map(
    ([sign, actions]): Call => ({
      actions,
      where: `${name}: ${sign.source}`,
    }),
  );
  return [...commands, ...byLibraries];
}

/** Calls that AWS has no action for: a mistake of the script, or of what is known here. */
export async function unknownActions(calls: readonly Call[]): Promise<string[]> {
  const found = await Promise.all(
    calls.flatMap(({ actions, where }) =>
      actions.map(async (action) => ((await actionOf(action)) === undefined ? `${where}: ${action} is no action` : [])),
    ),
  );
  return found.flat();
}
