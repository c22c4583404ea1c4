/** Contents of an application's secret; its fields bear the names that Secrets Manager's own rotation functions use. */
export interface ApplicationSecret {
  readonly username: string;
  readonly password: string;
  /** ARN of the secret of the administrator who makes roles and sets passwords. */
  readonly masterarn: string;
  /** Missing in a secret that RDS manages, which holds a name and a password alone. */
  readonly host?: string;
  readonly port?: number;
  readonly dbname?: string;
}

/** The administrator's secret, as CloudFormation completes it for an instance or a cluster, or as RDS makes it. */
export interface MasterSecret {
  readonly username: string;
  readonly password: string;
  readonly host?: string;
  readonly port?: number;
  readonly dbname?: string;
}

/** A database, and who logs in to it. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

const CLONE = '_clone';
/** PostgreSQL cuts longer names off without a word: two users would become one. */
const MOST_BYTES = 63;

/** The three roles of an application: two users in turn, and the one that owns what either of them makes. */
export interface RoleNames {
  readonly owner: string;
  readonly users: readonly [string, string];
}

/** @throws Error when a name would be longer than PostgreSQL keeps. */
export function roleNames(username: string): RoleNames {
  const base = username.endsWith(CLONE) ? username.slice(0, -CLONE.length) : username;
  const names = { owner: `${base}_owner`, users: [base, `${base}${CLONE}`] } as const;
  for (const name of [names.owner, ...names.users]) {
    if (base === '' || Buffer.byteLength(name) > MOST_BYTES) {
      throw new Error(
        `the user name ${JSON.stringify(username)} makes the role ${name}; expected 1 to ${MOST_BYTES} bytes`,
      );
    }
  }
  return names;
}

/** The other of the two users. */
export function alternateOf(username: string): string {
  const [first, second] = roleNames(username).users;
  return username === first ? second : first;
}

/** @throws Error when the text is no such secret; its message holds nothing of the text. */
export function applicationSecret(text: string): ApplicationSecret {
  const secret = fieldsOf(text, 'the secret of the application');
  return { ...secret, masterarn: textIn(secret, 'masterarn'), ...login(secret), ...target(secret) };
}

/** @throws Error when the text is no such secret; its message holds nothing of the text. */
export function masterSecret(text: string): MasterSecret {
  const secret = fieldsOf(text, 'the secret of the administrator');
  return { ...login(secret), ...target(secret) };
}

/** Address of the database: the application's secret goes before the administrator's. */
export function loginOf(
  who: Pick<MasterSecret, 'username' | 'password'>,
  places: readonly Pick<MasterSecret, 'host' | 'port' | 'dbname'>[],
): Login {
  const first = <Key extends 'host' | 'port' | 'dbname'>(key: Key): MasterSecret[Key] =>
    places.map((place) => place[key]).find((value) => value !== undefined);
  const [host, database] = [first('host'), first('dbname')];
  if (host === undefined || database === undefined) {
    throw new Error('neither secret says which host and database it is for (host, dbname)');
  }
  return { host, port: first('port') ?? 5432, database, user: who.username, password: who.password };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string, name: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the text.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is no JSON object`);
  return value as Fields;
}

function login(secret: Fields): { readonly username: string; readonly password: string } {
  return { username: textIn(secret, 'username'), password: textIn(secret, 'password') };
}

function target({ host, port, dbname }: Fields): Pick<MasterSecret, 'host' | 'port' | 'dbname'> {
  return {
    ...(typeof host === 'string' && { host }),
    // CloudFormation writes a number, a person perhaps text.
    ...(port !== undefined && { port: Number(port) }),
    ...(typeof dbname === 'string' && { dbname }),
  };
}

function textIn(secret: Fields, name: string): string {
  const value = secret[name];
  if (typeof value !== 'string' || value === '') throw new Error(`the secret has no text ${name}`);
  return value;
}
